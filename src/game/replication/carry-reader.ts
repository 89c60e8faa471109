import { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import { MAX_ENTITIES } from "../world/entity-store.ts";
import { carriedNumbers, MAX_CARRIES, OLDEST_CARRY_AGE } from "./carry-plan.ts";
import { OwnState } from "./own-state.ts";
import type { ReplicaStore } from "./replica-store.ts";

/** What became of carry blocks. One that is refused must not be acked. */
export interface CarryCounters {
  blocksTaken: number;
  /** Lawful, but no newer than what the client has. */
  blocksOutdated: number;
  /** Cut short, out of a range, in a longer form, or older than its own tick. */
  blocksMalformed: number;
  /** With more or fewer carries than an entity the client knows has numbers for. */
  blocksWrongCount: number;
}

/**
 * Reads carry blocks; the layout is drawn in `carry-block.ts`. Give the delta blocks of a packet to the store first:
 * what a carry counts on top of may stand there.
 */
export class CarryReader {
  readonly counters: CarryCounters = {
    ...{ blocksTaken: 0, blocksOutdated: 0, blocksMalformed: 0, blocksWrongCount: 0 },
  };
  readonly #store: ReplicaStore;
  readonly #reader = new MsgpackReader();
  #state = new OwnState();
  /** What the block at hand says, until all of it was read. */
  #next = new OwnState();

  constructor(store: ReplicaStore) {
    this.#store = store;
  }

  /** What the newest block said. The object lives until another block is taken. */
  get state(): OwnState {
    return this.#state;
  }

  /** Takes a block from bytes of a stranger, which need not outlive the call. False if it is refused, and counted. */
  receive(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    const next = this.#next;
    next.clear(end - start);
    const refusal = this.#read(this.#reader.reset(bytes, start, end), next) ? this.#check(next) : MALFORMED;
    if (refusal !== undefined) {
      this.counters[refusal] += 1;
      return false;
    }
    if (next.tick <= this.#state.tick) {
      this.counters.blocksOutdated += 1;
      return true;
    }
    this.counters.blocksTaken += 1;
    this.#next = this.#state;
    this.#state = next;
    return true;
  }

  #read(reader: MsgpackReader, into: OwnState): boolean {
    into.tick = reader.int(0, Number.MAX_SAFE_INTEGER);
    into.playerId = reader.int(1, 0xffff_ffff);
    into.avatarIndex = reader.int(0, MAX_ENTITIES) - 1;
    const oldest = Math.min(into.tick, OLDEST_CARRY_AGE);
    let index = -1;
    let carries = 0;
    while (reader.ok && reader.at < reader.end) {
      index += 1 + reader.int(0, MAX_ENTITIES - 1);
      const age = reader.int(0, oldest);
      const count = reader.int(0, MAX_CARRIES);
      if (!reader.ok || index >= MAX_ENTITIES || reader.at + count > reader.end) return false;
      into.indexes[into.size] = index;
      into.ages[into.size] = age;
      into.starts[into.size] = carries;
      for (let n = 0; n < count; n += 1) into.carries[carries + n] = reader.bytes[reader.at + n]!;
      reader.at += count;
      carries += count;
      into.size += 1;
    }
    into.starts[into.size] = carries;
    return reader.ok;
  }

  /** Why a block is refused that is well-formed, if it is. */
  #check(next: OwnState): typeof WRONG_COUNT | undefined {
    for (let record = 0; record < next.size; record += 1) {
      const held = this.#store.at(next.indexes[record]!);
      const plan = held === undefined ? undefined : next.versionOf(record, held)?.plan;
      if (plan === undefined) continue;
      const count = next.starts[record + 1]! - next.starts[record]!;
      if (count !== carriedNumbers(plan).length) return WRONG_COUNT;
    }
    return undefined;
  }
}

const MALFORMED = "blocksMalformed";
const WRONG_COUNT = "blocksWrongCount";
