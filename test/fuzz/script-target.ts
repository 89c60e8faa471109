/**
 * Scripts through the real writer into the real reader, for random games: what is decoded is what was encoded; what
 * was altered on the way is refused, or is what a lawful writer might have written.
 */
import fc from "fast-check";
import { decodeOwn, encodeOwn } from "../../src/game/replication/own-block.ts";
import { describeSnapshot, hashSnapshot, type Snapshot } from "../../src/game/replication/snapshot.ts";
import { SnapshotAssembler } from "../../src/game/replication/snapshot-assembler.ts";
import { leastBlockBytes, SnapshotEncoder } from "../../src/game/replication/state-block.ts";
import { Room } from "../../src/game/room/room.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import { defineRoom } from "../../src/game/schema/define-room.ts";
import { decodeInputs, encodeInputs, packInput } from "../../src/game/schema/input-codec.ts";
import { decodeMessage, encodeMessage } from "../../src/game/schema/message-codec.ts";
import { packRecord, unpackRecord } from "../../src/game/schema/record-codec.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { newValueCounters } from "../../src/game/schema/value-counters.ts";
import { MsgpackReader } from "../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { type Damage, damaged, damages } from "./damage.ts";
import { type GamePlan, gameOf, gamePlans, recordOf } from "./random-game.ts";
import { behaviourOf, promise, type Target } from "./target.ts";

interface Input {
  readonly game: GamePlan;
  readonly acts: readonly {
    readonly do: "spawn" | "change" | "despawn" | "give" | "tick";
    readonly n: number;
  }[];
  /** Added to the least bytes a block may have. */
  readonly spareBytes: number;
  readonly shuffle: number;
  readonly values: readonly number[];
  readonly damages: readonly (readonly Damage[])[];
}

const inputs: fc.Arbitrary<Input> = fc.record({
  game: gamePlans,
  acts: fc.array(
    fc.record({
      do: fc.constantFrom("spawn", "spawn", "spawn", "change", "despawn", "give", "tick"),
      n: fc.nat(5_000),
    }),
    { maxLength: 40, size: "max" },
  ),
  spareBytes: fc.constantFrom(0, 0, 10, 500),
  shuffle: fc.nat(1_000),
  values: fc.array(fc.nat(1e6), { minLength: 1, maxLength: 12 }),
  damages: fc.array(fc.array(damages, { minLength: 1, maxLength: 2 }), { maxLength: 12 }),
});

interface Altered {
  refused: number;
  lawful: number;
}

function run(input: Input): string {
  const game = gameOf(input.game);
  const room = new Room(defineRoom(game, {}), { seed: 1 });
  const player = room.join("ada");
  act(room, player, input);
  const snapshot = room.capture();
  const altered: Altered = { refused: 0, lawful: 0 };
  const blocks = promiseSnapshot(game, snapshot, input);
  const own = promiseOwn(game, snapshot, player.id);
  const [inputBytes, messageBytes] = [promiseInputs(game, input), promiseMessages(game, input)];
  for (const list of input.damages) {
    const others = [...blocks, own, inputBytes, messageBytes];
    const alter = (bytes: Uint8Array) => list.reduce((sum, damage) => damaged(sum, damage, others), bytes);
    for (const block of blocks.slice(0, 3)) promiseAlteredState(game, alter(block), altered);
    promiseAlteredOwn(game, alter(own), altered);
    promiseAlteredInputs(game, alter(inputBytes), altered);
    promiseAlteredMessage(game, alter(messageBytes), altered);
  }
  return behaviourOf({ blocks: blocks.length, entities: snapshot.size, ...altered, own: own.length });
}

type AnyRoom = Room<Shape>;

function act(room: AnyRoom, player: ReturnType<AnyRoom["join"]>, { acts, game: plan }: Input): void {
  const world = room.world as unknown as {
    spawn(kind: string, values: object): { id: number; kind: string };
    despawn(entity: object): void;
    get(id: number): object | undefined;
  };
  const living: { id: number; kind: string }[] = [];
  for (const { do: what, n } of acts) {
    const kind = n % plan.kinds.length;
    const one = living[n % (living.length || 1)];
    if (what === "spawn") living.push(world.spawn(`kind${kind}`, recordOf(plan.kinds[kind]!, n)));
    else if (what === "tick") room.step();
    else if (one === undefined) continue;
    else if (what === "give") player.entity = one as never;
    else if (what === "despawn") {
      world.despawn(one);
      living.splice(living.indexOf(one), 1);
    } else Object.assign(one, recordOf(plan.kinds[Number(one.kind.slice(4))]!, n));
  }
}

/** All blocks in some order, some of them twice, make the snapshot once. */
function promiseSnapshot(
  game: Game<Shape>,
  snapshot: Snapshot,
  { spareBytes, shuffle }: Input,
): Uint8Array[] {
  const room = leastBlockBytes(snapshot) + spareBytes;
  const blocks = new SnapshotEncoder()
    .encode(snapshot, room)
    .map(({ bytes, length }) => bytes.slice(0, length));
  promise(
    blocks.every(({ length }) => length <= room),
    "no block is longer than it may be",
  );
  const order = blocks.map((_, n) => n).sort((a, b) => ((a * 7 + shuffle) % 13) - ((b * 7 + shuffle) % 13));
  const assembler = new SnapshotAssembler(game);
  const complete = [...order.slice(0, 2), ...order, ...order.slice(0, 2)].flatMap(
    (n) => assembler.receive(blocks[n]!) ?? [],
  );
  promise(complete.length === 1, "all blocks of a tick make it complete once");
  promise(
    JSON.stringify(describeSnapshot(complete[0]!)) === JSON.stringify(describeSnapshot(snapshot)),
    "what is decoded is what was encoded",
  );
  promise(hashSnapshot(complete[0]!) === hashSnapshot(snapshot), "equal states have equal hashes");
  return blocks;
}

