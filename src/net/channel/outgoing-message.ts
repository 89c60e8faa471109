import type { ByteRanges } from "./byte-ranges.ts";

/** A message on its way out. */
export interface OutgoingMessage {
  readonly channel: number;
  /** Counts up from 0 per channel; its low 16 bits travel. -1 until it is given one, or where there is none. */
  id: number;
  /** Of reliable-latest; else -1. */
  readonly key: number;
  payload: Uint8Array;
  /** Everything below was sent at least once. */
  sentUpTo: number;
  /** Once it left in fragments it goes on so. */
  isFragmented: boolean;
  /** What the peer has of it; undefined while that is nothing, or all. */
  acked: ByteRanges | undefined;
  /** Acked as a whole, or replaced: nothing of it is sent any more. */
  isDone: boolean;
  /** Bytes counted for it among those that the peer may have to hold; see `HeldBytes`. */
  heldBytes: number;
}

/** Bytes `[start, end)` of a reliable message, from their leaving in a packet until that is acked. */
export interface Piece {
  readonly message: OutgoingMessage;
  readonly start: number;
  readonly end: number;
  /** How often these bytes were sent. */
  sends: number;
  /** The packet that carries it now; 0 while none does. News of an earlier packet's loss is no news. */
  packetNumber: number;
  /** Lost a second time and more: not again before this. */
  notBeforeMs: number;
  /** Sent again without its loss being known, to provoke an ack. */
  isProbe: boolean;
}

/** What a sender would have leave next: `[start, end)` of a message, or as much of it as fits. */
export interface Due {
  readonly message: OutgoingMessage;
  readonly start: number;
  readonly end: number;
  /** What is sent again; undefined for what is sent the first time. */
  readonly piece: Piece | undefined;
}

export function newOutgoingMessage(
  channel: number,
  id: number,
  key: number,
  payload: Uint8Array,
): OutgoingMessage {
  return {
    ...{ channel, id, key, payload, sentUpTo: 0, isFragmented: false },
    ...{ acked: undefined, isDone: false, heldBytes: 0 },
  };
}

/** Nothing of it is sent any more, and its memory is given back. */
export function finish(message: OutgoingMessage): void {
  message.isDone = true;
  message.acked = undefined;
  message.payload = EMPTY;
}

/** True when the peer may lack these bytes, and packet `number` is the one that carries them. */
export function isCarriedBy({ message, start, end, packetNumber }: Piece, number: number): boolean {
  if (packetNumber !== number || message.isDone) return false;
  return start === end || message.acked === undefined || !message.acked.covers(start, end);
}

const EMPTY = new Uint8Array(0);
