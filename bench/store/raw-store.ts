import { AIM_BITS, ENTITIES, KINDS, PLACE_STEP, RULES, TICK_RATE, VELOCITY_STEP } from "./store-game.ts";
import { type StoreScenario, starts } from "./store-scenario.ts";

/*
 * The game of `store-game.ts` by hand, as an engineer would write it who has only this one: columns of numbers for each
 * kind, all steps and bounds constants, one pass through memory for what can be done in one.
 */

const { WALL, PERIOD_MASK, TURNS, BRAKE, PUSH } = RULES;
const ROWS = ENTITIES / KINDS.length;
const HISTORY_TICKS = 64;
const DT = 1 / TICK_RATE;
const TAU = 2 * Math.PI;
const DIRECTIONS = 2 ** AIM_BITS;
/** Of the simulation grid: 64 to a step. */
const GRID = 64;
const TURN = DIRECTIONS * GRID;
const PLACES = 1 / PLACE_STEP;
const VELOCITIES = 1 / VELOCITY_STEP;
const PLACES_GRIDS = PLACES * GRID;
const PLACE_GRID = 1 / PLACES_GRIDS;
const VELOCITIES_GRIDS = VELOCITIES * GRID;
const VELOCITY_GRID = 1 / VELOCITIES_GRIDS;
const TURN_PER_TAU = TURN / TAU;
const TAU_PER_TURN = TAU / TURN;
const DIRECTIONS_PER_TAU = DIRECTIONS / TAU;
const REPLICA = 1 / GRID;

/** The state of one kind. */
export interface RawKind {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly vx: Float64Array;
  readonly vy: Float64Array;
  readonly aim: Float64Array;
  readonly hp: Float64Array;
}

/** Integers of one kind at one tick: six columns one after the other. */
type Capture = Int32Array;

export class RawStore {
  readonly kinds: readonly RawKind[];
  /** By kind, by tick modulo 64. */
  readonly history: readonly (readonly Capture[])[] = KINDS.map(() =>
    Array.from({ length: HISTORY_TICKS }, () => new Int32Array(ROWS * 6)),
  );
  /** By kind, by row: the newest tick at which any integer was not what it was before. */
  readonly changedAt: readonly Int32Array[] = KINDS.map(() => new Int32Array(ROWS));
  tick = 0;
  readonly #hasFriction: boolean;

  constructor(scenario: StoreScenario) {
    this.#hasFriction = scenario.hasFriction;
    const all = starts(scenario);
    this.kinds = KINDS.map((_, kind) => {
      const own = all.filter((_, n) => n % KINDS.length === kind);
      const column = (name: keyof RawKind): Float64Array => Float64Array.from(own, (start) => start[name]);
      return {
        x: column("x"),
        y: column("y"),
        vx: column("vx"),
        vy: column("vy"),
        aim: column("aim"),
        hp: column("hp"),
      };
    });
  }

