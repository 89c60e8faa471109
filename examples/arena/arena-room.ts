// Server only: hits, scores, wrecks and chat. Never in a client's bundle.
import { defineRoom, type EntityOf, type WorldOf } from "tickwire";
import { arena, SHIP_RADIUS, WALL } from "./arena.ts";

export { bot } from "./arena-bot.ts";

const HIT_DAMAGE = 25;
const WRECK_TICKS = 90;

type World = WorldOf<typeof arena>;
type Ship = EntityOf<typeof arena, "ship">;
type Shot = EntityOf<typeof arena, "shot">;

const arenaRoom = defineRoom(arena, {
  maxPlayers: 1000,
  interest: { radius: 160 },
  onJoin(world, player) {
    player.entity = world.spawn("ship", { name: player.name, ...somewhere(world) });
    world.broadcast("chat", { text: `${player.name} joined` });
  },
  onDrop(world, player) {
    world.broadcast("chat", { text: `${player.name} is out of reach` });
  },
  onReconnect(world, player) {
    world.broadcast("chat", { text: `${player.name} is back` });
  },
  onLeave(world, player) {
    world.broadcast("chat", { text: `${player.name} left` });
  },
  onTick(world) {
    for (const ship of world.ship) if (ship.isWreck && world.tick >= ship.mendsAt) mend(world, ship);
    for (const shot of world.shot) {
      const struck = shipHitBy(world, shot);
      if (struck === undefined) continue;
      world.despawn(shot);
      struck.hp -= HIT_DAMAGE;
      if (struck.hp === 0) wreck(world, struck, shot);
    }
  },
  onMessage: {
    chat(world, player, { text }) {
      world.broadcast("chat", { text: `${player.name}: ${text}` });
    },
  },
});
export default arenaRoom;

function somewhere(world: World) {
  const side = WALL * 1.8;
  return { x: (world.random() - 0.5) * side, y: (world.random() - 0.5) * side };
}

/** A shot flies farther in a tick than a ship is wide: what counts is the whole way it came. */
function shipHitBy(world: World, shot: Shot): Ship | undefined {
  const wayX = shot.vx * world.dt;
  const wayY = shot.vy * world.dt;
  const way = world.math.hypot(wayX, wayY);
  const middle = { x: shot.x - wayX / 2, y: shot.y - wayY / 2 };
  for (const ship of world.near(middle, way / 2 + SHIP_RADIUS, "ship")) {
    if (ship.owner === shot.owner || ship.isWreck) continue;
    const x = ship.x - (shot.x - wayX);
    const y = ship.y - (shot.y - wayY);
    const along = Math.min(1, Math.max(0, (x * wayX + y * wayY) / (way * way || 1)));
    if (world.math.hypot(x - along * wayX, y - along * wayY) <= SHIP_RADIUS) return ship;
  }
  return undefined;
}

function wreck(world: World, ship: Ship, shot: Shot): void {
  ship.isWreck = true;
  ship.mendsAt = world.tick + WRECK_TICKS;
  ship.vx = 0;
  ship.vy = 0;
  for (const player of world.players) {
    if (player.id !== shot.owner || player.entity === undefined) continue;
    player.entity.score += 1;
    world.broadcast("scored", { who: player.name, whom: ship.name, score: player.entity.score });
  }
}

function mend(world: World, ship: Ship): void {
  ship.isWreck = false;
  const { x, y } = somewhere(world);
  ship.x = x;
  ship.y = y;
  ship.hp = 100;
}
