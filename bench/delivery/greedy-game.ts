import { defineGame, defineRoom, t } from "tickwire";

const SIDE = 100;
const DRIFTERS = 8;
const FILLER = new Uint8Array(4_000);
export const BLOB_BYTES = 4_000_000;

const input = { move: t.vec2(-1, 1, 1 / 64) };
const entities = {
  ship: { x: t.fixed(-SIDE, SIDE, 1 / 64), y: t.fixed(-SIDE, SIDE, 1 / 64), hp: t.uint(100) },
  drifter: {
    x: t.fixed(-SIDE, SIDE, 1 / 64),
    y: t.fixed(-SIDE, SIDE, 1 / 64),
    vx: t.fixed(-32, 32, 1 / 16),
    vy: t.fixed(-32, 32, 1 / 16),
  },
};

interface Moving {
  x: number;
  y: number;
}
const step = {
  ship(ship: Moving, { move }: { readonly move: Moving }, { dt }: { readonly dt: number }): void {
    ship.x += move.x * 20 * dt;
    ship.y += move.y * 20 * dt;
  },
  drifter(
    drifter: Moving & { vx: number; vy: number },
    _input: unknown,
    { dt }: { readonly dt: number },
  ): void {
    if (Math.abs(drifter.x) > SIDE - 2) drifter.vx = -drifter.vx;
    if (Math.abs(drifter.y) > SIDE - 2) drifter.vy = -drifter.vy;
    drifter.x += drifter.vx * dt;
    drifter.y += drifter.vy * dt;
  },
};

/** A small 30 Hz game beside which the server sends each player as much as it is let. */
export const greedyGame = defineGame({
  ...{ name: "greedy", tickRate: 30, input, entities, avatar: "ship", step },
  messages: {
    filler: { from: "server", channel: "bulk", fields: { data: t.bytes(FILLER.length) } },
  },
});

/** The same game beside which one large blob is sent. */
export const bulkGame = defineGame({
  ...{ name: "bulk", tickRate: 30, input, entities, avatar: "ship", step },
  messages: {
    blob: { from: "server", channel: "bulk", fields: { data: t.bytes(BLOB_BYTES) } },
  },
});

/** What moves by itself. */
export function spawnDrifters(world: {
  random(): number;
  spawn(kind: "drifter", values: { x: number; y: number; vx: number; vy: number }): unknown;
}): void {
  for (let i = 0; i < DRIFTERS; i += 1) {
    world.spawn("drifter", {
      x: (world.random() - 0.5) * SIDE,
      y: (world.random() - 0.5) * SIDE,
      vx: (world.random() - 0.5) * 40,
      vy: (world.random() - 0.5) * 40,
    });
  }
}

export const greedyRoom = defineRoom(greedyGame, {
  onCreate: spawnDrifters,
  onJoin(world, player) {
    player.entity = world.spawn("ship", {});
  },
  onTick(world) {
    for (const player of world.players) while (player.send("filler", { data: FILLER }) === "queued");
  },
});
