import { describe, expect, test } from "vitest";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { Room } from "../../../src/game/room/room.ts";
import type { RoomPlayer } from "../../../src/game/room/room-player.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { defineRoom, type RoomHooks } from "../../../src/game/schema/define-room.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { encodeInputs, packInput } from "../../../src/game/schema/input-codec.ts";
import { NO_LINK } from "../../../src/game/schema/link-quality.ts";
import { encodeMessage } from "../../../src/game/schema/message-codec.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import type { World } from "../../../src/game/schema/world-types.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";

const TURN = 2 * Math.PI;

/** A ship goes one right each tick, and turns a quarter and a bit. 250 ms are 10 ticks. */
const game = defineGame({
  name: "past",
  tickRate: 40,
  input: { fire: t.bool() },
  entities: {
    ship: {
      ...{
        x: t.fixed(0, 1000, 0.5),
        y: t.fixed(0, 1000, 0.5),
        aim: t.angle(8),
        hp: t.uint(100).default(100),
      },
      at: t.vec2(0, 1000, 0.5),
      secret: t.fixed(0, 1000, 0.5).visibleTo("server"),
      wears: t.oneOf("hat", "cap"),
    },
    crate: { x: t.int(0, 1000), y: t.uint(1000) },
    flag: { at: t.vec2(0, 1000, 0.5), aim: t.angle(8) },
    ghost: { x: t.fixed(0, 1000, 0.5).visibleTo("server"), y: t.fixed(0, 1000, 0.5) },
  },
  messages: { shoot: { from: "client", fields: {} } },
  avatar: "ship",
  step: {
    ship(ship, _input, world) {
      ship.x = world.tick + 1;
      ship.aim = ((world.tick + 1) * 70 * TURN) / 256;
      ship.at = { x: (world.tick + 1) * 2, y: 5 };
    },
    crate(crate, _input, world) {
      crate.x = (world.tick + 1) * 3;
    },
    flag(flag, _input, world) {
      flag.at = { x: world.tick + 1, y: 0 };
    },
  },
});
type S = (typeof game)["~shape"];
type W = World<S>;

function newRoom(hooks: RoomHooks<S> = {}, link = { rttMs: 300, jitterMs: 0 }) {
  const errors: string[] = [];
  const history = new ReplicaHistory(game as unknown as Game<Shape>);
  let onTick: (world: W) => void = () => {};
  const room = new Room(defineRoom(game, { onTick: (world) => onTick(world), ...hooks }), {
    ...{ seed: 1, history, linkOf: () => ({ ...NO_LINK, ...link }) },
    onError: (error, where) => errors.push(`${where}: ${(error as Error).message}`),
  });
  const tell = (): void => history.capture(room["~store"], room.tick);
  const step = (ticks = 1): void => {
    for (let n = 0; n < ticks; n += 1) {
      room.step();
      tell();
    }
  };
  const me = room.join("me") as RoomPlayer<S>;
  /** My input for `tick`, when I saw others as of so many ticks before. */
  const input = (tick: number, lag: number, count = 1): void => {
    const writer = new MsgpackWriter().reset(new Uint8Array(100));
    const inputs = Array.from({ length: count }, () => packInput(game, {}));
    encodeInputs(game, writer, tick, inputs, lag * 8);
    room.receiveInput(me, writer.bytes, 0, writer.at);
  };
  /** Runs `look` in the `onTick` of the next tick, in my past. */
  const rewound = <T>(lag: number, look: (world: W) => T, lead = 0): T => {
    let seen: T | undefined;
    input(room.tick + lead, lag);
    step(lead);
    onTick = (world) => {
      onTick = () => {};
      seen = world.rewind(me, () => look(world));
    };
    step();
    return seen as T;
  };
  const nextTick = (run: (world: W) => void): void => {
    onTick = (world) => {
      onTick = () => {};
      run(world);
    };
    step();
  };
  return { room, world: room.world, step, me, input, rewound, nextTick, errors, history };
}

