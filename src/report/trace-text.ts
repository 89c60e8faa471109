import type {
  TracedField,
  TracedKind,
  TracedOther,
  TraceHeader,
  TraceTick,
} from "../../client/trace-format.ts";

/** A trace as it was read. */
export interface Trace {
  readonly header: TraceHeader;
  readonly ticks: readonly TraceTick[];
}

/** What it says completes "the trace 'trace.jsonl' …", and names the line. */
export class TraceTextError extends Error {
  override readonly name = "TraceTextError";
}

type Json = Readonly<Record<string, unknown>>;

const VERSION: TraceHeader["version"] = 1;
/** Of a tick: what is a number, and what may be null instead. */
const NUMBERS = [
  ...["tick", "ms", "confirmedTick", "corrections", "replayedTicks", "leadTicks", "wantedLeadTicks"],
  ...["interpolationMs", "viewTick", "freezes", "extrapolatedTicks", "jitterMs", "lossPercent"],
];
const NUMBERS_OR_NULL = ["id", "predictedOff", "shownOff", "rttMs"];
const STATES = ["predicted", "shown", "truth"];

/**
 * Reads the text of a trace, see `client/trace-format.ts`. A last line without its end is still being written, and left
 * out. @throws TraceTextError
 */
export function readTraceText(text: string): Trace {
  const lines = text.split("\n");
  lines.pop();
  const header = readLine<TraceHeader>(lines, 0, checkHeader);
  const fieldCounts = new Map(header.kinds.map(({ name, fields }) => [name, fields.length]));
  const ticks: TraceTick[] = [];
  for (let at = 1; at < lines.length; at += 1) {
    const tick = readLine<TraceTick>(lines, at, (value) => checkTick(value, fieldCounts));
    const before = ticks[ticks.length - 1]?.tick ?? -1;
    if (tick.tick <= before) fail(at, `its tick ${tick.tick} does not come after ${before}`);
    ticks.push(tick);
  }
  return { header, ticks };
}

/** `check` says what is wrong with the value, undefined if nothing is. */
function readLine<T>(lines: readonly string[], at: number, check: (value: Json) => string | undefined): T {
  const line = lines[at];
  if (line === undefined) throw new TraceTextError("is malformed in line 1: there is none");
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    fail(at, "it is not JSON");
  }
  if (!isRecord(value)) return fail(at, "it is no JSON object");
  const wrong = check(value);
  if (wrong !== undefined) fail(at, wrong);
  return value as T;
}

function fail(at: number, why: string): never {
  throw new TraceTextError(`is malformed in line ${at + 1}: ${why}`);
}

function checkHeader({ format, version, game, tickRate, bot, kinds }: Json): string | undefined {
  if (format !== "tickwire-trace") return `it is no header of a trace`;
  if (version !== VERSION) return `its version is not ${VERSION}`;
  if (typeof game !== "string" || typeof bot !== "string") return `"game" and "bot" are not both text`;
  if (!isNumber(tickRate) || tickRate <= 0) return `"tickRate" is no number above 0`;
  if (!Array.isArray(kinds) || !kinds.every(isKind)) return `"kinds" are not the kinds of a game`;
  return undefined;
}

function isKind(kind: unknown): kind is TracedKind {
  if (!isRecord(kind) || typeof kind.name !== "string") return false;
  const { fields, place } = kind;
  if (!Array.isArray(fields) || !Array.isArray(place)) return false;
  return fields.every(isField) && place.every((at) => Number.isInteger(at) && at >= 0 && at < fields.length);
}

function isField(field: unknown): field is TracedField {
  return isRecord(field) && typeof field.name === "string" && isNumber(field.step) && isNumber(field.turn);
}

function checkTick(value: Json, fieldCounts: ReadonlyMap<string, number>): string | undefined {
  for (const name of NUMBERS) if (!isNumber(value[name])) return `"${name}" is no number`;
  for (const name of NUMBERS_OR_NULL) {
    if (value[name] !== null && !isNumber(value[name])) return `"${name}" is neither a number nor null`;
  }
  const { kind, other } = value;
  const fieldCount = kind === null ? 0 : fieldCounts.get(kind as string);
  if (fieldCount === undefined) return `"kind" is none of the header's`;
  for (const name of STATES) {
    const state = value[name];
    if (state === null && (kind === null || name === "truth")) continue;
    if (!isState(state, fieldCount, isNumber)) return `"${name}" does not hold the numbers of its kind`;
  }
  return other === null || isOther(other, fieldCounts) ? undefined : `"other" is no entity`;
}

function isOther(other: unknown, fieldCounts: ReadonlyMap<string, number>): other is TracedOther {
  if (!isRecord(other) || !isNumber(other.id)) return false;
  const fieldCount = fieldCounts.get(other.kind as string);
  const isSeen = (value: unknown): boolean => value === null || isNumber(value);
  if (fieldCount === undefined || !isState(other.shown, fieldCount, isSeen) || !isSeen(other.off))
    return false;
  return other.told === null || isState(other.told, fieldCount, isSeen);
}

function isState(state: unknown, size: number, isRight: (value: unknown) => boolean): boolean {
  return Array.isArray(state) && state.length === size && state.every(isRight);
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
