/** Reads blocks of state by their layout alone (`delta-block.ts`), knowing nothing of the code that writes or reads them. */
import type { KindSchema } from "../../../src/game/schema/game-schema.ts";
import { type Eyes, eyesOf } from "./truth.ts";

const AGE_LEFT = 64;
const LONG_CHANGE = 7;

/** What one record says. */
export interface ToldRecord {
  readonly index: number;
  /** 0 full, up to 63 a delta, 64 left, 65 despawned. */
  readonly age: number;
  /** Full records only. */
  readonly full?: {
    readonly id: number;
    readonly kind: KindSchema;
    readonly owner: number;
    readonly eyes: Eyes;
  };
  /** How many bytes it takes, its gap counted. */
  readonly bytes: number;
  /** Values by field name, as they stand there; of deltas only those that do not build on others. */
  readonly values: ReadonlyMap<string, unknown>;
}

type Read = Omit<ToldRecord, "bytes">;

export interface ToldBlock {
  readonly tick: number;
  readonly records: readonly ToldRecord[];
}

/** Of what kind the entity at an index is, and with which eyes it was told last. */
export type Known = (index: number) => { readonly kind: KindSchema; readonly eyes: Eyes } | undefined;

/** @throws Error for a block that is not as the layout says. */
export function readToldBlock(bytes: Uint8Array, kinds: readonly KindSchema[], known: Known): ToldBlock {
  const reader = new ElementReader(bytes);
  const tick = reader.int();
  const records: ToldRecord[] = [];
  let lastAge = -1;
  while (!reader.isAtEnd) {
    const age = reader.int();
    if (age <= lastAge || age > 65) throw new Error(`age ${age} after ${lastAge}`);
    lastAge = age;
    const count = reader.int();
    let index = -1;
    for (let n = 0; n < count; n += 1) {
      const start = reader.at;
      index += 1 + reader.int();
      const record =
        age >= AGE_LEFT
          ? { index, age, values: new Map() }
          : age === 0
            ? readFull(reader, index, kinds)
            : readDelta(reader, index, age, known(index));
      records.push({ ...record, bytes: reader.at - start });
    }
  }
  return { tick, records };
}

/** Those that follow no rate stand first. */
export function seenFields({ fields }: KindSchema, eyes: Eyes): KindSchema["fields"] {
  const seen = fields.filter((field) => eyesOf(field) <= eyes);
  return [
    ...seen.filter(({ spec }) => spec.follows === undefined),
    ...seen.filter(({ spec }) => spec.follows !== undefined),
  ];
}

function readFull(reader: ElementReader, index: number, kinds: readonly KindSchema[]): Read {
  const id = index * 2 ** 20 + reader.int();
  const kind = kinds[reader.int()];
  const owner = reader.int();
  const eyes = reader.int() as Eyes;
  if (kind === undefined || !(eyes <= 2)) throw new Error(`no such kind or eyes of ${index}`);
  const values = new Map<string, unknown>();
  for (const { name, spec } of seenFields(kind, eyes)) {
    values.set(name, spec.type === "vec2" ? [reader.element(), reader.element()] : reader.element());
  }
  return { index, age: 0, full: { id, kind, owner, eyes }, values };
}

function readDelta(reader: ElementReader, index: number, age: number, known: ReturnType<Known>): Read {
  if (known === undefined) throw new Error(`a change of ${index}, which was never told`);
  const fields = seenFields(known.kind, known.eyes);
  const hasFollowers = fields.some(({ spec }) => spec.follows !== undefined);
  const bits = fields.length + (hasFollowers ? 3 : 0);
  const mask = reader.raw(Math.ceil(bits / 8));
  const isSet = (bit: number): boolean => ((mask[bit >> 3]! >> (bit & 7)) & 1) === 1;
  const change = hasFollowers ? [0, 1, 2].filter((bit) => isSet(fields.length + bit)).length : 0;
  if (change === 3 && reader.int() < LONG_CHANGE) throw new Error("a long age that is short");
  const values = new Map<string, unknown>();
  for (const [bit, { name, spec, codec }] of fields.entries()) {
    if (!isSet(bit)) continue;
    const { scalar, width } = codec;
    if (scalar === undefined || spec.type === "id") values.set(name, reader.element());
    else if (width === 2) reader.ints(2);
    else if (scalar.most - scalar.least !== 1 || spec.follows !== undefined) reader.ints(1);
  }
  return { index, age, values };
}

/** msgpack, one element after the other. */
class ElementReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.at === this.#bytes.length;
  }

  int(): number {
    const value = this.element();
    if (typeof value !== "number") throw new Error("no number where one belongs");
    return value;
  }

  ints(count: number): void {
    for (let n = 0; n < count; n += 1) this.int();
  }

  raw(length: number): Uint8Array {
    if (this.at + length > this.#bytes.length) throw new Error("cut short");
    this.at += length;
    return this.#bytes.slice(this.at - length, this.at);
  }

  element(): unknown {
    const tag = this.raw(1)[0]!;
    if (tag < 0x80) return tag;
    if (tag >= 0xe0) return tag - 0x100;
    if (tag >= 0x90 && tag < 0xa0) return this.#elements(tag - 0x90);
    if (tag >= 0xa0 && tag < 0xc0) return this.#text(tag - 0xa0);
    switch (tag) {
      case 0xc0:
        return undefined;
      case 0xc2:
        return 0;
      case 0xc3:
        return 1;
      case 0xc4:
        return this.raw(this.#unsigned(1));
      case 0xc5:
        return this.raw(this.#unsigned(2));
      case 0xcc:
        return this.#unsigned(1);
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xcf:
        return this.#unsigned(4) * 2 ** 32 + this.#unsigned(4);
      case 0xd0:
        return this.#unsigned(1) - 2 ** 8;
      case 0xd1:
        return this.#unsigned(2) - 2 ** 16;
      case 0xd2:
        return this.#unsigned(4) - 2 ** 32;
      case 0xd3:
        this.raw(8);
        return Number(this.#view.getBigInt64(this.at - 8));
      case 0xd9:
        return this.#text(this.#unsigned(1));
      case 0xdc:
        return this.#elements(this.#unsigned(2));
      default:
        throw new Error(`no element begins with ${tag}`);
    }
  }

  #elements(count: number): unknown[] {
    return Array.from({ length: count }, () => this.element());
  }

  #text(length: number): string {
    return new TextDecoder().decode(this.raw(length));
  }

  #unsigned(length: number): number {
    return this.raw(length).reduce((value, byte) => value * 256 + byte, 0);
  }
}
