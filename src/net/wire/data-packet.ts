/**
 * DATA, the packet of a living connection.
 *
 *   client → server                     server → client
 *   1  type 0x09                        1  type 0x09
 *   4  connectionId   u32 BE            2  sequence       u16 BE
 *   2  sequence       u16 BE            n  body
 *   n  body                            16  tag
 *  16  tag
 *
 * The tag belongs to the sealed form; a plain packet ends with its body. The body is one msgpack array:
 *
 *   ack          newest packet received, low 16 bits; 0 before the first (packet numbers begin at 1)
 *   ackMissing   bit i is set when packet ack − 1 − i has not arrived (32 bits, so 0 on a clean link)
 *   ackDelayMs   how long ack was held before this packet left; saturates at 127
 *   tick         server → client only: the tick of the newest state (so many ticks have run), low 16 bits
 *   inputLead    server → client only: ticks by which this player's inputs arrive early, −32…127
 *   …frames      each an array, see `frames.ts`
 */
import type { MsgpackReader } from "../bytes/msgpack-reader.ts";
import { fromSequence, toSequence } from "../bytes/sequence.ts";
import { MAX_ACK_DELAY_MS, MAX_FRAMES, MAX_INPUT_LEAD_TICKS, MIN_INPUT_LEAD_TICKS } from "./limits.ts";

export const CLIENT_HEADER_BYTES = 7;
export const SERVER_HEADER_BYTES = 3;
/** Elements of the body before the first frame. */
export const CLIENT_HEAD_ELEMENTS = 3;
export const SERVER_HEAD_ELEMENTS = 5;

/** An array of 16 elements and more has a header of 3 bytes instead of 1. */
export const WIDE_ARRAY_HEADER_EXTRA = 2;

/** Writes what stands before the body, and returns where that begins. */
export function writeHeader(
  bytes: Uint8Array,
  type: number,
  side: "client" | "server",
  connectionId: number,
  number: number,
): number {
  const sequence = toSequence(number);
  let at = 0;
  bytes[at++] = type;
  if (side === "client") {
    bytes[at++] = connectionId >>> 24;
    bytes[at++] = connectionId >>> 16;
    bytes[at++] = connectionId >>> 8;
    bytes[at++] = connectionId;
  }
  bytes[at++] = sequence >>> 8;
  bytes[at++] = sequence;
  return at;
}

/**
 * Puts the array header at `at` of a body whose elements stand in `bytes[at + 1 … end)`, and returns where it ends then.
 * How many frames fit is known only at the end; the long header is rare, and moving the body is cheap.
 */
export function writeBodyHeader(bytes: Uint8Array, at: number, end: number, elements: number): number {
  if (elements < 16) {
    bytes[at] = 0x90 | elements;
    return end;
  }
  bytes.copyWithin(at + 1 + WIDE_ARRAY_HEADER_EXTRA, at + 1, end);
  bytes[at] = 0xdc;
  bytes[at + 1] = elements >>> 8;
  bytes[at + 2] = elements;
  return end + WIDE_ARRAY_HEADER_EXTRA;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** The packet number nearest to the newest known one; below 1 when there can be no such packet. */
export function packetNumber(sequence: number, newest: number): number {
  return fromSequence(sequence, newest);
}

/** What stands in a body before its frames. */
export interface BodyHead {
  /** Low 16 bits. */
  ack: number;
  ackMissing: number;
  ackDelayMs: number;
  /** Low 16 bits; 0 from clients. */
  tick: number;
  /** 0 from clients. */
  inputLead: number;
  /** How many frames follow. */
  frames: number;
}

export function newBodyHead(): BodyHead {
  return { ack: 0, ackMissing: 0, ackDelayMs: 0, tick: 0, inputLead: 0, frames: 0 };
}

/** Reads the head that the peer of `side` writes. */
export function readBodyHead(reader: MsgpackReader, side: "client" | "server", head: BodyHead): void {
  const isFromServer = side === "client";
  const elements = isFromServer ? SERVER_HEAD_ELEMENTS : CLIENT_HEAD_ELEMENTS;
  head.frames = reader.arrayHeader(elements, elements + MAX_FRAMES) - elements;
  head.ack = reader.int(0, 0xffff);
  head.ackMissing = reader.int(0, 0xffff_ffff);
  head.ackDelayMs = reader.int(0, MAX_ACK_DELAY_MS);
  head.tick = isFromServer ? reader.int(0, 0xffff) : 0;
  head.inputLead = isFromServer ? reader.int(MIN_INPUT_LEAD_TICKS, MAX_INPUT_LEAD_TICKS) : 0;
}
