// Plays the arena through what any client has: its view of the world, its own ship, and input.
import { type Client, defineBot } from "tickwire";
import { arena, SHIP_RADIUS, SHIP_SPEED, SHOT_SPEED, WALL } from "./arena.ts";

type Me = Client<(typeof arena)["~shape"]>;
type MyShip = NonNullable<Me["entity"]>;
interface Point {
  readonly x: number;
  readonly y: number;
}

interface Moving extends Point {
  readonly vx: number;
  readonly vy: number;
}

const SAYINGS = ["gg", "nice shot", "over here!", "who is next?", "ouch"] as const;
const FIRE_RANGE = 100;
const FIGHT_RANGE = 40;
const DODGE_SECONDS = 0.7;
/** From farther away nothing hits within that time. */
const DODGE_RANGE = DODGE_SECONDS * (SHOT_SPEED + 2 * SHIP_SPEED);
const CHATS_PER_TICK = 1 / 600;

export const bot = defineBot(arena, (me, random) => {
  if (random() < CHATS_PER_TICK) me.send("chat", { text: SAYINGS[Math.floor(random() * SAYINGS.length)]! });
  const ship = me.entity;
  // Drawn in any case, so that what a bot sees does not shift all its later luck.
  const wobble = (random() - 0.5) * 0.06;
  if (ship === undefined || ship.isWreck) return { move: { x: 0, y: 0 }, fire: false };
  const target = nearestFoe(me, ship);
  if (target === undefined) return { move: towards(ship, { x: 0, y: 0 }), fire: false };
  const distance = between(ship, target);
  // Where it will be when the shot arrives.
  const flightSeconds = distance / SHOT_SPEED;
  const ahead = { x: target.x + target.vx * flightSeconds, y: target.y + target.vy * flightSeconds };
  const aim = Math.atan2(ahead.y - ship.y, ahead.x - ship.x) + wobble;
  const move = dodge(me, ship) ?? (distance > FIGHT_RANGE ? towards(ship, target) : circle(me, ship, target));
  return { move, aim, fire: distance < FIRE_RANGE };
});

function nearestFoe(me: Me, ship: MyShip): Moving | undefined {
  let nearest: Moving | undefined;
  let least = Infinity;
  for (const other of me.view.ship) {
    if (other.id === ship.id || other.isWreck) continue;
    const distance = between(ship, other);
    if (distance >= least) continue;
    least = distance;
    nearest = other;
  }
  return nearest;
}

/** Sideways out of the way of the shot that would hit soonest. */
function dodge(me: Me, ship: MyShip): Point | undefined {
  let soonest = DODGE_SECONDS;
  let evasion: Point | undefined;
  const { owner, x: shipX, y: shipY, vx: shipVx, vy: shipVy } = ship;
  for (const shot of me.view.shot) {
    // Most shots are far away, and a crowd of bots looks at every one of them each tick.
    const x = shipX - shot.x;
    if (Math.abs(x) > DODGE_RANGE) continue;
    const y = shipY - shot.y;
    if (Math.abs(y) > DODGE_RANGE || shot.owner === owner) continue;
    const vx = shot.vx - shipVx;
    const vy = shot.vy - shipVy;
    const speedSquared = vx * vx + vy * vy || 1;
    const seconds = (x * vx + y * vy) / speedSquared;
    if (seconds < 0 || seconds >= soonest) continue;
    const missX = x - vx * seconds;
    const missY = y - vy * seconds;
    const miss = Math.sqrt(missX * missX + missY * missY);
    if (miss > SHIP_RADIUS * 2) continue;
    soonest = seconds;
    const speed = Math.sqrt(speedSquared);
    evasion = miss > 0.1 ? { x: missX / miss, y: missY / miss } : { x: -vy / speed, y: vx / speed };
  }
  return evasion;
}

/** Round the target, changing sides now and then, and back to the middle where a wall is close. */
function circle(me: Me, ship: MyShip, target: Point): Point {
  if (Math.max(Math.abs(ship.x), Math.abs(ship.y)) > WALL - SHIP_SPEED / 2)
    return towards(ship, { x: 0, y: 0 });
  const way = towards(ship, target);
  const side = Math.floor(me.view.tick / 45 + ship.x / 64) % 2 === 0 ? 1 : -1;
  return { x: -way.y * side, y: way.x * side };
}

function towards(from: Point, to: Point): Point {
  const distance = between(from, to) || 1;
  return { x: (to.x - from.x) / distance, y: (to.y - from.y) / distance };
}

function between(a: Point, b: Point): number {
  return Math.sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}
