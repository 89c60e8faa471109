import { describe, expect, test } from "vitest";
import { playerName } from "../../../src/game/room/player-name.ts";
import { Room } from "../../../src/game/room/room.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { defineRoom, type RoomHooks } from "../../../src/game/schema/define-room.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { encodeInputs, packInput } from "../../../src/game/schema/input-codec.ts";
import { decodeMessage, encodeMessage } from "../../../src/game/schema/message-codec.ts";
import type { SendResult } from "../../../src/game/schema/shape.ts";
import type { Player } from "../../../src/game/schema/world-types.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";

const game = defineGame({
  name: "room",
  tickRate: 10,
  input: { go: t.int(-1, 1), fire: t.bool() },
  entities: { ship: { x: t.fixed(-100, 100, 1) }, shot: { x: t.fixed(-100, 100, 1) } },
  messages: {
    chat: { from: "both", fields: { text: t.text(20) } },
    boom: { from: "server", channel: "unreliable", fields: {} },
    other: { from: "client", fields: {} },
  },
  avatar: "ship",
  step: {
    ship(ship, input, world) {
      ship.x += input.go;
      if (input.fire) world.spawn("shot", { x: ship.x });
      if (ship.x === 13) throw new Error("unlucky");
    },
  },
});
type S = (typeof game)["~shape"];

function newRoom(hooks: RoomHooks<S> = {}, answer: SendResult = "queued") {
  const sent: [string, number, unknown][] = [];
  const errors: string[] = [];
  const room = new Room(
    defineRoom(game, {
      onJoin(world, player) {
        player.entity = world.spawn("ship");
      },
      ...hooks,
    }),
    {
      seed: 1,
      deliver: (player, channel, bytes) => {
        sent.push([player.name, channel, decodeMessage(game, "server", bytes)?.values]);
        return answer;
      },
      onError: (error, where) => errors.push(`${where}: ${error}`),
    },
  );
  const input = (player: Player<S>, tick: number, values: { go?: number; fire?: boolean }): void => {
    const writer = new MsgpackWriter().reset(new Uint8Array(50));
    encodeInputs(game, writer, tick, [packInput(game, values)]);
    room.receiveInput(player, writer.bytes, 0, writer.at);
  };
  return { room, sent, errors, input };
}

describe("what a backend said of a player", () => {
  test("is there from onJoin on", () => {
    const seen: unknown[] = [];
    const { room } = newRoom({
      onJoin(_world, player) {
        seen.push([player.name, player.account, [...player.userData]]);
      },
    });
    room.join("ada", () => {}, { account: "account 7", userData: Uint8Array.of(1, 2) });
    room.join("bob");
    expect(seen).toEqual([
      ["ada", "account 7", [1, 2]],
      ["bob", undefined, []],
    ]);
  });
});

