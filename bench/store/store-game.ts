import { defineGame } from "../../src/game/schema/define-game.ts";
import { t } from "../../src/game/schema/field-types.ts";

/*
 * Five kinds of six number fields each, with fields in different places and under different names, and each with a step
 * function of its own. What they do is the same, so that one function can do it by hand: they turn now and then, move
 * and bounce off walls; with friction, they slow down and are pushed when they turn.
 */

export const ENTITIES = 10_000;
export const KINDS = ["ship", "rock", "shot", "drone", "crate"] as const;
export const TICK_RATE = 30;
const WALL = 500;
/** Each entity turns at 3 of 64 ticks; at which, its `hp` tells. So one in 21 does each tick. */
const PERIOD_MASK = 63;
const TURNS = 3;
const BRAKE = 0.99;
const PUSH = 1.227;

/** The same for the other side; exported by another name, as engines take an exported constant for one that may change. */
export const RULES = { WALL, PERIOD_MASK, TURNS, BRAKE, PUSH };

interface Moving {
  x: number;
  y: number;
  vx: number;
  vy: number;
  readonly hp: number;
}
interface Clock {
  readonly dt: number;
  readonly tick: number;
}

/** Steps and bits, which the hand-written side has as constants. */
export const PLACE_STEP = 1 / 64;
export const VELOCITY_STEP = 1 / 16;
export const AIM_BITS = 10;

const x = t.fixed(-512, 512, PLACE_STEP).follows("vx");
const y = t.fixed(-512, 512, PLACE_STEP).follows("vy");
const vx = t.fixed(-64, 64, VELOCITY_STEP);
const vy = t.fixed(-64, 64, VELOCITY_STEP);
const hp = t.uint(100);
const angle = t.angle(AIM_BITS);
const entities = {
  ship: { x, y, vx, vy, aim: angle, hp },
  rock: { hp, turn: angle, x, y, vx, vy },
  shot: { vx, vy, x, y, hp, heading: angle },
  drone: { aim: angle, vx, x, vy, y, hp },
  crate: { vx, x, turn: angle, hp, y, vy },
};
/** What each kind calls its angle. */
export const ANGLES = { ship: "aim", rock: "turn", shot: "heading", drone: "aim", crate: "turn" } as const;

const steps = {
  ship(ship: Moving, _input: object, world: Clock): void {
    if (((ship.hp + world.tick) & PERIOD_MASK) < TURNS) {
      const { vx } = ship;
      ship.vx = -ship.vy;
      ship.vy = vx;
    }
    ship.x += ship.vx * world.dt;
    ship.y += ship.vy * world.dt;
    if (Math.abs(ship.x) > WALL) ship.vx = -ship.vx;
    if (Math.abs(ship.y) > WALL) ship.vy = -ship.vy;
  },
  rock(rock: Moving, _input: object, { tick, dt }: Clock): void {
    if (((rock.hp + tick) & PERIOD_MASK) < TURNS) {
      const { vx, vy } = rock;
      rock.vx = -vy;
      rock.vy = vx;
    }
    rock.x += rock.vx * dt;
    rock.y += rock.vy * dt;
    if (Math.abs(rock.x) > WALL) rock.vx = -rock.vx;
    if (Math.abs(rock.y) > WALL) rock.vy = -rock.vy;
  },
  shot(shot: Moving, _input: object, world: Clock): void {
    if (((shot.hp + world.tick) & PERIOD_MASK) < TURNS) {
      const { vx } = shot;
      shot.vx = -shot.vy;
      shot.vy = vx;
    }
    shot.x += shot.vx * world.dt;
    if (Math.abs(shot.x) > WALL) shot.vx = -shot.vx;
    shot.y += shot.vy * world.dt;
    if (Math.abs(shot.y) > WALL) shot.vy = -shot.vy;
  },
  drone(drone: Moving, _input: object, world: Clock): void {
    const { dt } = world;
    if (((drone.hp + world.tick) & PERIOD_MASK) < TURNS) {
      const { vy } = drone;
      drone.vy = drone.vx;
      drone.vx = -vy;
    }
    drone.x += drone.vx * dt;
    drone.y += drone.vy * dt;
    if (Math.abs(drone.x) > WALL) drone.vx = -drone.vx;
    if (Math.abs(drone.y) > WALL) drone.vy = -drone.vy;
  },
  crate(crate: Moving, _input: object, world: Clock): void {
    if (((crate.hp + world.tick) & PERIOD_MASK) < TURNS) {
      const { vx, vy } = crate;
      crate.vy = vx;
      crate.vx = -vy;
    }
    crate.y += crate.vy * world.dt;
    crate.x += crate.vx * world.dt;
    if (Math.abs(crate.y) > WALL) crate.vy = -crate.vy;
    if (Math.abs(crate.x) > WALL) crate.vx = -crate.vx;
  },
};

/** One for all kinds: also that must not be slow. */
function slide(self: Moving, _input: object, { tick, dt }: Clock): void {
  const factor = ((self.hp + tick) & PERIOD_MASK) < TURNS ? PUSH : BRAKE;
  self.vx *= factor;
  self.vy *= factor;
  self.x += self.vx * dt;
  self.y += self.vy * dt;
  if (Math.abs(self.x) > WALL) self.vx = -self.vx;
  if (Math.abs(self.y) > WALL) self.vy = -self.vy;
}

/** With friction every velocity changes every tick. */
export function storeGame(hasFriction: boolean) {
  return defineGame({
    ...{ name: "store", tickRate: TICK_RATE, input: {}, entities },
    step: hasFriction ? { ship: slide, rock: slide, shot: slide, drone: slide, crate: slide } : steps,
  });
}
