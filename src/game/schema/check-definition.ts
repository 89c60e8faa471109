import { MAX_BULK_BYTES } from "../../net/bytes/message-limits.ts";
import { fieldCodec } from "./field-codec.ts";
import { AUDIENCES, type FieldSpec } from "./field-spec.ts";
import { followFactor } from "./follow-factor.ts";
import { leastMultiple, mostMultiple } from "./scalar.ts";
import { newValueCounters } from "./value-counters.ts";

/** Names a kind may not have, because `world.<kind>` would hide them. */
const RESERVED_KINDS: ReadonlySet<string> = new Set([
  ...["tick", "dt", "random", "math", "players", "near", "spawn", "despawn", "get", "broadcast"],
  ...["rewind", "state"],
]);
const RESERVED_FIELDS: ReadonlySet<string> = new Set(["id", "kind", "owner"]);
/** What a replica may be at most, and how many values a number may take. */
const MAX_VALUES = 2 ** 32;
/** |v·k·t| must stay below 2^53 to be exact: 2^20 steps per tick leave 2^33 ticks, over a year at 240 per second. */
const MAX_STEPS_PER_TICK = 2 ** 20;

/** Every refusal is an Error of one sentence that begins with the path of what is wrong. */
export function refuse(path: string, sentence: string): never {
  throw new Error(`${path}: ${sentence}`);
}

export function checkName(path: string, name: string): void {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name) || name in Object.prototype) {
    refuse(
      path,
      "a name is 1 to 64 letters, digits and _, begins with a letter, and is none that every object has",
    );
  }
}

export function checkKindName(name: string): void {
  checkName(name, name);
  if (RESERVED_KINDS.has(name)) refuse(name, `world.${name} exists already: choose another name`);
}

export function checkTickRate(path: string, tickRate: number): void {
  if (!Number.isInteger(tickRate) || tickRate < 1 || tickRate > 240) {
    refuse(path, `tickRate must be a whole number of ticks per second from 1 to 240, not ${tickRate}`);
  }
}

/** Checks one field among its siblings. `isEntity`: only entities have audiences, rates and reserved names. */
export function checkField(
  path: string,
  name: string,
  siblings: ReadonlyMap<string, FieldSpec>,
  isEntity: boolean,
): void {
  const spec = siblings.get(name)!;
  checkName(path, name);
  if (isEntity && RESERVED_FIELDS.has(name)) refuse(path, `every entity has its own ${name} already`);
  checkType(path, spec);
  if (spec.visibleTo !== undefined && !isEntity) refuse(path, "only fields of entities have an audience");
  if (spec.visibleTo !== undefined && !AUDIENCES.includes(spec.visibleTo)) {
    const choices = AUDIENCES.map((audience) => JSON.stringify(audience)).join(", ");
    refuse(path, `visibleTo takes one of ${choices}, not ${JSON.stringify(spec.visibleTo)}`);
  }
  if (spec.follows !== undefined) checkFollower(path, spec, siblings, isEntity);
  if (spec.default !== undefined) checkDefault(path, spec);
}

function checkFollower(
  path: string,
  spec: FieldSpec,
  siblings: ReadonlyMap<string, FieldSpec>,
  isEntity: boolean,
): void {
  const { follows: name = "" } = spec;
  if (!isEntity) refuse(path, "only fields of entities follow a rate");
  if (spec.type !== "fixed") refuse(path, `only a fixed follows a rate, and this is a ${spec.type}`);
  const rate = siblings.get(name);
  if (rate === undefined) refuse(path, `follows "${name}", but there is no such field beside it`);
  if (rate.type !== "fixed") refuse(path, `follows "${name}", which is a ${rate.type} and not a fixed`);
  // So there are no chains and no circles, and rates can stand before what follows them.
  if (rate.follows !== undefined) refuse(path, `follows "${name}", which follows "${rate.follows}" itself`);
  const [seer = "everyone", rateSeer = "everyone"] = [spec.visibleTo, rate.visibleTo];
  if (AUDIENCES.indexOf(rateSeer) > AUDIENCES.indexOf(seer)) {
    refuse(path, `is visible to ${seer} but follows "${name}", which only ${rateSeer} sees`);
  }
}

