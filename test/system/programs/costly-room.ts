// A room whose every player costs a known time in each tick, on the wall: what the knee is, can be computed.
import { defineGame, defineRoom, t } from "tickwire";

export const PLAYER_MS = 0.5;

const game = defineGame({
  name: "costly",
  tickRate: 30,
  avatar: "runner",
  input: { run: t.fixed(-1, 1, 1 / 64) },
  entities: { runner: { x: t.fixed(-100, 100, 1 / 64) } },
  step: {
    runner(me, input, world) {
      me.x += input.run * 10 * world.dt;
    },
  },
});

export const room = defineRoom(game, {
  onJoin(world, player) {
    player.entity = world.spawn("runner", {});
  },
  onTick(world) {
    const endMs = performance.now() + PLAYER_MS * world.runner.size;
    while (performance.now() < endMs);
  },
});
