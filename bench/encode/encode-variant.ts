/**
 * Measures one variant of the `encode` bench in this process, and prints it as JSON:
 *
 *   node bench/encode/encode-variant.ts shared|anew|records|interest|copy CLIENTS
 */
import { median } from "../repetitions.ts";
import { EncodeInterest } from "./encode-interest.ts";
import { type EncodeClient, EncodeRoom } from "./encode-room.ts";

const WARM_UP_MS = 100;
const MEASURED_MS = 150;
const LEAST_TICKS = 12;
/** So many clients are measured at once: short enough that others who use the machine come between few of them. */
const CHUNK_CLIENTS = 50;

/** What a variant does at each tick. */
interface Variant {
  /** Not measured, nor is `finish`. */
  prepare?(): void;
  /** Before the first client: measured with the first ones. */
  begin?(): void;
  /** For clients `from` up to `end`. */
  run(from: number, end: number): void;
  finish?(): void;
}

/** What a variant takes. */
export interface VariantResult {
  /** Per client and tick: the medians of all chunks, added up. */
  readonly us: number;
  /** Of a client's block, on the mean; 0 where none was filled. */
  readonly blockBytes: number;
}

function variantOf(name: string, room: EncodeRoom): Variant {
  const all = room.clients.length;
  switch (name) {
    case "shared":
      return { run: (from, end) => fill(room, from, end, false) };
    case "anew":
      return { run: (from, end) => fill(room, from, end, true) };
    case "records":
      return { run: (from, end) => encode(room, from, end, true) };
    case "interest": {
      const interest = new EncodeInterest(room);
      interest.warmUp();
      return {
        prepare() {
          interest.ack();
          // What choosing asks the size of is written already.
          encode(room, 0, all, false);
        },
        begin: () => interest.observe(),
        run: (from, end) => interest.choose(from, end),
        finish: () => interest.send(),
      };
    }
    case "copy": {
      const into = room.clients.map(({ bytes }) => new Uint8Array(bytes.length));
      return {
        prepare: () => fill(room, 0, all, false),
        run: (from, end) => copy(room.clients, into, from, end),
      };
    }
    default:
      throw new Error(`no variant '${name}'`);
  }
}

function fill({ clients, encoder, tick }: EncodeRoom, from: number, end: number, isAnew: boolean): void {
  for (let i = from; i < end; i += 1) {
    if (isAnew) encoder.forget();
    clients[i]!.fill(tick);
  }
}

function encode({ clients, encoder }: EncodeRoom, from: number, end: number, isAnew: boolean): void {
  for (let i = from; i < end; i += 1) {
    if (isAnew) encoder.forget();
    clients[i]!.encode();
  }
}

/** The bare loop that all else stands beside: each client's bytes once, from here to there. */
function copy(
  clients: readonly EncodeClient[],
  into: readonly Uint8Array[],
  from: number,
  end: number,
): void {
  for (let n = from; n < end; n += 1) {
    const { bytes, length } = clients[n]!;
    const to = into[n]!;
    for (let i = 0; i < length; i += 1) to[i] = bytes[i]!;
  }
}

function measure(name: string, clients: number): VariantResult {
  const room = new EncodeRoom(clients);
  room.warmUp();
  const variant = variantOf(name, room);
  /** By chunk: the first of a tick writes what the others share. */
  const tookMs: number[][] = Array.from({ length: clients / CHUNK_CLIENTS }, () => []);
  const startMs = performance.now();
  let ticks = 0;
  let bytes = 0;
  while (ticks < LEAST_TICKS || performance.now() - startMs < WARM_UP_MS + MEASURED_MS) {
    room.advance();
    variant.prepare?.();
    const isMeasured = performance.now() - startMs > WARM_UP_MS;
    for (const [chunk, took] of tookMs.entries()) {
      const fromMs = performance.now();
      if (chunk === 0) variant.begin?.();
      variant.run(chunk * CHUNK_CLIENTS, (chunk + 1) * CHUNK_CLIENTS);
      if (isMeasured) took.push(performance.now() - fromMs);
    }
    variant.finish?.();
    if (!isMeasured) continue;
    ticks += 1;
    bytes += room.clients.reduce((sum, { length }) => sum + length, 0);
  }
  const medianMs = tookMs.reduce((sum, took) => sum + median(took), 0);
  return { us: (medianMs * 1000) / clients, blockBytes: bytes / ticks / clients };
}

const [name = "", clients = ""] = process.argv.slice(2);
console.log(JSON.stringify(measure(name, Number(clients))));
