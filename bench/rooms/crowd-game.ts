import { defineGame, defineRoom, t } from "tickwire";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { RoomRules } from "../../src/game/schema/define-room.ts";
import type { Shape } from "../../src/game/schema/shape.ts";

/** How far a ship sees, where sight ends. */
const RADIUS = 160;
/** Of a room in which everyone sees everyone. */
const SMALL_SIDE = 400;
const MAX_SIDE = 2048;
const SPEED = 24;
/** Chance per tick that a player turns, which nobody can foretell. */
const TURN_CHANCE = 1 / 20;
/** Of a player. */
const CONNECT_TIMEOUT_MS = 20_000;
const HITS_PER_TICK = 1 / 200;

export interface CrowdShape {
  readonly name: string;
  readonly rooms: number;
  /** In each room. */
  readonly players: number;
  /** How many others are within the radius, on average: a fifth more are still seen. Without it all are. */
  readonly near?: number;
}

export const CROWDS: readonly CrowdShape[] = [
  { name: "1 room of 1,000, each sees 32", rooms: 1, players: 1000, near: 27 },
  { name: "100 rooms of 10, each sees all", rooms: 100, players: 10 },
];

/** Ships that fly straight, turn now and then, bounce off the walls and lose a hit point at times. */
export const crowd = defineGame({
  name: "crowd",
  tickRate: 30,
  input: { vx: t.fixed(-SPEED, SPEED, 1 / 16), vy: t.fixed(-SPEED, SPEED, 1 / 16) },
  entities: {
    ship: {
      x: t.fixed(-MAX_SIDE / 2, MAX_SIDE / 2, 1 / 64).follows("vx"),
      y: t.fixed(-MAX_SIDE / 2, MAX_SIDE / 2, 1 / 64).follows("vy"),
      vx: t.fixed(-64, 64, 1 / 16),
      vy: t.fixed(-64, 64, 1 / 16),
      hp: t.uint(255).default(255),
      backwardsX: t.bool().visibleTo("server"),
      backwardsY: t.bool().visibleTo("server"),
    },
  },
  avatar: "ship",
});

/** A room as large as has so many near each player: density × area of sight. */
export function crowdRoom({ players, near }: CrowdShape): RoomRules<Shape> {
  const side = near === undefined ? SMALL_SIDE : Math.sqrt((players / near) * Math.PI * RADIUS ** 2);
  if (side > MAX_SIDE - 2 * SPEED) throw new RangeError("The room is larger than its field.");
  const half = side / 2;
  const rules = defineRoom(crowd, {
    maxPlayers: players,
    ...(near !== undefined && { interest: { radius: RADIUS } }),
    onJoin(world, player) {
      const place = { x: (world.random() - 0.5) * side, y: (world.random() - 0.5) * side };
      player.entity = world.spawn("ship", place);
    },
    onTick(world) {
      for (const { entity: ship, input } of world.players) {
        if (ship === undefined) continue;
        ship.vx = ship.backwardsX ? -input.vx : input.vx;
        ship.vy = ship.backwardsY ? -input.vy : input.vy;
        ship.x += ship.vx * world.dt;
        ship.y += ship.vy * world.dt;
        if (Math.abs(ship.x) > half && ship.x * ship.vx > 0) ship.backwardsX = !ship.backwardsX;
        if (Math.abs(ship.y) > half && ship.y * ship.vy > 0) ship.backwardsY = !ship.backwardsY;
        if (world.random() < HITS_PER_TICK) ship.hp = ship.hp > 0 ? ship.hp - 1 : 255;
      }
    },
  });
  return rules as unknown as RoomRules<Shape>;
}

export const crowdGame = crowd as unknown as Game<Shape>;

/** What a player wants next, or undefined while it goes on as before. */
export function steer(random: () => number): { readonly vx: number; readonly vy: number } | undefined {
  if (random() >= TURN_CHANCE) return undefined;
  const angle = random() * 2 * Math.PI;
  return { vx: Math.cos(angle) * SPEED, vy: Math.sin(angle) * SPEED };
}

/** How a light player of the crowd plays: it looks at nothing and says nothing. */
export function crowdBot(chance: () => number) {
  return {
    ...{ name: "", connectTimeoutMs: CONNECT_TIMEOUT_MS, plaintext: false },
    wish: () => steer(chance),
    say: () => undefined,
    onLatency: () => {},
  };
}
