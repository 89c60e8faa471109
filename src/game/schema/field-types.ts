import type { EntityId, Field, Vec2 } from "./field.ts";
import type { Audience, FieldSpec } from "./field-spec.ts";

/** The types of a field are phantoms: at run time every field is one of these. */
class DeclaredField {
  readonly spec: FieldSpec;

  constructor(spec: FieldSpec) {
    this.spec = spec;
  }

  default(value: unknown): DeclaredField {
    return new DeclaredField({ ...this.spec, default: value });
  }

  visibleTo(audience: Audience): DeclaredField {
    return new DeclaredField({ ...this.spec, visibleTo: audience });
  }

  follows(rate: string): DeclaredField {
    return new DeclaredField({ ...this.spec, follows: rate });
  }
}

function field<T>(spec: FieldSpec): Field<T> {
  return new DeclaredField(spec) as unknown as Field<T>;
}

/** The field types. A wrong range is refused by `defineGame`, which can name the field. */
export interface FieldTypes {
  bool(): Field<boolean>;
  /** Whole numbers 0 … max. */
  uint(max: number): Field<number>;
  /** Whole numbers min … max. */
  int(min: number, max: number): Field<number>;
  /** Multiples of `step` within min … max. In the simulation it keeps fractions of step ÷ 64; everyone is sent whole steps. */
  fixed(min: number, max: number, step: number): Field<number>;
  /** Radians in [0, 2π), sent as one of 2^bits directions. Other values wrap. */
  angle(bits: number): Field<number>;
  /** Two `fixed` numbers. */
  vec2(min: number, max: number, step: number): Field<Vec2>;
  /** At most `maxBytes` bytes of UTF-8. Longer text is cut between characters. */
  text(maxBytes: number): Field<string>;
  /** At most `maxBytes` bytes, copied on the way in and out. More are cut. */
  bytes(maxBytes: number): Field<Uint8Array>;
  /** Another entity, or none. */
  id(): Field<EntityId | undefined>;
  oneOf<const C extends readonly [string, ...string[]]>(...choices: C): Field<C[number]>;
  optional<T>(inner: Field<T>): Field<T | undefined>;
  /** At most `max` values. Assign a new list to change it. */
  list<T>(inner: Field<T>, max: number): Field<readonly T[]>;
}

export const t: FieldTypes = {
  bool: () => field({ type: "bool" }),
  uint: (max) => field({ type: "uint", max }),
  int: (min, max) => field({ type: "int", min, max }),
  fixed: (min, max, step) => field({ type: "fixed", min, max, step }),
  angle: (bits) => field({ type: "angle", bits }),
  vec2: (min, max, step) => field({ type: "vec2", min, max, step }),
  text: (maxBytes) => field({ type: "text", maxBytes }),
  bytes: (maxBytes) => field({ type: "bytes", maxBytes }),
  id: () => field({ type: "id" }),
  oneOf: (...choices) => field({ type: "oneOf", choices }),
  optional: (inner) => field({ type: "optional", inner: inner.spec }),
  list: (inner, max) => field({ type: "list", max, inner: inner.spec }),
};
