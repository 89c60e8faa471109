import { defineGame, defineRoom, t, type WorldOf } from "tickwire";

/** Tick numbers in inputs come round after this many. */
export const INPUT_NUMBERS = 65_536;
/** A simulation quantum: what state is told in, and what a shown place may be off by. */
export const QUANTUM = 1 / 64;
const SIDE = 256;
const RADIUS = 4;
/** In the room of bumpers all are kept this near to the middle, so that they meet. */
const PEN = 24;
const TURN_PER_S = 3;
const THRUST_PER_S = 40;
const MARK_EVERY_TICKS = 10;
const SHOVE = 20;

/** Ships that fly by input alone. Each input says which tick it is for, so that the room knows which it used. */
export const feelGame = defineGame({
  name: "feel",
  tickRate: 30,
  input: {
    thrust: t.fixed(-1, 1, 1 / 64),
    turn: t.fixed(-1, 1, 1 / 64),
    number: t.uint(INPUT_NUMBERS - 1),
  },
  entities: {
    ship: {
      x: t.fixed(-SIDE, SIDE, QUANTUM).follows("vx"),
      y: t.fixed(-SIDE, SIDE, QUANTUM).follows("vy"),
      vx: t.fixed(-128, 128, 1 / 16),
      vy: t.fixed(-128, 128, 1 / 16),
      heading: t.angle(10),
    },
  },
  messages: {
    up: { from: "client", channel: "reliable-ordered", fields: { number: t.uint(1_000_000) } },
    down: { from: "server", channel: "reliable-ordered", fields: { number: t.uint(1_000_000) } },
  },
  avatar: "ship",
  step: {
    ship(ship, input, world) {
      ship.heading += input.turn * TURN_PER_S * world.dt;
      ship.vx += world.math.cos(ship.heading) * input.thrust * THRUST_PER_S * world.dt - ship.vx * world.dt;
      ship.vy += world.math.sin(ship.heading) * input.thrust * THRUST_PER_S * world.dt - ship.vy * world.dt;
      ship.x += ship.vx * world.dt;
      ship.y += ship.vy * world.dt;
      if (Math.abs(ship.x) > SIDE - 16) ship.vx = -Math.sign(ship.x) * Math.abs(ship.vx);
      if (Math.abs(ship.y) > SIDE - 16) ship.vy = -Math.sign(ship.y) * Math.abs(ship.vy);
    },
  },
});

export type FeelShape = (typeof feelGame)["~shape"];
type World = WorldOf<typeof feelGame>;

/** What happened to players in the room, by player. */
export interface FeelLog {
  /** Ticks that did without the input that was meant for them. */
  readonly missed: Map<number, number[]>;
  /** Ticks in which the room moved the ship. */
  readonly pushed: Map<number, number[]>;
  /** What came of messages `up`. */
  readonly heard: Map<number, number[]>;
}

/** A room of these ships. `isCrowded`: they are kept near each other and thrust apart where they meet. */
export function feelRoom(isCrowded: boolean): {
  readonly room: ReturnType<typeof defineRoom<FeelShape>>;
  readonly log: FeelLog;
} {
  const log: FeelLog = { missed: new Map(), pushed: new Map(), heard: new Map() };
  let marks = 0;
  const room = defineRoom(feelGame, {
    onJoin(world, player) {
      log.missed.set(player.id, []);
      log.pushed.set(player.id, []);
      log.heard.set(player.id, []);
      const spread = isCrowded ? PEN : SIDE;
      const [x, y] = [(world.random() - 0.5) * spread, (world.random() - 0.5) * spread];
      player.entity = world.spawn("ship", { x, y });
    },
    onTick(world) {
      for (const { id, input } of world.players) {
        if (input.number !== world.tick % INPUT_NUMBERS) log.missed.get(id)!.push(world.tick);
      }
      if (isCrowded) crowd(world, log);
      if (world.tick % MARK_EVERY_TICKS !== 0) return;
      world.broadcast("down", { number: marks });
      marks += 1;
    },
    onMessage: {
      up(_world, player, { number }) {
        log.heard.get(player.id)!.push(number);
      },
    },
  });
  return { room, log };
}

/** No client foretells any of this. */
function crowd(world: World, log: FeelLog): void {
  for (const ship of world.ship) {
    if (world.math.hypot(ship.x, ship.y) > PEN && ship.x * ship.vx + ship.y * ship.vy > 0) {
      ship.vx = -ship.vx;
      ship.vy = -ship.vy;
      note(world, log, ship.owner);
    }
    for (const other of world.ship) {
      if (other.id <= ship.id) continue;
      const [x, y] = [other.x - ship.x, other.y - ship.y];
      const apart = world.math.hypot(x, y);
      const closing = x * (other.vx - ship.vx) + y * (other.vy - ship.vy);
      if (apart > RADIUS || apart === 0 || closing >= 0) continue;
      const [toX, toY] = [(x / apart) * SHOVE, (y / apart) * SHOVE];
      ship.vx -= toX;
      ship.vy -= toY;
      other.vx += toX;
      other.vy += toY;
      note(world, log, ship.owner);
      note(world, log, other.owner);
    }
  }
}

function note(world: World, log: FeelLog, owner: number | undefined): void {
  const ticks = owner === undefined ? undefined : log.pushed.get(owner);
  if (ticks !== undefined && ticks[ticks.length - 1] !== world.tick) ticks.push(world.tick);
}
