import { SHIP_SPEED, WALL } from "../../examples/arena/arena.ts";

/** An angle of the arena's input is one of so many. */
const AIMS = 1024;
/** Of tick 0. Not 0: a ship without input aims there. */
const FIRST_AIM = 512;
/** The last input stands in for at most so many ticks. */
const MAX_REPEATED_TICKS = 8;
const TICKS_PER_LEG = 20;
const LEGS = [
  { x: 1, y: 0 },
  { x: 0, y: 1 },
  { x: -1, y: 0 },
  { x: 0, y: -1 },
] as const;
const TICK_SECONDS = 1 / 30;
/** Velocities travel rounded to 1/16, before and after. */
const VELOCITY_ROUNDING = 0.15;

/** What a ship at the helm does: it sails round a square, and its aim tells which tick an input was for. */
export function helmInput(tick: number) {
  const aim = (((FIRST_AIM + tick) % AIMS) * 2 * Math.PI) / AIMS;
  return { move: LEGS[Math.floor(tick / TICKS_PER_LEG) % LEGS.length]!, aim, fire: false };
}

/** A ship as the server described it. */
export interface SeenShip {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
  readonly aim: number;
  readonly isWreck: boolean;
  readonly name: string;
}

/** Ticks of a ship at the helm, by what it did in them. */
export interface Voyage {
  /** With the very input meant for the tick, or the one that stood in for it. */
  obeyed: number;
  /** Of those, how many with the very input. */
  onTime: number;
  /** With none that is recent enough. */
  adrift: number;
  /** Obeyed by the aim, but not by the way it went: must be none. */
  readonly astray: number[];
}

/** Compares a ship's way, one description per tick, with what the helm said. */
export function readVoyage(ships: ReadonlyMap<number, SeenShip>): Voyage {
  const voyage: Voyage = { obeyed: 0, onTime: 0, adrift: 0, astray: [] };
  for (const [tick, after] of ships) {
    const before = ships.get(tick - 1);
    if (before === undefined || before.isWreck || after.isWreck) continue;
    // The state after n ticks comes of the input for tick n − 1.
    const ran = tick - 1;
    const aim = Math.round((after.aim * AIMS) / (2 * Math.PI));
    const lag = (((FIRST_AIM + ran - aim) % AIMS) + AIMS) % AIMS;
    if (lag > MAX_REPEATED_TICKS) {
      voyage.adrift += 1;
      continue;
    }
    voyage.obeyed += 1;
    if (lag === 0) voyage.onTime += 1;
    if (!sails(before, after, helmInput(ran - lag).move)) voyage.astray.push(tick);
  }
  return voyage;
}

function sails(before: SeenShip, after: SeenShip, move: { readonly x: number; readonly y: number }): boolean {
  const fits = (was: number, is: number, push: number, at: number): boolean => {
    // A wall throws it back.
    if (Math.abs(at) > WALL - 2) return true;
    return Math.abs(was + (push * SHIP_SPEED - was) * 4 * TICK_SECONDS - is) <= VELOCITY_ROUNDING;
  };
  return fits(before.vx, after.vx, move.x, after.x) && fits(before.vy, after.vy, move.y, after.y);
}
