import { defineGame, defineRoom, t } from "tickwire";

const SIDE = 100;
const DRIFTERS = 8;
const FILLER = "x".repeat(200);

/** A small 30 Hz game beside which the server sends each player as much as it is let. */
export const greedyGame = defineGame({
  name: "greedy",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: {
    ship: { x: t.fixed(-SIDE, SIDE, 1 / 64), y: t.fixed(-SIDE, SIDE, 1 / 64), hp: t.uint(100) },
    drifter: {
      x: t.fixed(-SIDE, SIDE, 1 / 64),
      y: t.fixed(-SIDE, SIDE, 1 / 64),
      vx: t.fixed(-32, 32, 1 / 16),
      vy: t.fixed(-32, 32, 1 / 16),
    },
  },
  messages: {
    filler: { from: "server", channel: "unreliable", fields: { text: t.text(FILLER.length) } },
  },
  avatar: "ship",
  step: {
    ship(ship, input, world) {
      ship.x += input.move.x * 20 * world.dt;
      ship.y += input.move.y * 20 * world.dt;
    },
    drifter(drifter, _input, world) {
      if (Math.abs(drifter.x) > SIDE - 2) drifter.vx = -drifter.vx;
      if (Math.abs(drifter.y) > SIDE - 2) drifter.vy = -drifter.vy;
      drifter.x += drifter.vx * world.dt;
      drifter.y += drifter.vy * world.dt;
    },
  },
});

export const greedyRoom = defineRoom(greedyGame, {
  onCreate(world) {
    for (let i = 0; i < DRIFTERS; i += 1) {
      world.spawn("drifter", {
        x: (world.random() - 0.5) * SIDE,
        y: (world.random() - 0.5) * SIDE,
        vx: (world.random() - 0.5) * 40,
        vy: (world.random() - 0.5) * 40,
      });
    }
  },
  onJoin(world, player) {
    player.entity = world.spawn("ship", {});
  },
  onTick(world) {
    for (const player of world.players) while (player.send("filler", { text: FILLER }) === "queued");
  },
});