describe("in a player's past", () => {
  test("others stand where they were at the very tick, and between two ticks", () => {
    const { world, step, rewound, room } = newRoom();
    const ship = world.spawn("ship");
    const crate = world.spawn("crate");
    step(20);
    const look = () => [ship.x, ship.at.x, ship.at.y, crate.x];
    // The input is that of tick 20, and saw tick 16.
    expect(rewound(4, look)).toEqual([16, 32, 5, 48]);
    expect(look()).toEqual([21, 42, 5, 63]);
    expect(rewound(4.25, look)).toEqual([16.75, 33.5, 5, 50]);
    expect(rewound(4.125, look)).toEqual([17.875, 35.75, 5, 54]);
    // An input that came early saw what it saw when it was made.
    expect(rewound(6, look, 3)).toEqual([20, 40, 5, 60]);
    expect(room.counters).toMatchObject({ rewinds: 4, rewindsClamped: 0, rewindsCapped: 0 });
  });

  test("angles go the short way", () => {
    const { world, step, rewound } = newRoom();
    const ship = world.spawn("ship");
    step(20);
    // Turned by 70 of 256 each tick: 11 at tick 11 × 70 = 770 = 2, which is beyond a whole turn.
    expect(rewound(9, () => ship.aim)).toBe((2 * TURN) / 256);
    // From 212 at tick 14 to 26 at tick 15: 70 onwards, not 186 back.
    expect(rewound(6.5, () => ship.aim)).toBe(((212 + 35) * TURN) / 256);
    expect(rewound(7.25, () => ship.aim)).toBe(((212 + 52.5 - 256) * TURN) / 256);
  });

  test("the rest is as it is now: counts, choices, what nobody is told, and kinds without a place", () => {
    const { world, step, rewound } = newRoom();
    const ship = world.spawn("ship");
    const flag = world.spawn("flag");
    const ghost = world.spawn("ghost");
    step(20);
    Object.assign(ship, { hp: 7, wears: "cap", secret: 12.25 });
    ghost.y = 3;
    const look = () => [ship.x, ship.hp, ship.wears, ship.secret, flag.at.x, ghost.y];
    expect(rewound(4, look)).toEqual([16, 7, "cap", 12.25, 21, 3]);
  });

  test("one's own stays where one has it", () => {
    const { world, step, rewound, me } = newRoom();
    me.entity = world.spawn("ship");
    const other = world.spawn("ship");
    step(20);
    expect(rewound(4, () => [me.entity?.x, other.x])).toEqual([21, 16]);
  });

  test("a room says which kinds", () => {
    const { world, step, rewound } = newRoom({ rewind: ["crate"] });
    const ship = world.spawn("ship");
    const crate = world.spawn("crate");
    step(20);
    expect(rewound(4, () => [ship.x, crate.x])).toEqual([21, 48]);
    expect(() => newRoom({ rewind: ["flag"] })).toThrow(
      "rewind: a flag has no numbers x and y that anyone is sent",
    );
    expect(() => newRoom({ rewind: ["ghost"] })).toThrow("rewind: a ghost has no numbers");
    expect(() => newRoom({ rewind: ["bird" as never] })).toThrow('rewind: there is no kind "bird"');
  });

  test("near and iterations see it, before and after as well", () => {
    const { world, step, rewound } = newRoom();
    const ship = world.spawn("ship");
    step(20);
    const near = (x: number) => [...world.near({ x, y: 0 }, 0.5)].map(({ id }) => id);
    expect(near(20)).toEqual([ship.id]);
    const seen = rewound(4, () => [near(16), near(21), [...world.ship].map(({ x }) => x)]);
    expect(seen).toEqual([[ship.id], [], [16]]);
    expect([near(16), near(21)]).toEqual([[], [ship.id]]);
  });

  test("who was born since is where it is, whoever lived there before", () => {
    const { world, step, rewound, nextTick, me, input } = newRoom();
    const old = world.spawn("ship");
    step(20);
    world.despawn(old);
    step();
    const young = world.spawn("ship");
    expect(Math.floor(young.id / 2 ** 20)).toBe(Math.floor(old.id / 2 ** 20));
    step();
    expect(rewound(4, () => young.x)).toBe(23);
    expect(rewound(1, () => young.x)).toBe(22);
    input(24, 4);
    nextTick(() => {
      const newborn = world.spawn("ship", { x: 500 });
      expect(world.rewind(me, () => [young.x, newborn.x])).toEqual([25, 500]);
    });
  });
});