describe("a player whose connection falls silent", () => {
  test("stays with all it owns, does nothing, and is heard of again", () => {
    const told: string[] = [];
    const { room, input } = newRoom({
      onDrop: (world, player) => told.push(`drop ${player.name} ${player.isConnected} ${world.ship.size}`),
      onReconnect: (_world, player) => told.push(`reconnect ${player.name} ${player.isConnected}`),
      onLeave: (_world, player, reason) => told.push(`leave ${reason} ${player.isConnected}`),
    });
    const ada = room.join("ada");
    room.join("bob");
    input(ada, 0, { go: 1 });
    room.step();
    for (let i = 0; i < 2; i += 1) room.drop(ada);
    expect([ada.isConnected, room.droppedCount, room.playerCount]).toEqual([false, 1, 2]);
    for (let i = 0; i < 20; i += 1) room.step();
    // Eight ticks the last input stands in.
    expect([ada.input.go, ada.entity?.x]).toEqual([0, 9]);
    for (let i = 0; i < 2; i += 1) room.reconnect(ada);
    expect([ada.isConnected, room.droppedCount]).toEqual([true, 0]);
    room.drop(ada);
    room.leave(ada, "timeout");
    expect([room.droppedCount, room.playerCount, room.world.ship.size]).toEqual([0, 1, 1]);
    room.drop(ada);
    room.reconnect(ada);
    expect(told).toEqual([
      ...["drop ada false 2", "reconnect ada true", "drop ada false 2", "leave timeout false"],
    ]);
  });

  test("hooks that throw are reported, and cost nobody the stay", () => {
    const fail = (): never => {
      throw new Error("oops");
    };
    const { room, errors } = newRoom({ onDrop: fail, onReconnect: fail });
    const ada = room.join("ada");
    room.drop(ada);
    room.reconnect(ada);
    expect(errors).toEqual(["onDrop: Error: oops", "onReconnect: Error: oops"]);
    expect([room.counters.hookErrors, room.nextKick(), ada.isConnected]).toEqual([2, undefined, true]);
  });

  test("may be kicked for it", () => {
    const { room } = newRoom({ onDrop: (_world, player) => player.kick("we wait for nobody") });
    const ada = room.join("ada");
    room.drop(ada);
    expect(room.nextKick()).toEqual({ player: ada, reason: "we wait for nobody" });
  });
});

describe("a room", () => {
  test("steps entities by the input of their owner for that very tick", () => {
    const { room, input } = newRoom();
    const ada = room.join("ada");
    input(ada, 1, { go: 1 });
    room.step();
    expect([ada.entity?.x, ada.input.go, room.tick]).toEqual([0, 0, 1]);
    room.step();
    expect([ada.entity?.x, ada.input.go, room.tick]).toEqual([1, 1, 2]);
  });

  test("says how early inputs come", () => {
    const { room, input } = newRoom();
    const ada = room.join("ada");
    expect(room.leadTicks(ada)).toBe(0);
    input(ada, 5, {});
    expect(room.leadTicks(ada)).toBe(5);
    for (let n = 0; n < 7; n += 1) room.step();
    expect(room.leadTicks(ada)).toBe(-2);
    input(ada, 6, {});
    expect(room.leadTicks(ada)).toBe(-1);
    expect(room.counters.inputsLate).toBe(1);
  });

  test("gives what a step spawned the same owner, and takes all of it out with the player", () => {
    const left: string[] = [];
    const { room, input } = newRoom({
      onLeave(world, player, reason) {
        left.push(`${player.name} ${reason} ${world.shot.size} ${player.entity?.kind}`);
      },
    });
    const ada = room.join("ada");
    room.join("bob");
    input(ada, 0, { fire: true });
    room.step();
    expect([...room.world.shot].map((shot) => shot.owner)).toEqual([ada.id]);
    room.leave(ada, "quit");
    room.leave(ada, "quit");
    expect(left).toEqual(["ada quit 1 ship"]);
    expect([room.playerCount, room.world.ship.size, room.world.shot.size]).toEqual([1, 1, 0]);
    expect([...room.world.ship].map(({ owner }) => owner)).toEqual([2]);
    input(ada, 3, {});
    expect(room.counters.receivedAfterLeave).toBe(1);
  });

  test("hands entities over", () => {
    const { room } = newRoom();
    const [ada, bob] = [room.join("ada"), room.join("bob")];
    const ship = ada.entity;
    const bobsOwn = bob.entity;
    bob.entity = ship;
    expect([ada.entity, bob.entity, bobsOwn?.owner]).toEqual([undefined, ship, undefined]);
    bob.entity = undefined;
    expect([bob.entity, ship?.owner]).toEqual([undefined, undefined]);
  });

  test("is full when it is, and counts whom it lets in", () => {
    const { room } = newRoom({ maxPlayers: 2 });
    room.join("ada");
    expect(room.isFull).toBe(false);
    room.join("bob");
    expect([room.isFull, room.playerCount]).toEqual([true, 2]);
    expect(() => room.join("eve")).toThrow(RangeError);
  });
});

