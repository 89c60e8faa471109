import type { FieldSpec } from "./field-spec.ts";
import type { ValueCounters } from "./value-counters.ts";

/**
 * A field whose value one number holds. Three faces: what game code reads and writes, the number that is
 * stored (a fixed keeps its fractions there), and the replica, the integer that everyone is sent.
 */
export interface Scalar {
  /** Stored number when game code gave none. */
  readonly initial: number;
  /** Bounds of the replica. */
  readonly least: number;
  readonly most: number;
  /**
   * What may be stored as it is, without asking `store`: "any" number within `low … high`, only a "whole" one,
   * or "none". For accessors and captures, which cannot afford a call per value.
   */
  readonly direct: "any" | "whole" | "none";
  /** Size of a step when the replica is ⌊stored ÷ step + ½⌋ within its bounds; 0 when `quantize` must be asked. */
  readonly step: number;
  readonly low: number;
  readonly high: number;
  /** Game value to stored number; what is no lawful value keeps `old` or clamps, and is counted. */
  store(value: unknown, old: number, counters: ValueCounters): number;
  load(stored: number): unknown;
  quantize(stored: number): number;
  /** The stored number a replica stands for. */
  dequantize(replica: number): number;
}

export const TAU = 2 * Math.PI;
/** The largest number below 2π. */
const BELOW_TAU = TAU * (1 - Number.EPSILON / 2);
/** Entity ids are index × 2^20 + generation. */
export const MAX_ENTITY_ID = 2 ** 40 - 1;
const same = (value: number): number => value;

export function boolScalar(): Scalar {
  return {
    ...{ initial: 0, least: 0, most: 1, direct: "none", step: 1, low: 0, high: 1 },
    store: (value) => (value ? 1 : 0),
    load: (stored) => stored === 1,
    quantize: same,
    dequantize: same,
  };
}

export function intScalar(least: number, most: number): Scalar {
  return {
    ...{
      initial: Math.min(Math.max(0, least), most),
      least,
      most,
      direct: "whole",
      step: 1,
      low: least,
      high: most,
    },
    store(value, old, counters) {
      if (typeof value !== "number" || Number.isNaN(value)) return keep(old, counters);
      let whole = value;
      if (value % 1 !== 0) {
        // Infinity has no fraction to lose: it clamps below.
        whole = Math.floor(value + 0.5);
        if (Number.isFinite(value)) counters.rounded += 1;
      }
      return clamp(whole, least, most, counters) + 0;
    },
    load: same,
    quantize: same,
    dequantize: same,
  };
}

export function fixedScalar(min: number, max: number, step: number): Scalar {
  const least = leastMultiple(min, step);
  const most = mostMultiple(max, step);
  return {
    ...{ initial: Math.min(Math.max(0, min), max), least, most, direct: "any", step, low: min, high: max },
    store(value, old, counters) {
      if (typeof value !== "number" || Number.isNaN(value)) return keep(old, counters);
      return clamp(value, min, max, counters);
    },
    load: same,
    quantize(stored) {
      const multiple = Math.floor(stored / step + 0.5);
      return multiple < least ? least : multiple > most ? most : multiple;
    },
    dequantize: (replica) => replica * step,
  };
}

/** The bounds of a fixed in steps. The tolerance forgives 0.3 / 0.1 = 2.999…. */
export function leastMultiple(min: number, step: number): number {
  return Math.ceil(min / step - 1e-9) + 0;
}

export function mostMultiple(max: number, step: number): number {
  return Math.floor(max / step + 1e-9) + 0;
}

export function angleScalar(bits: number): Scalar {
  const directions = 2 ** bits;
  return {
    ...{ initial: 0, least: 0, most: directions - 1, direct: "any", step: 0, low: 0, high: BELOW_TAU },
    store(value, old, counters) {
      if (typeof value !== "number" || !Number.isFinite(value)) return keep(old, counters);
      if (value >= 0 && value < TAU) return value;
      const wrapped = value - TAU * Math.floor(value / TAU);
      // Rounding can land a hair outside for values just below 0 or enormous ones.
      return wrapped >= 0 && wrapped < TAU ? wrapped : 0;
    },
    load: same,
    quantize: (stored) => Math.floor((stored / TAU) * directions + 0.5) % directions,
    dequantize: (replica) => (replica * TAU) / directions,
  };
}

export function idScalar(): Scalar {
  return {
    ...{ initial: 0, least: 0, most: MAX_ENTITY_ID, direct: "none", step: 1, low: 0, high: MAX_ENTITY_ID },
    store(value, old, counters) {
      if (value === undefined) return 0;
      if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_ENTITY_ID) {
        return value;
      }
      return keep(old, counters);
    },
    load: (stored) => (stored === 0 ? undefined : stored),
    quantize: same,
    dequantize: same,
  };
}

export function choiceScalar(choices: readonly string[]): Scalar {
  return {
    ...{
      initial: 0,
      least: 0,
      most: choices.length - 1,
      direct: "none",
      step: 1,
      low: 0,
      high: choices.length - 1,
    },
    store(value, old, counters) {
      const index = choices.indexOf(value as string);
      return index < 0 ? keep(old, counters) : index;
    },
    load: (stored) => choices[stored],
    quantize: same,
    dequantize: same,
  };
}

/** The scalar that holds a field, or each half of a vec2; undefined for fields no number holds. */
export function scalarOf(spec: FieldSpec): Scalar | undefined {
  switch (spec.type) {
    case "bool":
      return boolScalar();
    case "uint":
      return intScalar(0, spec.max!);
    case "int":
      return intScalar(spec.min!, spec.max!);
    case "fixed":
    case "vec2":
      return fixedScalar(spec.min!, spec.max!, spec.step!);
    case "angle":
      return angleScalar(spec.bits!);
    case "id":
      return idScalar();
    case "oneOf":
      return choiceScalar(spec.choices!);
    default:
      return undefined;
  }
}

function keep(old: number, counters: ValueCounters): number {
  counters.refused += 1;
  return old;
}

function clamp(value: number, min: number, max: number, counters: ValueCounters): number {
  if (value >= min && value <= max) return value;
  counters.clamped += 1;
  return value < min ? min : max;
}
