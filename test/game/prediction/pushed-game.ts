import { defineGame } from "../../../src/game/schema/define-game.ts";
import { defineRoom } from "../../../src/game/schema/define-room.ts";
import { t } from "../../../src/game/schema/field-types.ts";

const place = {
  x: t.fixed(-500, 500, 1 / 64).follows("vx"),
  y: t.fixed(-500, 500, 1 / 64).follows("vy"),
  vx: t.fixed(-100, 100, 1 / 16),
  vy: t.fixed(-100, 100, 1 / 16),
};

/** A hull that is steered, draws luck, names its last dart and despawns nobody else; darts that draw luck too. */
export const pushedGame = defineGame({
  name: "pushed",
  tickRate: 30,
  input: {
    thrust: t.fixed(-1, 1, 1 / 64),
    turn: t.fixed(-1, 1, 1 / 64),
    fire: t.bool(),
    mischief: t.uint(3),
  },
  entities: {
    hull: {
      ...place,
      heading: t.angle(10),
      luck: t.fixed(0, 1, 1 / 256),
      lastDart: t.id(),
      near: t.uint(1000),
      note: t.text(10),
      lean: t.vec2(-1, 1, 1 / 16),
    },
    dart: { ...place, endsAt: t.uint(2 ** 32 - 1), barrel: t.uint(3) },
    rock: { ...place },
    // Nobody steps it.
    flag: { ...place },
  },
  avatar: "hull",
  step: {
    hull(hull, input, world) {
      hull.heading += input.turn * 3 * world.dt;
      hull.vx += (world.math.cos(hull.heading) * input.thrust * 40 - hull.vx) * world.dt;
      hull.vy += (world.math.sin(hull.heading) * input.thrust * 40 - hull.vy) * world.dt;
      hull.x += hull.vx * world.dt;
      hull.y += hull.vy * world.dt;
      hull.luck = world.random();
      hull.lean.x = input.thrust / 2;
      hull.lean.y = input.turn / 2;
      hull.note = input.thrust > 0 ? "on" : "back";
      if (Math.abs(hull.x) > 450) hull.vx = -Math.sign(hull.x) * 20;
      if (Math.abs(hull.y) > 450) hull.vy = -Math.sign(hull.y) * 20;
      hull.near = 0;
      for (const rock of world.rock) {
        if (world.math.hypot(rock.x - hull.x, rock.y - hull.y) < 100) hull.near += 1;
      }
      if (input.fire) {
        for (const barrel of [0, 1]) {
          const angle = hull.heading + (world.random() - 0.5) / 4;
          const vx = world.math.cos(angle) * 90;
          const vy = world.math.sin(angle) * 90;
          const dart = world.spawn("dart", { x: hull.x, y: hull.y, vx, vy, barrel, endsAt: world.tick + 40 });
          hull.lastDart = dart.id;
        }
      }
      if (input.mischief === 1) throw new Error("A step that throws.");
      if (input.mischief === 2) for (const rock of world.rock) world.despawn(rock);
    },
    rock(rock, _input, world) {
      rock.x += rock.vx * world.dt;
      rock.y += rock.vy * world.dt;
    },
    dart(dart, _input, world) {
      dart.x += dart.vx * world.dt;
      dart.y += dart.vy * world.dt;
      if (world.tick >= dart.endsAt) world.despawn(dart);
    },
  },
});

export const pushedRoom = defineRoom(pushedGame, {
  onJoin(world, player) {
    player.entity = world.spawn("hull", { x: 10, y: 20 });
  },
});