/** Checks that replicas of a follower are exact for as long as a room may run. */
export function checkFollowerSpeed(
  path: string,
  name: string,
  siblings: ReadonlyMap<string, FieldSpec>,
  tickRate: number,
): void {
  const { follows, step } = siblings.get(name)!;
  if (follows === undefined) return;
  const rate = siblings.get(follows)!;
  const fastest = Math.max(Math.abs(rate.min!), Math.abs(rate.max!));
  const stepsPerTick = (fastest / rate.step!) * followFactor(rate.step!, step!, tickRate);
  // Not "greater than": what is not a number must be refused too.
  if (!(stepsPerTick <= MAX_STEPS_PER_TICK)) {
    refuse(path, `follows "${follows}", which may move it ${stepsPerTick} steps per tick: at most 2^20`);
  }
}

function checkType(path: string, spec: FieldSpec): void {
  switch (spec.type) {
    case "uint":
      checkWhole(path, 0, spec.max!);
      break;
    case "int":
      checkWhole(path, spec.min!, spec.max!);
      break;
    case "fixed":
    case "vec2":
      checkFixed(path, spec.min!, spec.max!, spec.step!);
      break;
    case "angle":
      checkCount(path, "bits", spec.bits!, 24);
      break;
    case "text":
      checkCount(path, "the limit in bytes", spec.maxBytes!, 65_535);
      break;
    case "bytes":
      checkCount(path, "the limit in bytes", spec.maxBytes!, MAX_BULK_BYTES);
      break;
    case "oneOf":
      checkChoices(path, spec.choices!);
      break;
    case "list":
      checkCount(path, "the limit of a list", spec.max!, 4096);
      checkInner(path, spec.inner!);
      break;
    case "optional":
      if (spec.inner!.type === "optional") refuse(path, "an optional of an optional means nothing more");
      checkInner(path, spec.inner!);
      break;
    default:
  }
}

function checkInner(path: string, inner: FieldSpec): void {
  checkType(`${path}[]`, inner);
  if (inner.visibleTo !== undefined || inner.follows !== undefined || inner.default !== undefined) {
    refuse(path, "an audience, a rate or a default belongs to the whole field, not to the values inside it");
  }
}

function checkWhole(path: string, min: number, max: number): void {
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) {
    refuse(path, `its bounds ${min} … ${max} must be whole numbers`);
  }
  if (max < min) refuse(path, `its range ${min} … ${max} is empty`);
  if (max - min >= MAX_VALUES || Math.abs(min) > MAX_VALUES || Math.abs(max) > MAX_VALUES) {
    refuse(path, `its range ${min} … ${max} has too many values: at most 2^32 within ±2^32`);
  }
}

function checkFixed(path: string, min: number, max: number, step: number): void {
  if (!Number.isFinite(min) || !Number.isFinite(max))
    refuse(path, `its bounds ${min} … ${max} must be numbers`);
  if (max < min) refuse(path, `its range ${min} … ${max} is empty`);
  if (!(step > 0) || !Number.isFinite(step)) refuse(path, `its step must be positive, not ${step}`);
  // What divides by a fraction of it must stay finite.
  if (step < 1e-300) refuse(path, `its step ${step} is too small`);
  const least = leastMultiple(min, step);
  const most = mostMultiple(max, step);
  if (most < least) refuse(path, `its range ${min} … ${max} is empty: it holds no multiple of ${step}`);
  if (most - least >= MAX_VALUES || Math.abs(least) > MAX_VALUES || Math.abs(most) > MAX_VALUES) {
    refuse(path, `${min} … ${max} in steps of ${step} has too many values: at most 2^32 within ±2^32 steps`);
  }
}

function checkCount(path: string, what: string, count: number, most: number): void {
  if (!Number.isInteger(count) || count < 1 || count > most) {
    refuse(path, `${what} must be a whole number from 1 to ${most}, not ${count}`);
  }
}

function checkChoices(path: string, choices: readonly string[]): void {
  if (choices.length < 1 || choices.length > 256) refuse(path, "oneOf takes 1 to 256 choices");
  if (new Set(choices).size !== choices.length) refuse(path, "oneOf takes each choice once");
}

function checkDefault(path: string, spec: FieldSpec): void {
  const counters = newValueCounters();
  const codec = fieldCodec(spec);
  codec.pack(spec.default, codec.initial, counters);
  if (counters.clamped + counters.rounded + counters.refused + counters.cut > 0) {
    refuse(path, `its default ${JSON.stringify(spec.default)} is out of its range`);
  }
}
