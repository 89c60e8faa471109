import { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import type { RecordSchema } from "../schema/game-schema.ts";
import { entityGeneration, entityIndex } from "../world/entity-store.ts";
import type { KindSnapshot, Snapshot } from "./snapshot.ts";

/*
 * A state block: one msgpack array. A tick's blocks together are its whole state, and each decodes alone.
 *
 *   [ tick, part, parts, …records ]            0 ≤ part < parts ≤ 4096
 *
 * A record is an entity, an array of its own. Records stand in the order of entity indexes, over all parts.
 *
 *   [ indexGap, generation, kind, owner, …elements of the fields everyone may see ]
 *
 *   indexGap    index − 1 − index of the record before it in this block; the first: its index
 *   generation  1 … 2^20 − 1; id = index × 2^20 + generation
 *   kind        place in the definition         owner    PlayerId, 0 = none
 */
export const MAX_PARTS = 4096;
export const RECORD_HEAD_ELEMENTS = 4;
/** Array header, tick, part and parts at their longest. */
export const BLOCK_HEAD_BYTES = 5 + 9 + 3 + 3;
/** Array header and the four numbers of a record at their longest. */
const RECORD_HEAD_BYTES = 3 + 5 + 5 + 3 + 5;

/** Memory that is filled anew for each tick: `bytes[0 … length)` is the block. */
export interface StateBlock {
  bytes: Uint8Array;
  length: number;
}

/** The fewest bytes that hold a block with the game's longest entity: what a packet must have room for. */
export function leastBlockBytes(snapshot: Snapshot): number {
  const longest = snapshot.schema.kinds.map((kind) => kind.shared.maxBytes);
  return BLOCK_HEAD_BYTES + RECORD_HEAD_BYTES + Math.max(0, ...longest);
}

/** Writes full snapshots as blocks. Keeps its memory from tick to tick. */
export class SnapshotEncoder {
  readonly #writer = new MsgpackWriter();
  readonly #blocks: StateBlock[] = [];
  #records = new Uint8Array(16_384);
  /** Per block: where its records begin in `#records`, and how many it holds. */
  readonly #starts: number[] = [];
  readonly #counts: number[] = [];

  /**
   * The blocks of `snapshot`, none longer than `maxBlockBytes`; at least one. They are valid until the next call.
   *
   * @throws RangeError if `maxBlockBytes` is less than `leastBlockBytes`, or 4096 blocks do not suffice.
   */
  encode(snapshot: Snapshot, maxBlockBytes: number): readonly StateBlock[] {
    if (maxBlockBytes < leastBlockBytes(snapshot)) {
      throw new RangeError(`An entity may take more than a block of ${maxBlockBytes} bytes.`);
    }
    const end = this.#writeRecords(snapshot, maxBlockBytes - BLOCK_HEAD_BYTES);
    const parts = this.#starts.length;
    if (parts > MAX_PARTS) throw new RangeError(`A tick of ${parts} blocks is more than ${MAX_PARTS}.`);
    for (let part = 0; part < parts; part += 1) {
      const block = this.#block(part, maxBlockBytes);
      const writer = this.#writer.reset(block.bytes);
      writer.arrayHeader(3 + this.#counts[part]!);
      writer.int(snapshot.tick);
      writer.int(part);
      writer.int(parts);
      writer.raw(this.#records, this.#starts[part]!, this.#starts[part + 1] ?? end);
      block.length = writer.at;
    }
    return this.#blocks.slice(0, parts);
  }

  #writeRecords(snapshot: Snapshot, roomPerBlock: number): number {
    this.#starts.length = 0;
    this.#counts.length = 0;
    this.#starts.push(0);
    this.#counts.push(0);
    const writer = this.#writer.reset(this.#records);
    const next = snapshot.kinds.map(() => 0);
    let before = -1;
    for (let left = snapshot.size; left > 0; left -= 1) {
      const kind = lowestKind(snapshot, next);
      const i = next[kind.schema.index]!;
      next[kind.schema.index] = i + 1;
      const start = writer.at;
      this.#writeRecord(kind, i, before);
      if (writer.at - this.#starts.at(-1)! > roomPerBlock) {
        // One too many: it opens the next block, where it counts from the start.
        writer.rewind(start);
        this.#starts.push(start);
        this.#counts.push(0);
        this.#writeRecord(kind, i, -1);
      }
      this.#counts[this.#counts.length - 1]! += 1;
      before = entityIndex(kind.ids[i]!);
    }
    return writer.at;
  }

  #writeRecord(kind: KindSnapshot, i: number, before: number): void {
    const writer = this.#writer;
    const start = writer.at;
    const id = kind.ids[i]!;
    writer.arrayHeader(RECORD_HEAD_ELEMENTS + kind.schema.shared.width);
    writer.int(entityIndex(id) - before - 1);
    writer.int(entityGeneration(id));
    writer.int(kind.schema.index);
    writer.int(kind.owners[i]!);
    writeFields(writer, kind.schema.shared, kind, i);
    if (writer.ok) return;
    const grown = new Uint8Array(this.#records.length * 2);
    grown.set(this.#records);
    this.#records = grown;
    writer.reset(grown, start);
    this.#writeRecord(kind, i, before);
  }

  #block(part: number, maxBlockBytes: number): StateBlock {
    const known = this.#blocks[part];
    if (known !== undefined && known.bytes.length >= maxBlockBytes) return known;
    const block = { bytes: new Uint8Array(maxBlockBytes), length: 0 };
    this.#blocks[part] = block;
    return block;
  }
}

/** The kind whose next entity has the lowest id. */
function lowestKind(snapshot: Snapshot, next: readonly number[]): KindSnapshot {
  let lowest = Infinity;
  let found = snapshot.kinds[0]!;
  for (let k = 0; k < next.length; k += 1) {
    const kind = snapshot.kinds[k]!;
    const id = kind.ids[next[k]!] ?? Infinity;
    if (id < lowest) {
      lowest = id;
      found = kind;
    }
  }
  return found;
}

/** The elements of some fields of entity `i`. */
export function writeFields(
  writer: MsgpackWriter,
  record: RecordSchema,
  kind: KindSnapshot,
  i: number,
): void {
  for (const { codec, column } of record.fields) {
    if (codec.scalar === undefined) codec.write(writer, kind.values[column]![i]);
    else if (codec.width === 2) {
      writer.int(kind.numbers[column]![i]!);
      writer.int(kind.numbers[column + 1]![i]!);
    } else codec.write(writer, kind.numbers[column]![i]!);
  }
}
