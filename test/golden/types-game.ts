import { defineGame } from "../../src/game/schema/define-game.ts";
import { t } from "../../src/game/schema/field-types.ts";

/** A game with every type of field, every channel and every audience. */
export const typesGame = defineGame({
  name: 'every "type" \\ größe',
  tickRate: 20,
  input: { turn: t.int(-3, 300), at: t.vec2(-1, 1, 0.1), aim: t.optional(t.angle(16)), word: t.text(5) },
  entities: {
    thing: {
      isOn: t.bool().default(true),
      count: t.uint(2 ** 32 - 1),
      offset: t.int(-(2 ** 31), 2 ** 31 - 1),
      low: t.int(5, 10),
      tenth: t.fixed(-1, 1, 0.1),
      fine: t.fixed(0, 0.00001, 1e-7).default(0.000005),
      coarse: t.fixed(-1000, 1000, 7),
      heading: t.angle(24),
      at: t.vec2(-10, 10, 0.5).default({ x: 1, y: -1 }),
      label: t.text(300),
      target: t.id(),
      mood: t.oneOf("calm", "angry", 'a "third"').default("angry"),
      maybe: t.optional(t.vec2(0, 3, 1)),
      path: t.list(t.vec2(0, 3, 1), 20),
      words: t.list(t.text(3), 3),
      maybeList: t.optional(t.list(t.optional(t.id()), 3)),
      ammo: t.uint(300).visibleTo("owner"),
      plan: t.optional(t.text(8)).visibleTo("owner"),
      secret: t.uint(1).visibleTo("server"),
    },
    empty: {},
    mine: { fuse: t.uint(9).visibleTo("owner") },
  },
  messages: {
    plain: { from: "both", fields: {} },
    quick: { from: "client", channel: "unreliable", fields: { at: t.vec2(0, 3, 1) } },
    first: { from: "both", channel: "unreliable-sequenced", fields: { n: t.uint(70_000) } },
    second: { from: "server", channel: "unreliable-sequenced", fields: { words: t.list(t.text(3), 3) } },
    loose: { from: "both", channel: "reliable-unordered", fields: {} },
    world: { from: "server", channel: "bulk", fields: { data: t.bytes(70_000) } },
    score: {
      ...{ from: "server", channel: "reliable-latest", key: "team" },
      fields: { points: t.uint(9), team: t.int(-2, 253) },
    },
    urgent: { from: "client", priority: 7, maxMessageBytes: 40, fields: { why: t.text(30) } },
    loose2: { from: "both", channel: "reliable-unordered", fields: { maybe: t.optional(t.bytes(3)) } },
  },
});
