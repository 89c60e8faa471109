/** Games as plain data, and values for their fields out of one number each. */
import fc from "fast-check";
import type { Game } from "../../src/game/schema/define-game.ts";
import { defineGame } from "../../src/game/schema/define-game.ts";
import type { AnyField, Fields } from "../../src/game/schema/field.ts";
import type { Audience } from "../../src/game/schema/field-spec.ts";
import { t } from "../../src/game/schema/field-types.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";

/** Of an entity, "moving" is two fields: one, and the rate it follows. Elsewhere it is a fixed. */
const TYPES = [
  ...(["bool", "uint", "int", "fixed", "angle", "vec2", "text", "id", "oneOf", "bytes", "moving"] as const),
];
export interface FieldPlan {
  readonly type: (typeof TYPES)[number];
  /** Bits, bytes or steps: what the type makes of it. */
  readonly size: number;
  readonly wrapped: "no" | "optional" | "list";
  readonly audience: Audience;
}
export interface GamePlan {
  readonly input: readonly FieldPlan[];
  readonly kinds: readonly (readonly FieldPlan[])[];
  readonly messages: readonly (readonly FieldPlan[])[];
}

const field: fc.Arbitrary<FieldPlan> = fc.record({
  type: fc.constantFrom(...TYPES),
  size: fc.integer({ min: 1, max: 24 }),
  wrapped: fc.constantFrom("no", "no", "no", "optional", "list"),
  audience: fc.constantFrom("everyone", "everyone", "owner", "server"),
});
export const gamePlans: fc.Arbitrary<GamePlan> = fc.record({
  input: fc.array(field, { maxLength: 5 }),
  kinds: fc.array(fc.array(field, { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  messages: fc.array(fc.array(field, { maxLength: 5 }), { minLength: 1, maxLength: 3 }),
});

function plainField({ type, size }: FieldPlan): AnyField {
  switch (type) {
    case "bool":
      return t.bool();
    case "uint":
      return t.uint(2 ** size - 1);
    case "int":
      return t.int(-(2 ** size), 2 ** size - 1);
    case "fixed":
    case "moving":
      return t.fixed(-(2 ** (size % 8)), 2 ** (size % 9), 1 / 2 ** (size % 7));
    case "angle":
      return t.angle(size);
    case "vec2":
      return t.vec2(-size, size, 1 / 64);
    case "text":
      return t.text(size);
    case "id":
      return t.id();
    case "bytes":
      return t.bytes(size);
    default:
      return t.oneOf(...(Array.from({ length: size }, (_, n) => `choice ${n}`) as [string, ...string[]]));
  }
}

function fieldOf(plan: FieldPlan, isEntity: boolean): AnyField {
  const inner = plainField(plan);
  let field: AnyField = inner;
  // An id may be none by itself; an optional of one would have two forms of it.
  if (plan.wrapped === "optional" && plan.type !== "id") field = t.optional(inner as never) as AnyField;
  if (plan.wrapped === "list") field = t.list(inner as never, 3) as AnyField;
  return isEntity ? field.visibleTo(plan.audience) : field;
}

function fieldsOf(plans: readonly FieldPlan[], isEntity: boolean): Fields {
  return Object.fromEntries(
    plans.flatMap((plan, n): [string, AnyField][] => {
      if (!isEntity || plan.type !== "moving") return [[`f${n}`, fieldOf(plan, isEntity)]];
      const { size, audience } = plan;
      const place = t.fixed(-8 * size, 8 * size, 1 / 2 ** (size % 7)).follows(`r${n}`);
      const rate = t.fixed(-size, size, 1 / 2 ** (size % 5));
      return [
        [`f${n}`, place.visibleTo(audience)],
        [`r${n}`, rate.visibleTo(audience)],
      ];
    }),
  );
}

/** Lets what has a rate move by it. */
export function moveAll(plan: GamePlan, world: object, dt: number): void {
  for (const [kind, fields] of plan.kinds.entries()) {
    const moving = [...fields.keys()].filter((n) => fields[n]!.type === "moving");
    const all = (world as Record<string, Iterable<Record<string, number>>>)[`kind${kind}`]!;
    for (const entity of all) for (const n of moving) entity[`f${n}`]! += entity[`r${n}`]! * dt;
  }
}

export function gameOf(plan: GamePlan): Game<Shape> {
  const named = <T>(
    prefix: string,
    list: readonly (readonly FieldPlan[])[],
    make: (one: readonly FieldPlan[]) => T,
  ) => Object.fromEntries(list.map((one, n) => [`${prefix}${n}`, make(one)]));
  return defineGame({
    name: "random",
    tickRate: 30,
    input: fieldsOf(plan.input, false),
    entities: named("kind", plan.kinds, (fields) => fieldsOf(fields, true)) as never,
    messages: named("message", plan.messages, (fields) => ({
      from: "both" as const,
      fields: fieldsOf(fields, false),
    })),
  }) as unknown as Game<Shape>;
}

/** A value for the field: lawful, or what careless game code writes. */
export function fieldValue(plan: FieldPlan, seed: number): unknown {
  const chance = new SeededRandom(seed);
  if (plan.wrapped === "optional" && chance.below(3) === 0) return undefined;
  if (plan.wrapped === "list") return Array.from({ length: chance.below(5) }, () => plainValue(plan, chance));
  return plainValue(plan, chance);
}

function plainValue({ type, size }: FieldPlan, chance: SeededRandom): unknown {
  const number = (): number =>
    chance.below(8) === 0
      ? [0, -1, 2 ** size, -(2 ** size), 1e300, Number.POSITIVE_INFINITY, Number.NaN, 0.5][chance.below(8)]!
      : (chance.next() - 0.5) * 2 ** (size + 1);
  switch (type) {
    case "bool":
      return chance.below(2) === 1;
    case "vec2":
      return { x: number(), y: number() };
    case "text":
      return Array.from({ length: chance.below(size + 3) }, () => LETTERS[chance.below(LETTERS.length)]).join(
        "",
      );
    case "bytes":
      return chance.below(8) === 0
        ? "no bytes"
        : new Uint8Array(chance.below(size + 3)).fill(chance.below(256));
    case "id":
      return chance.below(3) === 0 ? undefined : chance.below(2 ** 32) * 256;
    case "oneOf":
      return `choice ${chance.below(size + 1)}`;
    default:
      return number();
  }
}

/** One to four bytes, a mark of byte order, and half of a pair. */
const LETTERS = ["a", "b", " ", "é", "€", "😀", "\ufeff", "\ud800", "\u0000"];

export function recordOf(plans: readonly FieldPlan[], seed: number): Record<string, unknown> {
  return Object.fromEntries(plans.map((plan, n) => [`f${n}`, fieldValue(plan, seed * 31 + n)]));
}

/** The same for an entity, whose rates are small now and then. */
export function entityOf(plans: readonly FieldPlan[], seed: number): Record<string, unknown> {
  const record = recordOf(plans, seed);
  for (const [n, plan] of plans.entries()) {
    if (plan.type !== "moving") continue;
    const field: FieldPlan = { ...plan, wrapped: "no" };
    record[`f${n}`] = fieldValue(field, seed * 31 + n);
    record[`r${n}`] = (fieldValue(field, seed * 37 + n) as number) / (1 + (seed % 9));
  }
  return record;
}
