import type { SchemaIssue, StandardSchema } from "./standard-schema.ts";

/*
 * What a message with a schema carries: its value as JSON.
 *
 *   [ messageIndex, JSON str ]
 *
 * Both ends ask the schema: the sender whether what the other end will read is lawful, the receiver what to make of it.
 */

/** Arrays and objects in one another. What looks into values calls itself, and deeper ones would end its stack. */
export const MAX_JSON_DEPTH = 64;
const MAX_PROBLEM_CHARS = 200;

/** A value as the schema gives it, or a sentence about what is wrong. */
export type SchemaVerdict<T = unknown> =
  | { readonly value: T; readonly problem?: undefined }
  /** `fault`: it is not the value that is wrong but the schema. */
  | { readonly value?: undefined; readonly problem: string; readonly fault?: unknown };

/** Reads JSON from a stranger and asks the schema. Never throws. */
export function readPayload(schema: StandardSchema, json: string): SchemaVerdict {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { problem: "is no JSON" };
  }
  const shape = shapeProblem(value, MAX_JSON_DEPTH);
  return shape === undefined ? verdictOn(schema, value) : { problem: shape };
}

/** A value as JSON, if the other end will find that lawful. Never throws. */
export function payloadJson(schema: StandardSchema, value: unknown): SchemaVerdict<string> {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    return { problem: `is not for JSON: ${shortText(error)}` };
  }
  if (json === undefined) return { problem: `is not for JSON: it is ${typeof value}` };
  // What is read again, not what was given: a Date arrives as text, and NaN as null.
  const verdict = readPayload(schema, json);
  return verdict.problem === undefined ? { value: json } : verdict;
}

/** True for what answers later. What it then says, nobody hears; that must not end the process. */
export function isLater(result: unknown): boolean {
  if (typeof result !== "object" || result === null || !("then" in result)) return false;
  if (typeof result.then !== "function") return false;
  result.then(ignore, ignore);
  return true;
}

function ignore(): void {}

function verdictOn(schema: StandardSchema, value: unknown): SchemaVerdict {
  try {
    const result: unknown = schema["~standard"].validate(value);
    if (isLater(result)) return faulty(new Error("its schema answers later, with a promise: none can wait"));
    if (typeof result !== "object" || result === null) {
      return faulty(new Error(`its schema answers ${result} instead of a result`));
    }
    const { value: output, issues } = result as { value?: unknown; issues?: readonly SchemaIssue[] };
    return issues ? { problem: issuesText(issues) } : { value: output };
  } catch (error) {
    return faulty(error);
  }
}

function faulty(fault: unknown): SchemaVerdict {
  return { problem: `its schema failed: ${shortText(fault)}`, fault: fault ?? new Error(`threw ${fault}`) };
}

/** Too deep, or with a member that becomes the prototype of what it is copied into. */
function shapeProblem(value: unknown, depth: number): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === 0) return `is nested deeper than ${MAX_JSON_DEPTH}`;
  if (Object.hasOwn(value, "__proto__")) return "has a member __proto__";
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    const problem = shapeProblem(inner, depth - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Of the first issue: `text.0: too long`. */
function issuesText([first]: readonly SchemaIssue[]): string {
  const path = (first?.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  const message = String(first?.message ?? "is refused by its schema");
  return (path.length === 0 ? message : `${path.join(".")}: ${message}`).slice(0, MAX_PROBLEM_CHARS);
}

function shortText(error: unknown): string {
  try {
    return String(error).slice(0, MAX_PROBLEM_CHARS);
  } catch {
    return "an error without a text";
  }
}
