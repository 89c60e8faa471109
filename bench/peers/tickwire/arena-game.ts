import { defineGame, defineRoom, t } from "../../../src/mod.ts";
import {
  DIRECTION_SCALE,
  newShip,
  PLACE_SCALE,
  type ServerLog,
  SIDE,
  SPEED,
  type Steering,
  stepShip,
  TICK_RATE,
} from "../fleet.ts";

export const MAX_PLAYERS = 500;
const MAX_SERIAL = 0xffff;

/** Numbers are as exact on the wire as those of the other peers. */
export const peersGame = defineGame({
  name: "peers",
  tickRate: TICK_RATE,
  input: {
    serial: t.uint(MAX_SERIAL),
    dx: t.fixed(-DIRECTION_SCALE, DIRECTION_SCALE, 1),
    dy: t.fixed(-DIRECTION_SCALE, DIRECTION_SCALE, 1),
  },
  entities: {
    ship: {
      x: t.fixed(0, SIDE, 1 / PLACE_SCALE).follows("vx"),
      y: t.fixed(0, SIDE, 1 / PLACE_SCALE).follows("vy"),
      vx: t.fixed(-SPEED, SPEED, 1),
      vy: t.fixed(-SPEED, SPEED, 1),
      hp: t.uint(255),
      serial: t.uint(MAX_SERIAL),
    },
  },
  avatar: "ship",
  step: {
    ship(ship, input: Steering, world) {
      stepShip(ship, input, () => world.random());
    },
  },
});

export function peersRoom(log: ServerLog) {
  return defineRoom(peersGame, {
    maxPlayers: MAX_PLAYERS,
    onJoin(world, player) {
      player.entity = world.spawn("ship", newShip(player.id));
    },
    onTick(world) {
      for (const { id, entity } of world.players) if (entity !== undefined) log.use(id, entity.serial);
      log.told(world.players.size);
    },
  });
}