function ownBytes(snapshot: Snapshot, playerId: number): Uint8Array {
  const writer = new MsgpackWriter().reset(new Uint8Array(1_140));
  promise(encodeOwn(snapshot, playerId, 0, writer), "an own block of few entities fits");
  return writer.bytes.slice(0, writer.at);
}

function promiseOwn(game: Game<Shape>, snapshot: Snapshot, playerId: number): Uint8Array {
  const bytes = ownBytes(snapshot, playerId);
  const own = decodeOwn(game.schema, new MsgpackReader().reset(bytes));
  promise(own?.tick === snapshot.tick && own.playerId === playerId, "an own block comes back");
  const owned = snapshot.kinds
    .filter(({ schema }) => schema.own.fields.length > 0)
    .flatMap(({ ids, owners }) => [...ids].filter((_, i) => owners[i] === playerId));
  promise(
    [...own.replicasById.keys()].sort().join() === owned.sort().join(),
    "it tells of what the player owns",
  );
  return bytes;
}

function promiseInputs(game: Game<Shape>, { game: plan, values }: Input): Uint8Array {
  const replicas = values.slice(0, 10).map((value) => packInput(game, recordOf(plan.input, value) as never));
  const writer = new MsgpackWriter().reset(new Uint8Array(600));
  const newestTick = values[0]!;
  const seen = newestTick % 512;
  const written = encodeInputs(game, writer, newestTick, replicas, seen);
  promise(written >= 1, "at least one input fits");
  const bytes = writer.bytes.slice(0, writer.at);
  const decoded = decodeInputs(game, bytes);
  promise(decoded?.newestTick === newestTick && decoded.seenLagEighths === seen, "inputs come back");
  promise(same(decoded.inputs, replicas.slice(0, written)), "inputs come back as they were");
  return bytes;
}

function promiseMessages(game: Game<Shape>, { game: plan, values }: Input): Uint8Array {
  let bytes = new Uint8Array(0);
  for (const [n, value] of values.entries()) {
    const index = n % plan.messages.length;
    const record = recordOf(plan.messages[index]!, value);
    bytes = encodeMessage(game, `message${index}`, record)!.slice();
    const schema = game.schema.messages[index]!;
    const meant = unpackRecord(schema, packRecord(schema, record, newValueCounters()));
    const decoded = decodeMessage(game, n % 2 === 0 ? "client" : "server", bytes);
    promise(decoded?.name === `message${index}` && same(decoded.values, meant), "a message comes back");
  }
  return bytes;
}

function promiseAlteredState(game: Game<Shape>, bytes: Uint8Array, altered: Altered): void {
  const assembler = new SnapshotAssembler(game);
  const snapshot = assembler.receive(bytes);
  const { blocksMalformed, blocksTaken, blocksOld, blocksContradictory } = assembler.counters;
  promise(blocksMalformed + blocksTaken + blocksOld >= 1, "an altered block is counted");
  if (snapshot === undefined) {
    altered.refused += blocksMalformed + blocksContradictory;
    return;
  }
  altered.lawful += 1;
  const [again] = new SnapshotEncoder().encode(snapshot, 4_000);
  promise(equal(again!.bytes.subarray(0, again!.length), bytes), "a block that decodes has its one form");
}

function promiseAlteredOwn(game: Game<Shape>, bytes: Uint8Array, altered: Altered): void {
  const own = decodeOwn(game.schema, new MsgpackReader().reset(bytes));
  if (own === undefined) altered.refused += 1;
  else altered.lawful += 1;
}

function promiseAlteredInputs(game: Game<Shape>, bytes: Uint8Array, altered: Altered): void {
  const decoded = decodeInputs(game, bytes);
  if (decoded === undefined) {
    altered.refused += 1;
    return;
  }
  altered.lawful += 1;
  const writer = new MsgpackWriter().reset(new Uint8Array(4_000));
  encodeInputs(game, writer, decoded.newestTick, decoded.inputs, decoded.seenLagEighths);
  promise(equal(writer.bytes.subarray(0, writer.at), bytes), "inputs that decode have their one form");
}

function promiseAlteredMessage(game: Game<Shape>, bytes: Uint8Array, altered: Altered): void {
  const decoded = decodeMessage(game, "client", bytes);
  if (decoded === undefined) {
    altered.refused += 1;
    return;
  }
  altered.lawful += 1;
  const again = encodeMessage(game, decoded.name, decoded.values)!;
  promise(equal(again, bytes), "a message that decodes has its one form");
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function same(a: unknown, b: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(value, (_, inner) => (inner === undefined ? "—" : inner));
  return text(a) === text(b);
}

export const scriptTarget: Target<Input> = { name: "scripts", inputs, run };
