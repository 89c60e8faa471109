import { defineGame } from "../../src/game/schema/define-game.ts";
import { t } from "../../src/game/schema/field-types.ts";

/** A game whose things move: followers, every audience, and each way a field stands in a delta record. */
export const motionGame = defineGame({
  name: "motion",
  tickRate: 30,
  input: {},
  entities: {
    ship: {
      x: t.fixed(-256, 256, 1 / 64).follows("vx"),
      y: t.fixed(-256, 256, 1 / 64).follows("vy"),
      vx: t.fixed(-128, 128, 1 / 16),
      vy: t.fixed(-128, 128, 1 / 16),
      hp: t.uint(100).default(100),
      aim: t.angle(10),
      isOn: t.bool(),
      score: t.int(-70_000, 70_000),
      at: t.vec2(-10, 10, 0.5),
      target: t.id(),
      label: t.text(16),
      note: t.optional(t.uint(9)),
      fuel: t.uint(300).visibleTo("team"),
      heat: t.fixed(0, 50, 0.1).follows("warming").visibleTo("owner"),
      warming: t.fixed(-20, 20, 0.3).visibleTo("owner"),
      secret: t.uint(9).visibleTo("server"),
    },
    shot: { x: t.fixed(-256, 256, 1 / 64).follows("vx"), vx: t.fixed(-128, 128, 1 / 16) },
    empty: {},
  },
});

/** A game of few fields, for blocks that are written by hand. */
export const smallGame = defineGame({
  name: "small",
  tickRate: 10,
  input: {},
  entities: {
    ship: {
      x: t.fixed(-10, 10, 1).follows("vx"),
      vx: t.fixed(-10, 10, 1),
      hp: t.uint(9),
      isOn: t.bool(),
      note: t.text(3),
      data: t.bytes(4),
      fuel: t.uint(9).visibleTo("owner"),
    },
    empty: {},
  },
});
