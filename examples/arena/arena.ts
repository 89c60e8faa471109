// Shared: what travels, and how things move. Server, clients and bots import it.
import { defineGame, t } from "tickwire";

/** Ships stay within ±WALL on both axes. */
export const WALL = 240;
export const SHIP_SPEED = 32;
export const SHOT_SPEED = 96;
export const SHIP_RADIUS = 2.5;
const SHOT_TICKS = 36;
const RELOAD_TICKS = 9;

/** When, not how long: a tick that is known is told once, a countdown in every tick. */
const atTick = t.uint(2 ** 32 - 1);
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
      isWreck: t.bool(),
      mendsAt: atTick.visibleTo("server"),
      name: t.text(24),
      readyAt: atTick.visibleTo("owner"),
    },
    shot: { ...body, endsAt: atTick },
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
      if (ship.isWreck) return;
      // A stick pushed into a corner is no faster than one pushed straight.
      const push = SHIP_SPEED / Math.max(1, world.math.hypot(input.move.x, input.move.y));
      ship.vx += (input.move.x * push - ship.vx) * 4 * world.dt;
      ship.vy += (input.move.y * push - ship.vy) * 4 * world.dt;
      ship.x += ship.vx * world.dt;
      ship.y += ship.vy * world.dt;
      bounce(ship);
      ship.aim = input.aim;
      if (input.fire && world.tick >= ship.readyAt) {
        ship.readyAt = world.tick + RELOAD_TICKS;
        const vx = world.math.cos(ship.aim) * SHOT_SPEED;
        const vy = world.math.sin(ship.aim) * SHOT_SPEED;
        world.spawn("shot", { x: ship.x, y: ship.y, vx, vy, endsAt: world.tick + SHOT_TICKS });
      }
    },
    shot(shot, _input, world) {
      shot.x += shot.vx * world.dt;
      shot.y += shot.vy * world.dt;
      const isOut = Math.abs(shot.x) > WALL || Math.abs(shot.y) > WALL;
      if (isOut || world.tick >= shot.endsAt) world.despawn(shot);
    },
  },
});

interface Body {
  x: number;
  y: number;
  vx: number;
  vy: number;
}

function bounce(ship: Body): void {
  if (Math.abs(ship.x) > WALL) {
    ship.x = Math.sign(ship.x) * WALL;
    ship.vx = -ship.vx / 2;
  }
  if (Math.abs(ship.y) > WALL) {
    ship.y = Math.sign(ship.y) * WALL;
    ship.vy = -ship.vy / 2;
  }
}