  step(): void {
    for (let k = 0; k < KINDS.length; k += 1) {
      if (this.#hasFriction) slide(this.kinds[k]!, this.tick);
      else move(this.kinds[k]!, this.tick);
    }
    this.tick += 1;
  }

  /** Every value to the integer that is sent: the least that can be called a capture. */
  capture(): void {
    for (let k = 0; k < KINDS.length; k += 1) quantize(this.kinds[k]!, this.history[k]![0]!);
  }

  /** What deltas need: the grid, integers of the last 64 ticks, and since when who is as it is. */
  captureForDeltas(): void {
    const slot = this.tick % HISTORY_TICKS;
    const before = (this.tick + HISTORY_TICKS - 1) % HISTORY_TICKS;
    for (let k = 0; k < KINDS.length; k += 1) {
      const kind = this.kinds[k]!;
      const ticks = this.history[k]!;
      roundAndCompare(kind, ticks[slot]!, ticks[before]!, this.changedAt[k]!, this.tick);
    }
  }
}

function slide({ x, y, vx, vy, hp }: RawKind, tick: number): void {
  for (let row = 0; row < ROWS; row += 1) {
    const factor = ((hp[row]! + tick) & PERIOD_MASK) < TURNS ? PUSH : BRAKE;
    const speedX = vx[row]! * factor;
    const speedY = vy[row]! * factor;
    const nextX = x[row]! + speedX * DT;
    const nextY = y[row]! + speedY * DT;
    x[row] = nextX;
    y[row] = nextY;
    vx[row] = Math.abs(nextX) > WALL ? -speedX : speedX;
    vy[row] = Math.abs(nextY) > WALL ? -speedY : speedY;
  }
}

function move({ x, y, vx, vy, hp }: RawKind, tick: number): void {
  for (let row = 0; row < ROWS; row += 1) {
    let speedX = vx[row]!;
    let speedY = vy[row]!;
    if (((hp[row]! + tick) & PERIOD_MASK) < TURNS) {
      const turned = -speedY;
      speedY = speedX;
      speedX = turned;
      vx[row] = speedX;
      vy[row] = speedY;
    }
    const nextX = x[row]! + speedX * DT;
    const nextY = y[row]! + speedY * DT;
    x[row] = nextX;
    y[row] = nextY;
    if (Math.abs(nextX) > WALL) vx[row] = -speedX;
    if (Math.abs(nextY) > WALL) vy[row] = -speedY;
  }
}

function quantize({ x, y, vx, vy, aim, hp }: RawKind, into: Capture): void {
  for (let row = 0; row < ROWS; row += 1) {
    into[row] = Math.floor(x[row]! * PLACES + 0.5);
    into[ROWS + row] = Math.floor(y[row]! * PLACES + 0.5);
    into[ROWS * 2 + row] = Math.floor(vx[row]! * VELOCITIES + 0.5);
    into[ROWS * 3 + row] = Math.floor(vy[row]! * VELOCITIES + 0.5);
    into[ROWS * 4 + row] = Math.floor(aim[row]! * DIRECTIONS_PER_TAU + 0.5) & (DIRECTIONS - 1);
    into[ROWS * 5 + row] = hp[row]!;
  }
}

function roundAndCompare(
  { x, y, vx, vy, aim, hp }: RawKind,
  now: Capture,
  last: Capture,
  changedAt: Int32Array,
  tick: number,
): void {
  for (let row = 0; row < ROWS; row += 1) {
    const gridX = Math.floor(x[row]! * PLACES_GRIDS + 0.5);
    const gridY = Math.floor(y[row]! * PLACES_GRIDS + 0.5);
    x[row] = gridX * PLACE_GRID;
    y[row] = gridY * PLACE_GRID;
    const nowX = Math.floor(gridX * REPLICA + 0.5);
    const nowY = Math.floor(gridY * REPLICA + 0.5);
    now[row] = nowX;
    now[ROWS + row] = nowY;
    const gridVx = Math.floor(vx[row]! * VELOCITIES_GRIDS + 0.5);
    const gridVy = Math.floor(vy[row]! * VELOCITIES_GRIDS + 0.5);
    vx[row] = gridVx * VELOCITY_GRID;
    vy[row] = gridVy * VELOCITY_GRID;
    const nowVx = Math.floor(gridVx * REPLICA + 0.5);
    const nowVy = Math.floor(gridVy * REPLICA + 0.5);
    now[ROWS * 2 + row] = nowVx;
    now[ROWS * 3 + row] = nowVy;
    const gridAim = Math.floor(aim[row]! * TURN_PER_TAU + 0.5);
    aim[row] = (gridAim === TURN ? 0 : gridAim) * TAU_PER_TURN;
    const nowAim = Math.floor(gridAim * REPLICA + 0.5) & (DIRECTIONS - 1);
    const nowHp = hp[row]!;
    now[ROWS * 4 + row] = nowAim;
    now[ROWS * 5 + row] = nowHp;
    const isSame =
      nowX === last[row] &&
      nowY === last[ROWS + row] &&
      nowVx === last[ROWS * 2 + row] &&
      nowVy === last[ROWS * 3 + row] &&
      nowAim === last[ROWS * 4 + row] &&
      nowHp === last[ROWS * 5 + row];
    changedAt[row] = isSame ? changedAt[row]! : tick;
  }
}
