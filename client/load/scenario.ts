import { type LinkOptions, linkPlan } from "./link-profiles.ts";

/** A stretch of a load test: so many clients, for so long. */
export interface Stage {
  readonly clients: number;
  /** How long it lasts, the ramp to its clients not counted. */
  readonly seconds: number;
  /** How long the way from the stage before takes. Default 0: at once. */
  readonly rampSeconds?: number;
  /** Of the clients, so many leave each second while others come. Default 0. */
  readonly churnPerSecond?: number;
  /** False for what is left out of all figures, as a warm-up is. Default true. */
  readonly isMeasured?: boolean;
}

/** What the server has to hold while the knee is searched for. */
export interface Objective {
  /** Default 150. */
  readonly maxInputToStateP99Ms?: number;
  /** Default: three quarters of a tick. */
  readonly maxTickP99Ms?: number;
}

/** Looks for the largest number of clients that meets an objective. */
export interface KneeSearch {
  readonly least: number;
  readonly most: number;
  /** How long each number is tried, its warm-up not counted. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** It ends when it is known within so much of itself. Default 5. */
  readonly withinPercent?: number;
  readonly objective?: Objective;
}

/** What a load test does: stages one after the other, or a search. */
export type Scenario = {
  readonly name: string;
  /** The way that players play through. A flag takes the place of what it says; default: none. */
  readonly link?: LinkOptions;
} & ({ readonly stages: readonly Stage[] } | { readonly knee: KneeSearch });

export const SCENARIOS = ["steady", "knee", "spike", "churn", "soak"] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export interface ScenarioSize {
  readonly clients: number;
  readonly rampSeconds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** Of the clients, so much of a hundred leave and come each second of "churn". */
const CHURN_PERCENT = 2;
/** The quiet before and after a spike has so much of its clients. */
const QUIET_SHARE = 1 / 4;
const KNEE_LEAST = 10;

/**
 * For a scenario file: `export default defineScenario({ name: "evening", stages: [...] })`.
 *
 * @throws RangeError with one sentence.
 */
export function defineScenario(scenario: Scenario): Scenario {
  const problem = problemOf(scenario);
  if (problem !== undefined) throw new RangeError(problem);
  return scenario;
}

/** The scenario that a flag names. */
export function namedScenario(name: ScenarioName, size: ScenarioSize): Scenario {
  const { clients, rampSeconds, seconds, warmUpSeconds } = size;
  const warmUp = (count: number): Stage => ({
    clients: count,
    rampSeconds,
    seconds: warmUpSeconds,
    isMeasured: false,
  });
  switch (name) {
    case "knee":
      return { name, knee: { least: Math.min(KNEE_LEAST, clients), most: clients, seconds, warmUpSeconds } };
    case "spike": {
      const quiet = Math.max(1, Math.round(clients * QUIET_SHARE));
      const third = seconds / 3;
      const stages = [warmUp(quiet), { clients: quiet, seconds: third }, { clients, seconds: third }];
      return { name, stages: [...stages, { clients: quiet, seconds: third }] };
    }
    case "churn": {
      const churnPerSecond = (clients * CHURN_PERCENT) / 100;
      return { name, stages: [warmUp(clients), { clients, seconds, churnPerSecond }] };
    }
    default:
      return { name, stages: [warmUp(clients), { clients, seconds }] };
  }
}

/** The most clients that it asks for at once. */
export function mostClients(scenario: Scenario): number {
  if ("knee" in scenario) return scenario.knee.most;
  return Math.max(...scenario.stages.map(({ clients }) => clients));
}

/** How long it takes at least, searches left out. */
export function plannedSeconds(scenario: Scenario): number | undefined {
  if ("knee" in scenario) return undefined;
  return scenario.stages.reduce((sum, { seconds, rampSeconds }) => sum + seconds + (rampSeconds ?? 0), 0);
}

const MOST_CLIENTS = 100_000;
const MOST_SECONDS = 1_000_000;

/** Why a scenario cannot be; undefined when it can. */
export function problemOf(scenario: Scenario): string | undefined {
  if (typeof scenario !== "object" || scenario === null) return "a scenario is an object";
  if (typeof scenario.name !== "string" || scenario.name === "") return "a scenario has a name";
  const problem = linkProblem(scenario.link);
  if (problem !== undefined) return problem;
  if ("knee" in scenario) return kneeProblem(scenario.knee);
  const { stages } = scenario;
  if (!Array.isArray(stages) || stages.length === 0) return "a scenario has stages, or a knee to look for";
  for (const [i, stage] of stages.entries()) {
    const problem =
      outside("clients", stage.clients, 1, MOST_CLIENTS) ??
      outside("seconds", stage.seconds, 0, MOST_SECONDS) ??
      outside("rampSeconds", stage.rampSeconds ?? 0, 0, MOST_SECONDS) ??
      outside("churnPerSecond", stage.churnPerSecond ?? 0, 0, MOST_CLIENTS);
    if (problem !== undefined) return `stage ${i + 1}: ${problem}`;
    if (!Number.isInteger(stage.clients)) return `stage ${i + 1}: clients is a whole number`;
  }
  if (stages.every(({ isMeasured, seconds }) => isMeasured === false || seconds === 0)) {
    return "no stage of the scenario is measured";
  }
  return undefined;
}

function kneeProblem({ least, most, seconds, warmUpSeconds, withinPercent }: KneeSearch): string | undefined {
  return (
    outside("least", least, 1, MOST_CLIENTS) ??
    outside("most", most, least, MOST_CLIENTS) ??
    outside("seconds", seconds, 0.5, MOST_SECONDS) ??
    outside("warmUpSeconds", warmUpSeconds, 0, MOST_SECONDS) ??
    outside("withinPercent", withinPercent ?? 5, 0.1, 100)
  );
}

function linkProblem(link: LinkOptions | undefined): string | undefined {
  if (link === undefined) return undefined;
  if (typeof link !== "object" || link === null) return "the link of a scenario is an object";
  try {
    linkPlan(link);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function outside(name: string, value: unknown, least: number, most: number): string | undefined {
  if (typeof value === "number" && value >= least && value <= most) return undefined;
  return `${name} is a number from ${least} to ${most}, not ${JSON.stringify(value) ?? "nothing"}`;
}
