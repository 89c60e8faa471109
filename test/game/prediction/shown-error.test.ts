import { describe, expect, test } from "vitest";
import { predictedKinds } from "../../../src/game/prediction/predicted-kind.ts";
import { GONE_MS, ShownError, shareLeft } from "../../../src/game/prediction/shown-error.ts";
import { replicaPlans } from "../../../src/game/replication/replica-plan.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";

const game = defineGame({
  name: "slips",
  tickRate: 30,
  input: {},
  entities: {
    thing: {
      x: t.fixed(-500, 500, 1 / 64).follows("vx"),
      y: t.fixed(-500, 500, 1 / 64),
      vx: t.fixed(-100, 100, 1 / 16),
      heading: t.angle(8),
      hp: t.uint(100),
    },
  },
}) as unknown as Game<Shape>;
const [kind] = predictedKinds(replicaPlans(game));
const column = Object.fromEntries(kind!.plan.schema.fields.map((field) => [field.name, field.column]));

function state(values: Readonly<Record<string, number>>): Float64Array {
  const numbers = new Float64Array(kind!.numberColumns);
  for (const [name, value] of Object.entries(values)) numbers[column[name]!] = value;
  return numbers;
}

function at(error: ShownError, name: string, nowMs: number): number {
  return error.at(
    kind!.smoothed.findIndex(({ field }) => field.name === name),
    nowMs,
  );
}

test("places, what follows a rate and angles are smoothed; what is more than a slip is not", () => {
  const limits = kind!.smoothed.map(({ field, snapBeyond }) => [field.name, snapBeyond]);
  // A quarter of a second at 100 a second; a tenth of 1,000.
  expect(Object.fromEntries(limits)).toEqual({ x: 25, y: 100, heading: Number.POSITIVE_INFINITY });
});

describe("a slip", () => {
  test("halves every 60 ms, never grows, and is gone at 250 ms", () => {
    expect(shareLeft(-5)).toBe(1);
    expect(shareLeft(0)).toBe(1);
    expect(shareLeft(60)).toBeCloseTo(0.5, 2);
    expect(shareLeft(120)).toBeCloseTo(0.25, 1);
    for (let ms = 0; ms < GONE_MS; ms += 1) expect(shareLeft(ms + 1)).toBeLessThan(shareLeft(ms));
    expect(shareLeft(GONE_MS)).toBe(0);
  });

  test("is shown from where it was, the short way around for angles", () => {
    const error = new ShownError(kind!);
    expect(error.isNone).toBe(true);
    expect(error.add(state({ x: 5, heading: 0.1 }), state({ x: 8, heading: 6.2 }), 0, 1000)).toBe(false);
    expect(at(error, "x", 1000)).toBe(-3);
    expect(at(error, "y", 1000)).toBe(0);
    expect(at(error, "heading", 1000)).toBeCloseTo(0.1 + 2 * Math.PI - 6.2, 12);
    expect(at(error, "x", 1060)).toBeCloseTo(-1.5, 1);
    expect(at(error, "x", 1250)).toBe(0);
  });

  test("fades by itself, however many follow it", () => {
    const error = new ShownError(kind!);
    error.add(state({ x: 10 }), state({}), 0, 0);
    for (let ms = 10; ms <= 400; ms += 10) {
      const before = at(error, "x", ms);
      error.add(state({ x: 0.5 }), state({}), 0, ms);
      // What is shown does not jump.
      expect(at(error, "x", ms)).toBeCloseTo(before + 0.5, 9);
    }
    // 250 ms after the last, that is. More than 16 at once were made fewer.
    expect(Math.abs(at(error, "x", 650))).toBe(0);
  });

  test("of a teleport is none, and what was shown of others before it neither", () => {
    const error = new ShownError(kind!);
    error.add(state({ x: 10, heading: 1 }), state({}), 0, 0);
    expect(error.add(state({ y: 150, heading: 1 }), state({}), 0, 10)).toBe(true);
    expect(error.isNone).toBe(true);
    expect(error.add(state({ x: 26 }), state({}), 0, 20)).toBe(true);
    expect(error.add(state({ x: 24 }), state({}), 0, 20)).toBe(false);
  });
});
