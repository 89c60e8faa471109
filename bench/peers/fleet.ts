/**
 * The one game that all peers play, and the one way its bots behave. It is that of `bench/torus`, written without
 * Tickwire, whose code would count as the peers' memory.
 */

/** Ships fly on a torus of so many units each way. */
export const SIDE = 1000;
/** Per second. */
export const SPEED = 100;
/** How likely a bot turns, at each tick. */
const TURN_SHARE = 0.05;
export const TICK_RATE = 30;
export const TICK_MS = 1000 / TICK_RATE;
/** A place travels in 64ths where a peer's codec has no way of its own to round numbers. */
export const PLACE_SCALE = 64;
/** Directions travel as whole 127ths. */
export const DIRECTION_SCALE = 127;
export const FULL_HP = 100;
/** How likely a ship loses a hit point, at each tick. */
const HIT_SHARE = 1 / 200;

/** What everyone is told of one player, at every tick. */
export interface Ship {
  x: number;
  y: number;
  vx: number;
  vy: number;
  hp: number;
  /** Of the newest input that was used for it, 0 before the first: how all peers are measured. */
  serial: number;
}

/** What a player wants. */
export interface Steering {
  serial: number;
  /** −127 to 127, of 127. */
  dx: number;
  dy: number;
}

/** Moves a ship by one tick, as its player wants. `chance` is in [0, 1). */
export function stepShip(ship: Ship, { serial, dx, dy }: Readonly<Steering>, chance: () => number): void {
  ship.serial = serial;
  ship.vx = Math.round((dx / DIRECTION_SCALE) * SPEED);
  ship.vy = Math.round((dy / DIRECTION_SCALE) * SPEED);
  ship.x = around(ship.x + ship.vx / TICK_RATE);
  ship.y = around(ship.y + ship.vy / TICK_RATE);
  if (chance() < HIT_SHARE) ship.hp = ship.hp > 0 ? ship.hp - 1 : FULL_HP;
}

function around(place: number): number {
  return ((place % SIDE) + SIDE) % SIDE;
}

/** Where the `n`th ship begins, and how. */
export function newShip(n: number): Ship {
  // Irrational strides fill the place evenly.
  return { x: (n * 618.034) % SIDE, y: (n * 381.966) % SIDE, vx: 0, vy: 0, hp: FULL_HP, serial: 0 };
}

/** What the server says of the time that is measured: the same for all peers. */
export class ServerLog {
  ticks = 0;
  /** One tick told to one player. */
  updates = 0;
  /** By player: serials of inputs that at least one tick ran with. */
  readonly used = new Map<number, Set<number>>();

  /** A tick has run and its state was given to the peer to send. */
  told(players: number): void {
    this.ticks += 1;
    this.updates += players;
  }

  /** A tick ran with this input. Serial 0 is for players who are not watched. */
  use(player: number, serial: number): void {
    if (serial === 0) return;
    const serials = this.used.get(player);
    if (serials === undefined) this.used.set(player, new Set([serial]));
    else serials.add(serial);
  }
}

/**
 * The game for peers that bring a transport and no simulation: the newest input that came is the one in force, as in
 * their examples.
 */
export class Fleet {
  readonly ships = new Map<number, Ship>();
  readonly #steering = new Map<number, Steering>();
  readonly #log: ServerLog;
  #joined = 0;

  constructor(log: ServerLog) {
    this.#log = log;
  }

  /** Answers the newcomer's id, 1 and so on. */
  join(): number {
    this.#joined += 1;
    this.ships.set(this.#joined, newShip(this.#joined));
    this.#steering.set(this.#joined, { serial: 0, dx: 0, dy: 0 });
    return this.#joined;
  }

  leave(id: number): void {
    this.ships.delete(id);
    this.#steering.delete(id);
  }

  steer(id: number, serial: number, dx: number, dy: number): void {
    const steering = this.#steering.get(id);
    if (steering !== undefined) Object.assign(steering, { serial, dx, dy });
  }

  step(): void {
    for (const [id, ship] of this.ships) {
      const steering = this.#steering.get(id)!;
      stepShip(ship, steering, Math.random);
      this.#log.use(id, steering.serial);
    }
  }
}

/** One bot's wishes: at each tick it takes another direction with p = 0.05. */
export class Pilot {
  dx = DIRECTION_SCALE;
  dy = 0;
  readonly #chance: () => number;

  constructor(chance: () => number) {
    this.#chance = chance;
    this.#turn();
  }

  think(): void {
    if (this.#chance() < TURN_SHARE) this.#turn();
  }

  #turn(): void {
    const angle = this.#chance() * 2 * Math.PI;
    this.dx = Math.round(Math.cos(angle) * DIRECTION_SCALE);
    this.dy = Math.round(Math.sin(angle) * DIRECTION_SCALE);
  }
}
