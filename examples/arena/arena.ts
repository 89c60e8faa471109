// Shared: what travels, and how things move. Server, clients and bots import it.
import { defineGame, type EntityOf, t } from "tickwire";

/** Ships stay within ±WALL on both axes. */
export const WALL = 240;
export const SHIP_SPEED = 32;
export const SHOT_SPEED = 96;
export const SHIP_RADIUS = 2.5;
const SHOT_TICKS = 36;
const RELOAD_TICKS = 8;

const body = {
  x: t.fixed(-256, 256, 1 / 64).follows("vx"),
  y: t.fixed(-256, 256, 1 / 64).follows("vy"),
  vx: t.fixed(-128, 128, 1 / 16),
  vy: t.fixed(-128, 128, 1 / 16),
};

export const arena = defineGame({
  name: "arena",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64), aim: t.angle(10), fire: t.bool() },
  entities: {
    ship: {
      ...body,
      aim: t.angle(10),
      hp: t.uint(100).default(100),
      score: t.uint(65_535),
      /** A wreck for so many ticks more; 0 = flying. */
      wreckTicks: t.uint(255),
      name: t.text(24),
      reload: t.uint(RELOAD_TICKS).visibleTo("owner"),
    },
    shot: { ...body, ticksLeft: t.uint(SHOT_TICKS).default(SHOT_TICKS) },
  },
  messages: {
    chat: { from: "both", channel: "reliable-ordered", fields: { text: t.text(200) } },
    scored: {
      from: "server",
      channel: "reliable-ordered",
      fields: { who: t.text(24), whom: t.text(24), score: t.uint(65_535) },
    },
  },
  avatar: "ship",
  step: {
    ship(ship, input, world) {
      if (ship.wreckTicks > 0) return;
      // A stick pushed into a corner is no faster than one pushed straight.
      const push = SHIP_SPEED / Math.max(1, world.math.hypot(input.move.x, input.move.y));
      ship.vx += (input.move.x * push - ship.vx) * 4 * world.dt;
      ship.vy += (input.move.y * push - ship.vy) * 4 * world.dt;
      ship.x += ship.vx * world.dt;
      ship.y += ship.vy * world.dt;
      bounce(ship);
      ship.aim = input.aim;
      if (ship.reload > 0) ship.reload -= 1;
      else if (input.fire) {
        ship.reload = RELOAD_TICKS;
        const vx = world.math.cos(ship.aim) * SHOT_SPEED;
        const vy = world.math.sin(ship.aim) * SHOT_SPEED;
        world.spawn("shot", { x: ship.x, y: ship.y, vx, vy });
      }
    },
    shot(shot, _input, world) {
      shot.x += shot.vx * world.dt;
      shot.y += shot.vy * world.dt;
      shot.ticksLeft -= 1;
      const isOut = Math.abs(shot.x) > WALL || Math.abs(shot.y) > WALL;
      if (isOut || shot.ticksLeft === 0) world.despawn(shot);
    },
  },
});

type Ship = EntityOf<typeof arena, "ship">;

function bounce(ship: Ship): void {
  if (Math.abs(ship.x) > WALL) {
    ship.x = Math.sign(ship.x) * WALL;
    ship.vx = -ship.vx / 2;
  }
  if (Math.abs(ship.y) > WALL) {
    ship.y = Math.sign(ship.y) * WALL;
    ship.vy = -ship.vy / 2;
  }
}