describe("messages", () => {
  test("reach the rules, and players", () => {
    const { room, sent } = newRoom({
      onMessage: {
        chat(world, player, { text }) {
          world.broadcast("chat", { text: `${player.name}: ${text}` });
          player.send("boom", {});
        },
      },
    });
    const ada = room.join("ada");
    room.join("bob");
    room.receiveMessage(ada, encodeMessage(game, "chat", { text: "hi" })!);
    expect(sent).toEqual([
      ["ada", 0, { text: "ada: hi" }],
      ["bob", 0, { text: "ada: hi" }],
      ["ada", 1, {}],
    ]);
    room.receiveMessage(ada, encodeMessage(game, "other", {})!);
    room.receiveMessage(ada, encodeMessage(game, "boom", {})!);
    room.receiveMessage(ada, Uint8Array.of(1, 2, 3));
    expect(room.counters).toMatchObject({ messagesReceived: 2, messagesMalformed: 2, messagesQueued: 3 });
  });

  test("say what became of them", () => {
    const { room } = newRoom({}, "queue-full");
    expect(room.join("ada").send("chat", { text: "hi" })).toBe("queue-full");
    expect(room.counters.messagesRefused).toBe(1);
  });
});

describe("an error of the rules", () => {
  test("in onMessage or onJoin costs that player the stay, and no other", () => {
    const { room, errors } = newRoom({
      onJoin(_world, player) {
        if (player.name === "eve") throw new Error("no eve");
      },
      onMessage: {
        other() {
          throw new Error("no other");
        },
      },
    });
    const ada = room.join("ada");
    const eve = room.join("eve");
    room.receiveMessage(ada, encodeMessage(game, "other", {})!);
    room.receiveMessage(ada, encodeMessage(game, "other", {})!);
    expect(errors).toEqual(["onJoin: Error: no eve", "onMessage.other: Error: no other"]);
    expect([room.nextKick(), room.nextKick(), room.nextKick()]).toEqual([
      { player: eve, reason: "room-error" },
      { player: ada, reason: "room-error" },
      undefined,
    ]);
    expect(room.counters).toMatchObject({ hookErrors: 2, receivedAfterLeave: 1 });
  });

  test("in a step or onTick is counted, and the game goes on", () => {
    let ticks = 0;
    const { room, errors } = newRoom({
      onTick() {
        ticks += 1;
        throw new Error("no tick");
      },
    });
    const ada = room.join("ada");
    room.join("bob");
    if (ada.entity !== undefined) ada.entity.x = 13;
    room.step();
    room.step();
    expect([room.tick, ticks]).toEqual([2, 2]);
    expect(room.counters).toMatchObject({ stepErrors: 2, hookErrors: 2 });
    expect(errors.slice(0, 2)).toEqual(["step.ship: Error: unlucky", "onTick: Error: no tick"]);
  });
});

test("a kick is told once, and ends what the player may do", () => {
  const { room } = newRoom({
    onTick(world) {
      for (const player of world.players) player.kick("closing time");
    },
  });
  const ada = room.join("ada");
  room.step();
  room.step();
  expect([room.nextKick(), room.nextKick()]).toEqual([{ player: ada, reason: "closing time" }, undefined]);
  room.receiveMessage(ada, encodeMessage(game, "other", {})!);
  expect(room.counters).toMatchObject({ messagesReceived: 0, receivedAfterLeave: 1 });
  room.leave(ada, "closing time");
  expect(room.playerCount).toBe(0);
});

test("names are fit to show", () => {
  expect(playerName("ada", 1)).toBe("ada");
  expect(playerName("  a\u0000d\u202ea\n ", 1)).toBe("ada");
  expect(playerName("", 7)).toBe("player 7");
  expect(playerName("\u0007", 7)).toBe("player 7");
  expect(playerName("漢".repeat(20), 1)).toBe("漢".repeat(8));
  expect(playerName("x\ud800", 1)).toBe("x\ufffd");
});
