/**
 * Scripts through the real writers into the real readers, for random games: rooms that are served to players over bad
 * networks, inputs, messages. What a player holds was so; what is decoded is what was encoded; what was altered on the
 * way is refused, or is what a lawful writer might have written.
 */
import fc from "fast-check";
import { CarryReader } from "../../src/game/replication/carry-reader.ts";
import { ReplicaStore } from "../../src/game/replication/replica-store.ts";
import { StoreView } from "../../src/game/replication/store-view.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import { decodeInputs, encodeInputs, packInput } from "../../src/game/schema/input-codec.ts";
import { decodeMessage, encodeMessage } from "../../src/game/schema/message-codec.ts";
import { packRecord, unpackRecord } from "../../src/game/schema/record-codec.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { newValueCounters } from "../../src/game/schema/value-counters.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { isInRange, plainStore } from "../game/replication/plain-store.ts";
import { type Damage, damaged, damages } from "./damage.ts";
import { type GamePlan, gameOf, gamePlans, recordOf } from "./random-game.ts";
import type { Network, ServedPlayer } from "./served-player.ts";
import { type Act, ServedStage } from "./served-stage.ts";
import { behaviourOf, promise, type Target } from "./target.ts";

interface Input {
  readonly game: GamePlan;
  readonly acts: readonly Act[];
  /** What the path takes before anything is known of it. */
  readonly bytesPerSecond: number;
  readonly network: Network;
  /** Decides what becomes of each datagram. */
  readonly seed: number;
  readonly values: readonly number[];
  readonly damages: readonly (readonly Damage[])[];
}

const inputs: fc.Arbitrary<Input> = fc.record({
  game: gamePlans,
  acts: fc.array(
    fc.record({
      do: fc.constantFrom(
        ...(["spawn", "spawn", "spawn", "change", "change", "despawn", "give", "hide"] as const),
        ...(["tick", "tick", "tick", "tick"] as const),
      ),
      n: fc.nat(5_000),
    }),
    { maxLength: 60, size: "max" },
  ),
  bytesPerSecond: fc.constantFrom(2_000, 16_000, 1_000_000),
  network: fc.record({
    lossPercent: fc.constantFrom(0, 10, 50),
    doublePercent: fc.constantFrom(0, 20),
    jitterTicks: fc.constantFrom(0, 1, 5),
  }),
  seed: fc.nat(1_000),
  values: fc.array(fc.nat(1e6), { minLength: 1, maxLength: 12 }),
  damages: fc.array(fc.array(damages, { minLength: 1, maxLength: 2 }), { maxLength: 12 }),
});

interface Altered {
  refused: number;
  lawful: number;
}

function run(input: Input): string {
  const game = gameOf(input.game);
  const stage = new ServedStage(game, input.game, input.bytesPerSecond, input.seed);
  stage.network = input.network;
  for (const act of input.acts) stage.take(act);
  stage.settle();
  const altered: Altered = { refused: 0, lawful: 0 };
  const [inputBytes, messageBytes] = [promiseInputs(game, input), promiseMessages(game, input)];
  const [player] = stage.players as [ServedPlayer];
  const others = [...player.states, ...player.owns.slice(0, 3), inputBytes, messageBytes];
  for (const [n, list] of input.damages.entries()) {
    const alter = (bytes: Uint8Array) => list.reduce((sum, damage) => damaged(sum, damage, others), bytes);
    promiseAlteredState(game, player.states, n, alter, altered);
    promiseAlteredOwn(player, n, alter, altered);
    promiseAlteredInputs(game, alter(inputBytes), altered);
    promiseAlteredMessage(game, alter(messageBytes), altered);
  }
  const { packetsLost, refusedDuplicate } = player.counters;
  return behaviourOf({
    blocks: player.states.length,
    entities: stage.entityCount,
    ...altered,
    packetsLost,
    refusedDuplicate,
  });
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

/** One of the blocks a player read, after those it had read before. */
function promiseAlteredState(
  game: Game<Shape>,
  blocks: readonly Uint8Array[],
  n: number,
  alter: (bytes: Uint8Array) => Uint8Array,
  altered: Altered,
): void {
  const store = new ReplicaStore(game);
  const view = new StoreView(game, store);
  const which = (n * 7) % Math.max(1, blocks.length);
  for (const block of blocks.slice(0, which)) store.receive(block);
  read(view, store);
  const before = JSON.stringify(plainStore(store));
  const { blocksTaken } = store.counters;
  const isTaken = store.receive(alter(blocks[which] ?? new Uint8Array(0)));
  promise(store.counters.blocksTaken - blocksTaken === (isTaken ? 1 : 0), "an altered block is counted");
  if (isTaken)
    promise(isInRange(store), "a block that is taken says what a lawful writer might have written");
  else promise(JSON.stringify(plainStore(store)) === before, "of a block that is refused nothing is taken");
  altered[isTaken ? "lawful" : "refused"] += 1;
  // Lawful blocks go on to come, and may make no sense any more.
  for (const block of blocks.slice(which)) store.receive(block);
  promise(isInRange(store), "nor does what follows leave its range");
  read(view, store);
}

/** As a game would, field by field. */
function read(view: StoreView<Shape>, store: ReplicaStore): void {
  view.show(Math.max(0, store.newestTick));
  for (const { entities } of store.present) {
    for (const { index } of entities) JSON.stringify(Object.values(fieldsOf(view.at(index)!)));
  }
}

function fieldsOf(entity: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name in entity) fields[name] = name.startsWith("~") ? undefined : (entity as never)[name];
  return fields;
}

function promiseAlteredOwn(
  { owns, store }: ServedPlayer,
  n: number,
  alter: (bytes: Uint8Array) => Uint8Array,
  altered: Altered,
): void {
  const reader = new CarryReader(store);
  const [first, second] = [owns.at(-1 - n), owns.at(-1)];
  if (first === undefined || second === undefined) return;
  reader.receive(first);
  const { state } = reader;
  const isTaken = reader.receive(alter(second));
  altered[isTaken ? "lawful" : "refused"] += 1;
  const { blocksMalformed, blocksWrongCount } = reader.counters;
  promise(blocksMalformed + blocksWrongCount === (isTaken ? 0 : 1), "an altered own block is counted");
  promise(isTaken || reader.state === state, "of one that is refused nothing is taken");
  const numbers = new Float64Array(256);
  for (const { entities } of store.present)
    for (const held of entities) reader.state.exactNumbers(held, numbers);
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
