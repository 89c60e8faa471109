import { defineGame, t } from "tickwire";

export const SIDE = 1000;
/** Per second. */
export const SPEED = 100;
export const POSITION_STEP = 1 / 64;
/** How likely a ship turns, at each tick. */
export const TURN_SHARE = 0.05;

export interface Ship {
  x: number;
  y: number;
  vx: number;
  vy: number;
  hp: number;
}

/**
 * The benchmark game: ships on a torus of 1000 × 1000, all as fast, each of which turns with p = 0.05 per tick; x and
 * y take 16 bits, vx, vy and hp 8.
 */
export const torusGame = defineGame({
  name: "torus",
  tickRate: 30,
  input: { dx: t.fixed(-1, 1, 1 / 127), dy: t.fixed(-1, 1, 1 / 127) },
  entities: {
    ship: {
      x: t.fixed(0, SIDE, POSITION_STEP).follows("vx"),
      y: t.fixed(0, SIDE, POSITION_STEP).follows("vy"),
      vx: t.fixed(-128, 127, 1),
      vy: t.fixed(-128, 127, 1),
      hp: t.uint(255).default(100),
    },
  },
  avatar: "ship",
  step: {
    ship(
      ship: Ship,
      { dx, dy }: { readonly dx: number; readonly dy: number },
      { dt }: { readonly dt: number },
    ) {
      ship.vx = Math.round(dx * SPEED);
      ship.vy = Math.round(dy * SPEED);
      moveShip(ship, dt);
    },
  },
});

export function moveShip(ship: Ship, dt: number): void {
  ship.x = around(ship.x + ship.vx * dt);
  ship.y = around(ship.y + ship.vy * dt);
}

/** Into another direction: `random` is in [0, 1). They come out of inputs, so they are whole on the wire as in the game. */
export function turnShip(ship: Ship, random: number): void {
  const angle = random * 2 * Math.PI;
  ship.vx = Math.round(Math.cos(angle) * SPEED);
  ship.vy = Math.round(Math.sin(angle) * SPEED);
}

function around(place: number): number {
  return ((place % SIDE) + SIDE) % SIDE;
}
