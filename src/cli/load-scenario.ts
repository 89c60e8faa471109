import {
  namedScenario,
  type Objective,
  problemOf,
  SCENARIOS,
  type Scenario,
  type ScenarioName,
} from "../../client/load/scenario.ts";
import { fileExists, fileUrl } from "../runtime-adapters/process.ts";
import { UsageError } from "./usage-error.ts";

export interface ScenarioOptions {
  readonly scenario: string;
  readonly clients: number;
  readonly rampSeconds: number;
  readonly warmUpSeconds: number;
  /** Default 30; 600 for "soak". */
  readonly seconds?: number;
  readonly maxInputToStateP99Ms?: number;
  readonly maxTickP99Ms?: number;
}

const DEFAULT_SECONDS = 30;
/** Long enough for what grows slowly to show. */
const SOAK_SECONDS = 600;

/** The scenario that is named, or that a file has as its default export. Throws a UsageError with one sentence. */
export async function readScenario(options: ScenarioOptions): Promise<Scenario> {
  const { scenario: name } = options;
  const seconds = options.seconds ?? (name === "soak" ? SOAK_SECONDS : DEFAULT_SECONDS);
  const scenario = isName(name) ? namedScenario(name, { ...options, seconds }) : await loadScenario(name);
  if (!("knee" in scenario)) return scenario;
  // What elsewhere is a threshold is the objective of a search.
  const { maxInputToStateP99Ms, maxTickP99Ms } = options;
  const objective: Objective = {
    ...scenario.knee.objective,
    ...(maxInputToStateP99Ms !== undefined && { maxInputToStateP99Ms }),
    ...(maxTickP99Ms !== undefined && { maxTickP99Ms }),
  };
  return { ...scenario, knee: { ...scenario.knee, objective } };
}

async function loadScenario(file: string): Promise<Scenario> {
  if (!fileExists(file))
    throw new UsageError(`no scenario '${file}': it is ${SCENARIOS.join(", ")} or a file`);
  let exported: { readonly default?: unknown };
  try {
    exported = await import(fileUrl(file).href);
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new UsageError(`scenario file '${file}' could not be loaded: ${line}`);
  }
  if (exported.default === undefined) throw new UsageError(`scenario file '${file}' has no default export`);
  const scenario = exported.default as Scenario;
  const problem = problemOf(scenario);
  if (problem !== undefined) throw new UsageError(`scenario file '${file}': ${problem}`);
  return scenario;
}

function isName(text: string): text is ScenarioName {
  return (SCENARIOS as readonly string[]).includes(text);
}
