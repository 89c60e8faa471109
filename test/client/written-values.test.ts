import { describe, expect, test } from "vitest";
import { WrittenValues } from "../../client/written-values.ts";
import { defineGame } from "../../src/game/schema/define-game.ts";
import { defineRoom } from "../../src/game/schema/define-room.ts";
import { t } from "../../src/game/schema/field-types.ts";
import { packInput, unpackInput } from "../../src/game/schema/input-codec.ts";
import type { ValueWarning } from "../../src/game/schema/value-warnings.ts";
import { Simulation } from "../../src/testing-door.ts";
import { handSchema } from "../game/schema/hand-schema.ts";

const game = defineGame({
  name: "written",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64), gear: t.uint(5), aim: t.angle(8) },
  entities: { ship: { x: t.uint(9) } },
  messages: {
    shout: { from: "client", fields: { text: t.text(4), times: t.uint(3) } },
    order: {
      from: "client",
      channel: "reliable-ordered",
      schema: handSchema<number>((value) =>
        typeof value === "number" ? { value } : { issues: [{ message: "must be a number" }] },
      ),
    },
  },
  avatar: "ship",
});

function written(isHeard = true) {
  const warnings: ValueWarning[] = [];
  const values = new WrittenValues(game, isHeard ? (warning) => warnings.push(warning) : undefined);
  let current = packInput(game, {});
  const set = (input: object): Readonly<Record<string, unknown>> => {
    current = values.packInput(input as never, current);
    return unpackInput(game, current);
  };
  return { values, warnings, set };
}

describe("what a player's code writes", () => {
  test("in an input is put right, counted, and told with what is sent", () => {
    const { values, warnings, set } = written();
    expect(set({ gear: 2, move: { x: 0.5, y: -1 }, aim: 100 })).toMatchObject({ gear: 2 });
    expect(values.counters).toEqual({ clamped: 0, rounded: 0, refused: 0, cut: 0 });
    expect(set({ gear: 9 }).gear).toBe(5);
    expect(set({ gear: Number.NaN }).gear).toBe(5);
    expect(set({ gear: 1.5 }).gear).toBe(2);
    expect(set({ move: { x: 3, y: 0 } }).move).toEqual({ x: 1, y: 0 });
    expect(values.counters).toEqual({ clamped: 2, rounded: 1, refused: 1, cut: 0 });
    expect(warnings).toEqual([
      { input: true, field: "gear", wrote: 9, kept: 5, reason: "clamped" },
      { input: true, field: "gear", wrote: Number.NaN, kept: 5, reason: "refused" },
      { input: true, field: "gear", wrote: 1.5, kept: 2, reason: "rounded" },
      { input: true, field: "move", wrote: { x: 3, y: 0 }, kept: { x: 1, y: 0 }, reason: "clamped" },
    ]);
  });

  test("is told once for each field and reason, and counted each time", () => {
    const { values, warnings, set } = written();
    for (let i = 0; i < 5; i += 1) set({ gear: 6 + i });
    expect(values.counters.clamped).toBe(5);
    expect(warnings).toEqual([{ input: true, field: "gear", wrote: 6, kept: 5, reason: "clamped" }]);
  });

  test("in a message is told by its name; what a schema refuses, with why", () => {
    const { values, warnings } = written();
    expect(values.encode("shout", { text: "hello", times: 2 })).toMatchObject({ key: 0 });
    expect(values.encode("order", "many")).toBe("invalid");
    expect(values.encode("order", 7)).toMatchObject({ key: 0 });
    expect(values.encode("whisper", {})).toBeUndefined();
    expect(values.counters).toEqual({ clamped: 0, rounded: 0, refused: 1, cut: 1 });
    expect(warnings).toEqual([
      { message: "shout", field: "text", wrote: "hello", kept: "hell", reason: "cut" },
      { message: "order", wrote: "many", problem: "must be a number", reason: "refused" },
    ]);
  });

  test("is counted where nobody wants to hear of it", () => {
    const { values, warnings, set } = written(false);
    set({ gear: 9 });
    expect(values.encode("order", "many")).toBe("invalid");
    expect(values.counters).toMatchObject({ clamped: 1, refused: 1 });
    expect(warnings).toEqual([]);
  });

  test("is known of each client of a simulation", () => {
    const warnings: ValueWarning[] = [];
    const room = defineRoom(game, {});
    const simulation = new Simulation(room, {
      seed: 1,
      client: { onValueWarning: (warning) => warnings.push(warning) },
      bot: { game, think: () => ({}) },
    });
    const [careful, careless] = [simulation.join(), simulation.join()];
    simulation.run(2);
    careless.setInput({ gear: 7 });
    expect(careless.send("order", "many" as never)).toBe("invalid");
    simulation.run(1);
    expect(careful.valueCounters).toEqual({ clamped: 0, rounded: 0, refused: 0, cut: 0 });
    expect(careless.valueCounters).toEqual({ clamped: 1, rounded: 0, refused: 1, cut: 0 });
    expect(warnings.map(({ field, message, reason }) => [field ?? message, reason])).toEqual([
      ["gear", "clamped"],
      ["order", "refused"],
    ]);
    // What arrives is lawful: to the room nothing is wrong.
    expect(simulation.server.room.valueCounters).toEqual({ clamped: 0, rounded: 0, refused: 0, cut: 0 });
  });
});
