/** What the one spoken to must hear: the slow twin of the receiving half of all channels that are reliable. */
import { BULK, LATEST, RELIABLE, SEQUENCED, UNORDERED, UNRELIABLE } from "../net/endpoint/rig.ts";
import { nearest } from "./body-judge.ts";
import { toHex } from "./hex.ts";

/** A message byte by byte; undefined where nothing came. */
type Pieces = (number | undefined)[];

class Ear {
  next = 0;
  readonly #isOrdered: boolean;
  readonly #whole = new Map<number, string>();
  readonly #pieces = new Map<number, Pieces>();

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  isKnown(id: number): boolean {
    return id < this.next || this.#whole.has(id);
  }

  /** What must be held for others' sake: all but the one whose turn it is. */
  get counted(): number {
    let bytes = 0;
    if (this.#isOrdered) for (const hex of this.#whole.values()) bytes += hex.length / 2;
    for (const [id, pieces] of this.#pieces) if (id !== this.next) bytes += pieces.length;
    return bytes;
  }

  /** How much a message not seen before adds to that. */
  more(id: number, total: number, isPiece: boolean): number {
    if (this.isKnown(id) || this.#pieces.has(id) || id === this.next) return 0;
    return isPiece || this.#isOrdered ? total : 0;
  }

  take(id: number, payload: Uint8Array): string[] {
    this.#pieces.delete(id);
    this.#whole.set(id, toHex(payload));
    const heard = this.#isOrdered ? [] : [toHex(payload)];
    for (; this.#whole.has(this.next); this.next += 1) {
      if (this.#isOrdered) heard.push(this.#whole.get(this.next)!);
      this.#whole.delete(this.next);
    }
    return heard;
  }

  piecesOf(id: number, total: number): Pieces {
    if (!this.#pieces.has(id)) this.#pieces.set(id, new Array<undefined>(total).fill(undefined));
    return this.#pieces.get(id)!;
  }
}

/** Values of one channel by key. */
class LatestEar {
  newest = 0;
  readonly handedOn = new Map<number, number>();
  readonly #parts = new Map<number, { readonly id: number; readonly pieces: Pieces }>();

  /** All but the oldest value in part. */
  get counted(): number {
    const parts = [...this.#parts.values()].sort((a, b) => a.id - b.id);
    return parts.slice(1).reduce((sum, { pieces }) => sum + pieces.length, 0);
  }

  more(id: number, key: number, total: number): number {
    const part = this.#parts.get(key);
    if (id <= (this.handedOn.get(key) ?? -1) || this.#parts.size === 0 || part?.id === id) return 0;
    return Math.max(0, total - (part?.pieces.length ?? 0));
  }

  piecesOf(id: number, key: number, total: number): Pieces | undefined {
    const part = this.#parts.get(key);
    if (part !== undefined && part.id > id) return undefined;
    if (part?.id !== id) this.#parts.set(key, { id, pieces: new Array<undefined>(total).fill(undefined) });
    return this.#parts.get(key)!.pieces;
  }

  take(id: number, key: number): void {
    this.handedOn.set(key, id);
    if ((this.#parts.get(key)?.id ?? Number.POSITIVE_INFINITY) <= id) this.#parts.delete(key);
  }
}

export class Ears {
  /** Messages that had come before. */
  known = 0;
  /** Pieces that say something else than those before them. */
  contradictions = 0;
  readonly #byChannel = new Map([
    [RELIABLE, new Ear(true)],
    [UNORDERED, new Ear(false)],
    [BULK, new Ear(true)],
  ]);
  readonly #latest = new LatestEar();
  readonly #newestSeen = [0, 0, 0];

  /** By channel, what ids are counted from. */
  get expects(): number[] {
    return [RELIABLE, UNRELIABLE, SEQUENCED, UNORDERED, LATEST, BULK].map((channel) =>
      channel === LATEST
        ? this.#latest.newest
        : (this.#byChannel.get(channel)?.next ?? this.#newestSeen[channel]!),
    );
  }

  /** Whether the lawful frames of a packet leave no more to hold than a receiver must. */
  hasRoom(frames: readonly (readonly unknown[])[]): boolean {
    const news = new Map<string, number>();
    for (const [kind, channel, sequence, ...more] of frames as [number, number, number, ...unknown[]][]) {
      if ((kind !== 0 && kind !== 7) || channel === UNRELIABLE || channel === SEQUENCED) continue;
      const id = nearest(sequence, this.expects[channel]!);
      const payload = more.at(-1) as Uint8Array;
      const total = kind === 7 ? (more.at(-2) as number) : payload.length;
      const name = `${channel} ${id}`;
      const bytes =
        channel !== LATEST
          ? this.#byChannel.get(channel)!.more(id, total, kind === 7)
          : kind === 7
            ? this.#latest.more(id, more[0] as number, total)
            : 0;
      if (bytes > 0 && !news.has(name)) news.set(name, bytes);
    }
    if (news.size === 0) return true;
    let counted = this.#latest.counted;
    for (const ear of this.#byChannel.values()) counted += ear.counted;
    for (const bytes of news.values()) counted += bytes;
    return counted <= 1_048_576;
  }

  /** Takes a lawful frame; the reliable messages that are heard because of it, as channel and bytes. */
  take([kind, ...rest]: readonly unknown[]): string[] {
    if (kind !== 0 && kind !== 7) return [];
    const [channel, sequence, ...more] = rest as [number, number, ...unknown[]];
    const payload = rest.at(-1) as Uint8Array;
    const id = channel === UNRELIABLE && kind === 0 ? 0 : nearest(sequence, this.expects[channel]!);
    if (channel === UNRELIABLE || channel === SEQUENCED) {
      this.#newestSeen[channel] = Math.max(this.#newestSeen[channel]!, id);
      return [];
    }
    const [offset, total] = rest.slice(-3) as [number, number];
    const heard =
      channel === LATEST
        ? this.#takeLatest(id, more[0] as number, kind === 7 ? { offset, total } : undefined, payload)
        : this.#take(this.#byChannel.get(channel)!, id, kind === 7 ? { offset, total } : undefined, payload);
    return heard.map((bytes) => `${channel} ${bytes}`);
  }

  #take(ear: Ear, id: number, piece: Place | undefined, payload: Uint8Array): string[] {
    if (ear.isKnown(id)) {
      if (piece === undefined) this.known += 1;
      return [];
    }
    if (piece === undefined) return ear.take(id, payload);
    const whole = this.#join(ear.piecesOf(id, piece.total), piece, payload);
    return whole === undefined ? [] : ear.take(id, whole);
  }

  #takeLatest(id: number, key: number, piece: Place | undefined, payload: Uint8Array): string[] {
    const latest = this.#latest;
    const handedOn = latest.handedOn.get(key) ?? -1;
    if (id <= handedOn) {
      if (piece === undefined && id === handedOn) this.known += 1;
      return [];
    }
    latest.newest = Math.max(latest.newest, id);
    const pieces = piece === undefined ? undefined : latest.piecesOf(id, key, piece.total);
    if (piece !== undefined && pieces === undefined) return [];
    const whole = piece === undefined ? payload : this.#join(pieces!, piece, payload);
    if (whole === undefined) return [];
    latest.take(id, key);
    return [toHex(whole)];
  }

  /** The message, if this piece was the last. */
  #join(pieces: Pieces, { offset, total }: Place, payload: Uint8Array): Uint8Array | undefined {
    const differs = Array.from(payload).some((byte, i) => (pieces[offset + i] ?? byte) !== byte);
    if (pieces.length !== total || differs) {
      this.contradictions += 1;
      return undefined;
    }
    for (const [i, byte] of payload.entries()) pieces[offset + i] = byte;
    return pieces.includes(undefined) ? undefined : Uint8Array.from(pieces as number[]);
  }
}

interface Place {
  readonly offset: number;
  readonly total: number;
}
