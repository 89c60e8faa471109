import { arena } from "../../../examples/arena/arena.ts";
import arenaRoom from "../../../examples/arena/arena-room.ts";
import { decodeOwn, encodeOwn } from "../../../src/game/replication/own-block.ts";
import { describeSnapshot, type Snapshot } from "../../../src/game/replication/snapshot.ts";
import { leastBlockBytes, SnapshotEncoder } from "../../../src/game/replication/state-block.ts";
import { Room } from "../../../src/game/room/room.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { defineRoom } from "../../../src/game/schema/define-room.ts";
import { encodeInputs, packInput } from "../../../src/game/schema/input-codec.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { MsgpackReader } from "../../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { hex } from "../hex.ts";
import { plainOwn } from "../plain-values.ts";
import { typesGame } from "../types-game.ts";

export function stateVectors(): object {
  return {
    snapshots: [
      { game: "arena", ...emptyArena() },
      { game: "arena", ...arenaPlay() },
      { game: "types", ...everyType() },
    ],
    refusedStates: REFUSED_STATES.map(([game, block, why]) => ({ game, block, why })),
    refusedOwns: REFUSED_OWNS.map(([game, block, why]) => ({ game, block, why })),
  };
}

/** Of the types game, kind 1 has no fields: records of it are short. */
const REFUSED_STATES: readonly [string, string, string][] = [
  ["types", "", "nothing"],
  ["types", "920100", "no parts"],
  ["types", "93010000", "0 parts"],
  ["types", "93010101", "part 1 of 1"],
  ["types", "9301cd1000cd1001", "4097 parts"],
  ["types", "94010001" + "9400000100", "generation 0"],
  ["types", "94010001" + "9400010300", "no such kind"],
  ["types", "94010001" + "950001010000", "an element too many"],
  ["types", "94010001" + "93000101", "an element too few"],
  ["types", "94010001" + "94ce0010000001" + "0100", "an index of 2^20"],
  ["types", "95010001" + "94ce000fffff010100" + "9400010100", "a record past index 2^20 - 1"],
  ["types", "93010001" + "00", "a byte behind"],
  ["types", "9301cc0001", "a longer form"],
];
const REFUSED_OWNS: readonly [string, string, string][] = [
  ["types", "", "nothing"],
  ["types", "93010000", "player 0"],
  ["types", "930101cf0000010000000000", "entity 2^40"],
  ["types", "94010100" + "93ce001000010205" + "00", "a byte behind"],
  ["types", "94010100" + "93ce00100001020a", "a fuse out of range"],
  ["types", "94010100" + "93000205", "id 0"],
  ["types", `95010100${"93ce001000010205".repeat(2)}`, "an id twice"],
  ["types", "94010100" + "94ce00100001020500", "an element too many"],
];

function emptyArena(): object {
  const room = new Room(arenaRoom, { seed: 1 });
  return { name: "nobody", ...described(room.capture(), 1140, []) };
}

/** Twelve players, half of whom fire, and one has left. */
function arenaPlay(): object {
  const room = new Room(arenaRoom, { seed: 7 });
  const players = Array.from({ length: 12 }, (_, i) => room.join(i === 1 ? "größe" : `player ${i}`));
  for (let tick = 0; tick < 40; tick += 1) {
    for (const [i, player] of players.entries()) {
      const input = packInput(arena, { move: { x: 1, y: -i / 12 }, aim: i / 2, fire: i % 2 === 0 });
      const writer = new MsgpackWriter().reset(new Uint8Array(600));
      encodeInputs(arena as unknown as Game<Shape>, writer, tick, [input]);
      room.receiveInput(player, writer.bytes, 0, writer.at);
    }
    room.step();
    if (tick === 20) room.leave(players[1]!, "closed");
  }
  const told = [players[0]!, players[3]!].map(({ id, entity }) => ({ playerId: id, entityId: entity!.id }));
  return { name: "a little play", ...described(room.capture(), 250, told) };
}

function everyType(): object {
  const room = new Room(defineRoom(typesGame, {}), { seed: 1 });
  const { world } = room;
  const [ada, bob, eve] = ["ada", "bob", "eve"].map((name) => room.join(name));
  const gone = world.spawn("empty");
  const first = world.spawn("thing");
  world.despawn(gone);
  room.step();
  world.spawn("empty");
  const second = world.spawn("thing", {
    isOn: false,
    count: 2 ** 32 - 1,
    offset: -(2 ** 31),
    low: 10,
    tenth: 0.3,
    fine: 0.00001,
    coarse: -994,
    heading: 6.2831,
    at: { x: -10, y: 9.75 },
    label: "größe ".repeat(40),
    target: first.id,
    mood: "calm",
    maybe: { x: 3, y: 1 },
    path: Array.from({ length: 17 }, (_, i) => ({ x: i % 4, y: 1 })),
    words: ["a", "", "ö"],
    maybeList: [first.id, undefined],
    ammo: 299,
    plan: "flank",
    secret: 1,
  });
  bob!.entity = first;
  ada!.entity = second;
  eve!.entity = world.spawn("mine", { fuse: 5 });
  room.step();
  const told = [ada!, bob!, eve!].map(({ id, entity }) => ({ playerId: id, entityId: entity?.id ?? 0 }));
  const snapshot = room.capture();
  return { name: "every type", ...described(snapshot, leastBlockBytes(snapshot), told) };
}

function described(
  snapshot: Snapshot,
  maxBlockBytes: number,
  told: readonly { playerId: number; entityId: number }[],
): object {
  const blocks = new SnapshotEncoder().encode(snapshot, maxBlockBytes);
  return {
    blocks: blocks.map(({ bytes, length }) => hex(bytes.subarray(0, length))),
    state: describeSnapshot(snapshot),
    owns: told.map(({ playerId, entityId }) => {
      const writer = new MsgpackWriter().reset(new Uint8Array(1140));
      encodeOwn(snapshot, playerId, entityId, writer);
      const block = writer.bytes.slice(0, writer.at);
      const own = decodeOwn(snapshot.schema, new MsgpackReader().reset(block))!;
      return { block: hex(block), own: plainOwn(own) };
    }),
  };
}
