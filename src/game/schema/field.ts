import type { Audience, FieldSpec } from "./field-spec.ts";

/** One replicated value. `T` is what game code reads and writes. */
export interface Field<T, A extends Audience = "everyone"> {
  readonly "~value": T;
  readonly "~audience": A;
  /** What was declared, as plain data. */
  readonly spec: FieldSpec;
  /** Value at spawn when none is given. Without it: 0 (or the bound nearest to it), false, "", the first choice. */
  default(value: T): Field<T, A>;
  /** Keeps the field out of others' bytes: all but the owner's team's ("team"), the owner's ("owner"), anyone's ("server"). */
  visibleTo<B extends Audience>(audience: B): Field<T, B>;
  /** Names the sibling field which is this one's rate of change per second: while that foretells it, nothing is sent. */
  follows(rate: string): Field<T, A>;
}

export type AnyField = Field<unknown, Audience>;
export type Fields = { readonly [name: string]: AnyField };

export interface Vec2 {
  x: number;
  y: number;
}

/** Names one entity for as long as the room runs: no later entity gets the same. */
export type EntityId = number & { readonly "~id": "entity" };
export type PlayerId = number & { readonly "~id": "player" };

export type Value<F extends AnyField> = F["~value"];
export type Values<F extends Fields> = { -readonly [K in keyof F]: Value<F[K]> };
