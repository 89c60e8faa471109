import { defineBot, defineGame, defineRoom, t } from "../../../src/mod.ts";

const game = defineGame({
  name: "wrong",
  tickRate: 30,
  input: { gear: t.uint(5) },
  entities: { ship: { hp: t.uint(100), x: t.fixed(-1, 1, 0.5) } },
  messages: {
    boom: { from: "server", fields: { power: t.uint(9) } },
    shout: { from: "client", fields: { text: t.text(4) } },
  },
});

/** Writes what its fields cannot hold, each tick. */
export const room = defineRoom(game, {
  onCreate(world) {
    world.spawn("ship");
  },
  onTick(world) {
    for (const ship of world.ship) {
      ship.hp = 101;
      ship.x = Number.NaN;
    }
    world.broadcast("boom", { power: 2.5 });
    if (world.tick === 2) throw new Error("three ticks have run");
  },
});

/** Wants what its input cannot hold, and says what its message cannot. */
export const bot = defineBot(game, (me) => {
  me.send("shout", { text: "hello" });
  return { gear: 6 };
});