describe("what is done in the past", () => {
  test("stays, but for what stands as it was", () => {
    const { world, step, rewound, errors, room, me } = newRoom();
    me.entity = world.spawn("ship");
    const ship = world.spawn("ship");
    const target = world.spawn("ship");
    step(20);
    const born = rewound(4, () => {
      ship.hp -= 10;
      ship.x += 100;
      ship.at.x = 7;
      me.entity!.x = 300;
      world.despawn(target);
      // Enough for columns to grow.
      return Array.from({ length: 50 }, (_, n) => world.spawn("ship", { x: n }));
    });
    expect([ship.hp, ship.x, ship.at.x, me.entity?.x]).toEqual([90, 21, 42, 300]);
    expect(world.get(target.id)).toBeUndefined();
    expect(born.map(({ x }) => x)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(errors).toEqual([
      "rewind: ship.x was written inside world.rewind, where it is the past: that is undone, write after it.",
      "rewind: ship.at was written inside world.rewind, where it is the past: that is undone, write after it.",
    ]);
    rewound(4, () => {
      ship.x = 0;
    });
    expect([errors.length, room.counters.rewindWritesUndone]).toEqual([2, 3]);
  });

  test("what died there reads as it was when it died", () => {
    const { world, step, input, nextTick, me } = newRoom();
    const target = world.spawn("ship");
    step(20);
    input(20, 4);
    nextTick(() => {
      world.rewind(me, () => world.despawn(target));
      expect(target.x).toBe(21);
    });
    expect(() => target.x).toThrow("was despawned");
  });

  test("is left behind when it throws", () => {
    const { world, step, input, nextTick, me, errors } = newRoom();
    // Not where its replica is.
    const ship = world.spawn("ship", { y: 1.1 });
    step(20);
    input(20, 4);
    nextTick(() => {
      ship.x = 123.456;
      const before = [ship.x, ship.y, ship.aim, ship.at.x];
      expect(() =>
        world.rewind(me, () => {
          expect(ship.x).toBe(16);
          expect(ship.y).toBe(1);
          throw new Error("oops");
        }),
      ).toThrow("oops");
      expect([ship.x, ship.y, ship.aim, ship.at.x]).toEqual(before);
      expect([...world.near({ x: 123, y: 1 }, 1)].length).toBe(1);
      expect(world.rewind(me, () => ship.x)).toBe(16);
    });
    expect(errors).toEqual([]);
  });

  test("is no place to look further back from, and steps have none", () => {
    const { world, step, input, nextTick, me } = newRoom();
    const ship = world.spawn("ship");
    step(20);
    input(20, 4);
    nextTick(() => {
      const nested = () => world.rewind(me, () => world.rewind(me, () => 1));
      expect(nested).toThrow(
        "world.rewind was called inside world.rewind: look at one past after the other.",
      );
      expect(ship.x).toBe(21);
      expect(world.rewind(me, () => ship.x)).toBe(16);
    });
    const stepped = defineGame({
      ...{ name: "s", tickRate: 40, input: {}, avatar: "a", entities: { a: { x: t.uint(9) } } },
      step: {
        a(_a, _input, stepWorld) {
          (stepWorld as unknown as W).rewind(me as never, () => {});
        },
      },
    });
    const errors: unknown[] = [];
    const room = new Room(defineRoom(stepped, {}), {
      seed: 1,
      onError: (error) => errors.push(String(error)),
    });
    room.world.spawn("a");
    room.step();
    expect(errors).toEqual(["Error: world.rewind is for a room's hooks: steps run on clients, too."]);
  });
});

describe("which past", () => {
  test("in onMessage that of the newest input that came", () => {
    const seen: number[] = [];
    const { room, world, step, input, me } = newRoom({
      onMessage: {
        shoot(inside, player) {
          seen.push(inside.rewind(player, () => [...inside.ship][0]!.x));
        },
      },
    });
    world.spawn("ship");
    step(20);
    const bytes = encodeMessage(game, "shoot", {})!;
    room.receiveMessage(me, bytes);
    // Made for tick 22, when the ship was seen at 15; then for 23, at 16.
    input(22, 7);
    room.receiveMessage(me, bytes);
    input(23, 7);
    room.receiveMessage(me, bytes);
    // Older ones that come later say nothing newer.
    input(21, 7);
    room.receiveMessage(me, bytes);
    expect(seen).toEqual([20, 15, 16, 16]);
  });

  test("older inputs of a block lag as much, and missing ones as the last", () => {
    const { world, step, input, nextTick, me } = newRoom();
    const ship = world.spawn("ship");
    step(20);
    input(22, 6, 3);
    const seen: number[] = [];
    const look = () => nextTick(() => seen.push(world.rewind(me, () => ship.x)));
    for (let n = 0; n < 5; n += 1) look();
    expect(seen).toEqual([14, 15, 16, 17, 18]);
    step(10);
    // Neutral by now: it claims nothing.
    look();
    expect(seen.at(-1)).toBe(36);
  });

  test("none where nothing is claimed, or nobody was told of anything", () => {
    const { world, step, rewound, room } = newRoom();
    const ship = world.spawn("ship");
    expect(rewound(0, () => ship.x)).toBe(1);
    step(19);
    expect(rewound(0, () => ship.x)).toBe(21);
    const alone = new Room(defineRoom(game, {}), { seed: 1 });
    expect(alone.world.rewind(alone.join("me"), () => 5)).toBe(5);
    expect(room.counters.rewindsClamped).toBe(0);
  });

  test("at most 250 ms before the present, and three ticks", () => {
    const { world, step, rewound, room, me } = newRoom({}, { rttMs: 1000, jitterMs: 0 });
    const ship = world.spawn("ship");
    step(60);
    // In `onTick` of 60 the present is what becomes state 61.
    expect(rewound(12, () => ship.x)).toBe(48);
    expect(room.counters.rewindsCapped).toBe(0);
    expect(rewound(13, () => ship.x)).toBe(49);
    expect(rewound(40, () => ship.x)).toBe(50);
    expect([room.counters.rewindsCapped, room.counters.rewindsClamped, me.rewindsClamped]).toEqual([2, 0, 0]);
  });

  test("and the ticks by which its input came early, up to four", () => {
    for (const [lead, allowed] of [
      [1, 1],
      [4, 4],
      [5, 4],
      [20, 4],
    ] as const) {
      const { world, step, rewound, room } = newRoom({}, { rttMs: 1000, jitterMs: 0 });
      const ship = world.spawn("ship");
      step(60);
      const present = room.tick + lead + 1;
      expect(rewound(60, () => ship.x, lead)).toBe(present - 13 - allowed);
      expect(room.counters.rewindsCapped).toBe(1);
    }
  });

  test("not what cannot have been seen: older than the round trip allows, or not sent yet", () => {
    // Two ticks of round trip, one of jitter times four, and three.
    const { world, step, rewound, room, me, input, nextTick } = newRoom({}, { rttMs: 50, jitterMs: 25 / 4 });
    const ship = world.spawn("ship");
    step(60);
    expect(rewound(6, () => ship.x)).toBe(54);
    expect(room.counters.rewindsClamped).toBe(0);
    expect(rewound(6.125, () => ship.x)).toBe(55);
    expect(rewound(63, () => ship.x)).toBe(56);
    expect([room.counters.rewindsClamped, me.rewindsClamped]).toEqual([2, 2]);
    // Two ticks early: at tick 63, for 65, state 64 was not there yet.
    expect(rewound(1, () => ship.x, 2)).toBe(63);
    expect(me.rewindsClamped).toBe(3);
    // Early, and of what was there to be seen.
    expect(rewound(8, () => ship.x, 2)).toBe(60);
    expect(rewound(8.125, () => ship.x, 2)).toBe(63);
    expect(me.rewindsClamped).toBe(4);
    // Who repeats a lost input in a later block lags as that block does.
    input(74, 8, 3);
    nextTick(() => expect(world.rewind(me, () => ship.x)).toBe(64));
    expect(me.rewindsClamped).toBe(4);
  });

  test("not what is forgotten, or was never there", () => {
    const { world, rewound } = newRoom({}, { rttMs: 5000, jitterMs: 0 });
    const ship = world.spawn("ship");
    // Nobody was told of state 0: there the ship is where it is.
    expect(rewound(1, () => ship.x)).toBe(1);
    expect(rewound(60, () => ship.x)).toBe(2);
  });
});
