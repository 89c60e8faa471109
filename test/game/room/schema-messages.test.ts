import { describe, expect, test } from "vitest";
import type { GameClient } from "../../../client/game-client.ts";
import { Room } from "../../../src/game/room/room.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { defineRoom } from "../../../src/game/schema/define-room.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { encodeMessage } from "../../../src/game/schema/message-codec.ts";
import type { ValueWarning } from "../../../src/game/schema/value-warnings.ts";
import { simulate } from "../../../src/testing-door.ts";
import { chatSchema, handSchema } from "../schema/hand-schema.ts";

/** What the schema of "odd" does with what it is asked of. */
let oddly: (value: unknown) => { readonly value: unknown } = (value) => ({ value });

const game = defineGame({
  name: "room",
  tickRate: 20,
  input: {},
  entities: { ship: { hp: t.uint(9) } },
  messages: {
    chat: { from: "both", schema: chatSchema },
    scores: { from: "server", channel: "reliable-latest", schema: handSchema<readonly number[]>(scoresOnly) },
    world: {
      from: "server",
      channel: "bulk",
      schema: handSchema<{ readonly map: string }>((value) => ({ value: value as { readonly map: string } })),
    },
    odd: {
      from: "both",
      channel: "reliable-unordered",
      schema: handSchema<unknown>((value) => oddly(value)),
    },
  },
  avatar: "ship",
});
type S = (typeof game)["~shape"];

function scoresOnly(value: unknown) {
  if (Array.isArray(value) && value.every((each) => typeof each === "number"))
    return { value: value as readonly number[] };
  return { issues: [{ message: "must be numbers" }] };
}

function newRoom() {
  const heard: unknown[] = [];
  const errors: string[] = [];
  const warnings: ValueWarning[] = [];
  const sent: [number, number][] = [];
  const room = new Room(
    defineRoom(game, {
      onMessage: {
        chat: (_world, _player, message) => heard.push(message),
        odd: (_world, _player, message) => heard.push(message),
      },
    }),
    {
      seed: 1,
      deliver: (_player, channel, bytes) => {
        sent.push([channel, bytes.length]);
        return "queued";
      },
      onError: (error, where) => errors.push(`${where}: ${error}`),
      onValueWarning: (warning) => warnings.push(warning),
    },
  );
  return { room, heard, errors, warnings, sent, ada: room.join("ada") };
}

describe("a room", () => {
  test("hands its rules what the schema made of a message, and counts what it refuses", () => {
    const { room, ada, heard, errors, warnings } = newRoom();
    room.receiveMessage(ada, encodeMessage(game, "chat", { text: " hi ", at: "2030-01-01" })!);
    room.receiveMessage(ada, Uint8Array.of(0x92, 0, 0xa2, 0x7b, 0x7d));
    room.receiveMessage(ada, Uint8Array.of(0x92, 0, 0xa1, 0x7b));
    expect(heard).toEqual([{ text: "hi", at: new Date("2030-01-01") }]);
    expect(room.counters).toMatchObject({ messagesReceived: 1, messagesMalformed: 2, hookErrors: 0 });
    // What a stranger sends is no mistake of the game.
    expect([errors, warnings, room.nextKick()]).toEqual([[], [], undefined]);
  });

  test("counts a message whose schema throws or answers later, says so, and goes on", () => {
    const { room, ada, heard, errors } = newRoom();
    oddly = (value) => ({ value });
    const bytes = encodeMessage(game, "odd", 1)!;
    oddly = () => {
      throw new Error("oops");
    };
    room.receiveMessage(ada, bytes);
    oddly = () => Promise.reject(new Error("late")) as never;
    room.receiveMessage(ada, bytes);
    oddly = (value) => ({ value });
    room.receiveMessage(ada, bytes);
    expect(heard).toEqual([1]);
    expect(room.counters).toMatchObject({ messagesReceived: 1, messagesMalformed: 2 });
    expect(errors).toEqual([
      "schema.odd: Error: oops",
      "schema.odd: Error: its schema answers later, with a promise: none can wait",
    ]);
    expect(room.nextKick()).toBeUndefined();
  });

  test("does not send what a schema refuses, and says why once", () => {
    const { room, ada, warnings, sent } = newRoom();
    room.join("bob");
    expect(ada.send("chat", { text: "hi" })).toBe("queued");
    expect(ada.send("chat", { text: "far too long" })).toBe("invalid");
    expect(ada.send("chat", { text: "longer than that" })).toBe("invalid");
    room.world.broadcast("scores", [1, Number.NaN]);
    room.world.broadcast("scores", [1, 2]);
    expect(sent).toEqual([
      [0, 16],
      [2, 8],
      [2, 8],
    ]);
    expect(room.counters).toMatchObject({ messagesQueued: 3, messagesRefused: 0 });
    expect(room.valueCounters).toEqual({ clamped: 0, rounded: 0, refused: 3, cut: 0 });
    expect(warnings).toEqual([
      { message: "chat", reason: "refused", wrote: { text: "far too long" }, problem: "text.3: is too long" },
      { message: "scores", reason: "refused", wrote: [1, Number.NaN], problem: "must be numbers" },
    ]);
  });
});

test("schemas judge at both ends of a network, on every kind of channel", () => {
  const heard: unknown[] = [];
  const answers: unknown[] = [];
  const rules = defineRoom(game, {
    onJoin(world, player) {
      player.entity = world.spawn("ship");
      player.send("world", { map: "ü".repeat(20_000) });
      player.send("chat", { text: "welcome" });
    },
    onMessage: {
      chat(world, player, { text, at }) {
        heard.push(["server", text, at]);
        oddly = (value) => ({ value });
        player.send("odd", 1);
        // When it arrives, the client's schema is at fault.
        oddly = () => {
          throw new Error("oops");
        };
        world.broadcast("scores", [1, 2, 3]);
      },
    },
  });
  const listening = new Set<unknown>();
  const { clients, server } = simulate(rules, {
    ...{ players: 2, seconds: 4, seed: 1, link: { lossPercent: 20, latencyMs: 30 } },
    bot: { game, think: () => ({}) },
    play(me: GameClient<S>, tick) {
      if (!listening.has(me)) {
        listening.add(me);
        me.on("scores", (scores) => heard.push(["scores", scores.length]));
        me.on("world", ({ map }) => heard.push(["world", map.length]));
        me.on("odd", (odd) => heard.push(["odd", odd]));
        me.on("chat", ({ text }) => heard.push(["chat", text]));
        answers.push(me.send("chat", { text: "far too long" }), me.send("odd", 1n));
      }
      if (tick % 20 === 0) me.send("chat", { text: ` ${tick % 20} `, at: "2030-01-01" });
    },
  });
  expect(answers).toEqual(["invalid", "invalid", "invalid", "invalid"]);
  for (const expected of [
    ["server", "0", new Date("2030-01-01")],
    ["scores", 3],
    ["world", 20_000],
  ]) {
    expect(heard).toContainEqual(expected);
  }
  expect(clients.map(({ state }) => state)).toEqual(["playing", "playing"]);
  expect(heard).not.toContainEqual(["odd", 1]);
  for (const { refusals } of clients) expect(refusals.messages).toBeGreaterThan(1);
  expect(server.room.counters).toMatchObject({ messagesMalformed: 0, hookErrors: 0 });
  expect(server.room.valueCounters.refused).toBe(0);
});
