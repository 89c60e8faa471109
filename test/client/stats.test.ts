import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { expect, test } from "vitest";

const game = defineGame({
  name: "pushed",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: { walker: { x: t.fixed(-1_000, 1_000, 1 / 64) } },
  messages: { push: { from: "client", fields: {} } },
  avatar: "walker",
  step: {
    walker(walker, input, world) {
      walker.x += input.move.x * world.dt;
    },
  },
});
const room = defineRoom(game, {
  onJoin(world, player) {
    player.entity = world.spawn("walker");
  },
  onMessage: {
    push(_world, player) {
      player.entity!.x += 1;
    },
  },
});

test("corrections per minute are those of the last minute, also after a restart", () => {
  const simulation = new Simulation(room, { seed: 6, link: { latencyMs: 30 }, client: { rejoin: true } });
  const me = simulation.join();
  simulation.run(2);
  const push = (): void => {
    me.send("push", {});
    simulation.run(1);
  };
  for (let i = 0; i < 3; i += 1) push();
  expect(me.stats).toMatchObject({ corrections: 3, correctionsPerMinute: 3 });
  simulation.restart(0.2);
  simulation.run(2);
  push();
  expect(me.stats).toMatchObject({ corrections: 4, correctionsPerMinute: 4, rejoins: 1 });
  simulation.run(57);
  expect(me.stats.correctionsPerMinute).toBe(1);
  simulation.run(10);
  expect(me.stats).toMatchObject({ corrections: 4, correctionsPerMinute: 0 });
});
