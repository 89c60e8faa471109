import { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import type { Game } from "./define-game.ts";
import type { Replica } from "./field-codec.ts";
import { packRecord, readRecord, readRecordLike, unpackRecord, writeRecord } from "./record-codec.ts";
import type { InputValues, Shape } from "./shape.ts";
import { newValueCounters, type ValueCounters } from "./value-counters.ts";

/*
 * Inputs: one msgpack array, the newest tick first, each input repeated in as many frames as there is room.
 *
 *   [ newestTick, count, seen, …fields of newestTick, …fields of newestTick − 1, … ]      1 ≤ count ≤ 10
 *
 * newestTick − count + 1 is at least 0. Fields are elements in the order of declaration.
 *
 * seen, 0 … 511: how far behind newestTick the player saw what is not its own, in eighths of a tick; 0 claims nothing.
 * It holds for all inputs of the block: each saw the tick that lies so far behind its own.
 */
export const MAX_INPUTS_PER_FRAME = 10;
/** For so many ticks the last input stands in for missing ones; then the neutral one does. */
export const MAX_REPEATED_TICKS = 8;
/** What `seen` counts. */
export const SEEN_PER_TICK = 8;
export const MAX_SEEN_LAG_EIGHTHS = 511;
/** Elements before the fields. */
const HEAD_ELEMENTS = 3;

/** One player's intent for one tick, as replicas. */
export type InputReplica = readonly Replica[];

/**
 * Values as they will travel. Fields that are left out keep what `old` has, else their default: so `setInput` changes
 * only what it names.
 */
export function packInput<S extends Shape>(
  game: Game<S>,
  values: Partial<InputValues<S>>,
  old?: InputReplica,
  counters: ValueCounters = newValueCounters(),
): InputReplica {
  return packRecord(game.schema.input, values, counters, old);
}

/** The values everyone will compute with, frozen: prediction must use these, not what was passed to `packInput`. */
export function unpackInput<S extends Shape>(game: Game<S>, input: InputReplica): Readonly<InputValues<S>> {
  return unpackRecord(game.schema.input, input) as InputValues<S>;
}

/**
 * Writes as many of `inputs` (element n is of tick newestTick − n) as fit, at most 10. Returns how many; 0
 * leaves the writer as it was.
 */
export function encodeInputs(
  game: Game<Shape>,
  writer: MsgpackWriter,
  newestTick: number,
  inputs: readonly InputReplica[],
  seenLagEighths = 0,
): number {
  const start = writer.at;
  const { input: record } = game.schema;
  for (let count = Math.min(inputs.length, MAX_INPUTS_PER_FRAME, newestTick + 1); count > 0; count -= 1) {
    writer.arrayHeader(HEAD_ELEMENTS + count * record.width);
    writer.int(newestTick);
    writer.int(count);
    writer.int(seenLagEighths);
    for (let n = 0; n < count; n += 1) writeRecord(writer, record, inputs[n]!);
    if (writer.ok) return count;
    writer.rewind(start);
  }
  return 0;
}

const reader = new MsgpackReader();

/** A block of inputs. */
export interface InputFrame {
  readonly newestTick: number;
  /** As claimed, not as believed. */
  readonly seenLagEighths: number;
  readonly inputs: readonly InputReplica[];
}

/** Inputs that are at hand already. */
export interface KnownInputs {
  /** That of `tick`, else the one it most likely equals. */
  inputLike(tick: number): InputReplica;
}

/**
 * Reads inputs from bytes of a stranger; undefined if they are none of this game's. An input that equals the known one
 * is that very object: frames repeat inputs, players hold keys, and a server reads thousands a second.
 */
export function decodeInputs(
  game: Game<Shape>,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  known?: KnownInputs,
): InputFrame | undefined {
  const { input: record } = game.schema;
  reader.reset(bytes, start, end);
  const elements = reader.arrayHeader(HEAD_ELEMENTS, HEAD_ELEMENTS + MAX_INPUTS_PER_FRAME * 256);
  const newestTick = reader.int(0, Number.MAX_SAFE_INTEGER);
  const count = reader.int(1, MAX_INPUTS_PER_FRAME);
  const seenLagEighths = reader.int(0, MAX_SEEN_LAG_EIGHTHS);
  if (!reader.ok || elements !== HEAD_ELEMENTS + count * record.width || count > newestTick + 1)
    return undefined;
  const inputs = new Array<InputReplica>(count);
  for (let n = 0; n < count && reader.ok; n += 1) {
    const like = known?.inputLike(newestTick - n);
    inputs[n] = like === undefined ? readRecord(reader, record) : readRecordLike(reader, record, like);
  }
  return reader.done() ? { newestTick, seenLagEighths, inputs } : undefined;
}
