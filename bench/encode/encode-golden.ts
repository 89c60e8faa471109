import { DeltaBlock } from "../../src/game/replication/delta-block.ts";
import { numberAt } from "../../src/game/replication/held-entity.ts";
import { CURRENT } from "../../src/game/replication/kind-history.ts";
import { ReplicaStore } from "../../src/game/replication/replica-store.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { EncodeInterest } from "./encode-interest.ts";
import { ENTITIES, type EncodeClient, EncodeRoom, encodeGame, MOST_AGE_TICKS } from "./encode-room.ts";

const CLIENTS = 20;
const TICKS = 50;
const WHOLE_BYTES = 4096;

/**
 * Both ways give the same bytes, from which each client's store reads what the server holds; and interest chooses just
 * these records.
 *
 * @throws Error with one sentence where that is not so.
 */
export function checkEncoding(): void {
  const room = new EncodeRoom(CLIENTS);
  room.warmUp();
  const interest = new EncodeInterest(room);
  interest.warmUp();
  const stores = room.clients.map(() => new ReplicaStore(encodeGame));
  for (let n = 0; n < TICKS; n += 1) {
    room.advance();
    interest.ack();
    interest.observe();
    interest.choose(0, CLIENTS);
    interest.send();
    const shared = room.clients.map((client, i) => {
      if (!interest.agreesWith(client, i)) throw new Error("Interest chooses otherwise than the bench.");
      client.fill(room.tick);
      return client.bytes.slice(0, client.length);
    });
    for (const [i, client] of room.clients.entries()) {
      refill(room, client);
      const { bytes, length } = client;
      if (length !== shared[i]!.length || shared[i]!.some((byte, at) => byte !== bytes[at])) {
        throw new Error("Shared records give other bytes.");
      }
      // Until the client has all that the server takes it to hold.
      const told = n < MOST_AGE_TICKS ? wholeBlock(room, client) : bytes.subarray(0, length);
      if (!stores[i]!.receive(told)) throw new Error("A client refuses a block.");
      checkStore(room, stores[i]!);
    }
  }
}

function refill(room: EncodeRoom, client: EncodeClient): void {
  client.bytes.fill(0);
  room.encoder.forget();
  client.fill(room.tick);
  if (client.records !== ENTITIES) throw new Error("A block is full.");
  if (room.encoder.recordsWritten !== ENTITIES) throw new Error("Not every record was written anew.");
}

function wholeBlock(room: EncodeRoom, client: EncodeClient): Uint8Array {
  const block = new DeltaBlock(room.encoder);
  const writer = new MsgpackWriter().reset(new Uint8Array(WHOLE_BYTES));
  block.begin(room.tick, WHOLE_BYTES);
  for (let index = 0; index < ENTITIES; index += 1) block.add(index, 0, client.viewerOf(index));
  block.write(writer);
  return writer.bytes.subarray(0, writer.at);
}

function checkStore({ history, tick }: EncodeRoom, store: ReplicaStore): void {
  for (let index = 0; index < ENTITIES; index += 1) {
    const held = store.get(history.ids[index]!)?.newest;
    if (held === undefined) throw new Error("A client lacks an entity.");
    const kind = history.kinds[history.kindOf[index]!]!;
    for (const field of held.plan.fields) {
      const truth = kind.numberAt(history.rowOf[index]!, CURRENT, field, 0, tick);
      if (numberAt(held, field, 0, tick) !== truth)
        throw new Error(`A client reads another ${field.schema.name}.`);
    }
  }
}
