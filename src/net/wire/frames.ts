/**
 * Frames: the typed elements of a DATA body. Each is an array that begins with its kind.
 *
 *   MESSAGE     [0, channel, bin]              on an unreliable channel
 *               [0, channel, id u16, bin]      on a sequenced or reliable channel
 *               [0, channel, id u16, key, bin] on a reliable-latest channel
 *   STATE       [1, bin]                       server → client: one block of state; at most one in a packet
 *   INPUT       [2, bin]                       client → server: one input block
 *   DISCONNECT  [3, reason, detail text]
 *   PING        [4]                            asks for an ack and says nothing else
 *   OWN         [5, bin]                       server → client: one block for this player alone; at most one
 *   ACK_RANGES  [6, run, gap, run, …]          see `channel/ack-ranges.ts`; asks for no ack itself
 *   FRAGMENT    [7, channel, id u16, offset, total, bin]         bytes offset … of a message of `total` bytes
 *               [7, channel, id u16, key, offset, total, bin]    on a reliable-latest channel
 *   PATH_CHALLENGE  [8, bin 8]                 asks for the same bytes back from the address it went to
 *   PATH_RESPONSE   [9, bin 8]                 gives them back
 *   RESYNC      [10]                           client → server: asks for all state anew
 */
import { MAX_BULK_BYTES } from "../bytes/message-limits.ts";
import type { MsgpackReader } from "../bytes/msgpack-reader.ts";
import type { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { DISCONNECT_REASONS } from "./disconnect-reason.ts";
import {
  MAX_CHANNELS,
  MAX_DETAIL_BYTES,
  MAX_INPUT_BLOCK_BYTES,
  MAX_KEY,
  MAX_PAYLOAD_BYTES,
  MAX_STATE_BLOCK_BYTES,
  PATH_DATA_BYTES,
} from "./limits.ts";

const MAX_RANGE_ELEMENTS = 63;
const MAX_RANGE_LENGTH = 1_024;
/** Pieces shorter than this cost a receiver as much as messages do. */
const SMALL_PIECE_BYTES = 100;

export const FrameKind = {
  Message: 0,
  State: 1,
  Input: 2,
  Disconnect: 3,
  Ping: 4,
  Own: 5,
  AckRanges: 6,
  Fragment: 7,
  PathChallenge: 8,
  PathResponse: 9,
  Resync: 10,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** One frame as read; the payload is `bytes[start … end)` of the reader. Reused from frame to frame. */
export interface Frame {
  kind: FrameKind;
  channel: number;
  /** Low 16 bits of the message id, or -1 where the channel carries none. */
  messageId: number;
  /** Of reliable-latest channels, or -1. */
  key: number;
  /** Of a fragment: where it begins in its message, and how long that is. */
  offset: number;
  total: number;
  start: number;
  end: number;
  /** Index into `DISCONNECT_REASONS`. */
  reason: number;
  detail: string;
  /** Of ACK_RANGES: runs and gaps. */
  readonly ranges: number[];
}

export function newFrame(): Frame {
  return {
    kind: FrameKind.Ping,
    channel: 0,
    messageId: -1,
    key: -1,
    offset: 0,
    total: 0,
    start: 0,
    end: 0,
    reason: 0,
    detail: "",
    ranges: [],
  };
}

/** `messageId` and `key`: -1 where the channel has none. */
export function writeMessageFrame(
  writer: MsgpackWriter,
  channel: number,
  messageId: number,
  key: number,
  payload: Uint8Array,
): void {
  writer.arrayHeader(3 + (messageId < 0 ? 0 : 1) + (key < 0 ? 0 : 1));
  writer.int(FrameKind.Message);
  writer.int(channel);
  if (messageId >= 0) writer.int(messageId);
  if (key >= 0) writer.int(key);
  writer.bin(payload);
}

/** What `writeMessageFrame` writes before the payload. */
export function messageHeadBytes(channel: number, messageId: number, key: number, length: number): number {
  const id = messageId < 0 ? 0 : uintBytes(messageId);
  return 2 + uintBytes(channel) + id + (key < 0 ? 0 : uintBytes(key)) + (length < 0x100 ? 2 : 3);
}

/** Bytes `offset … offset + length` of a message. */
export function writeFragmentFrame(
  writer: MsgpackWriter,
  channel: number,
  messageId: number,
  key: number,
  offset: number,
  message: Uint8Array,
  length: number,
): void {
  writer.arrayHeader(key < 0 ? 6 : 7);
  writer.int(FrameKind.Fragment);
  writer.int(channel);
  writer.int(messageId);
  if (key >= 0) writer.int(key);
  writer.int(offset);
  writer.int(message.length);
  writer.bin(message, offset, offset + length);
}

/** What `writeFragmentFrame` writes before the payload, at most. */
export function fragmentHeadBytes(
  channel: number,
  messageId: number,
  key: number,
  offset: number,
  total: number,
): number {
  const numbers = uintBytes(channel) + uintBytes(messageId) + uintBytes(offset) + uintBytes(total);
  return 5 + numbers + (key < 0 ? 0 : uintBytes(key));
}

function uintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x100 ? 2 : value < 0x1_0000 ? 3 : 5;
}

/** STATE, OWN or INPUT: kinds that carry a block of the game's. */
export type BlockFrameKind = typeof FrameKind.State | typeof FrameKind.Own | typeof FrameKind.Input;

export function writeBlockFrame(
  writer: MsgpackWriter,
  kind: BlockFrameKind,
  block: Uint8Array,
  length: number,
  start = 0,
): void {
  writer.arrayHeader(2);
  writer.int(kind);
  writer.bin(block, start, start + length);
}

export function writeDisconnectFrame(writer: MsgpackWriter, reason: number, detail: string): void {
  writer.arrayHeader(3);
  writer.int(FrameKind.Disconnect);
  writer.int(reason);
  writer.text(detail);
}

export function writeAckRangesFrame(writer: MsgpackWriter, ranges: readonly number[]): void {
  writer.arrayHeader(1 + ranges.length);
  writer.int(FrameKind.AckRanges);
  for (const length of ranges) writer.int(length);
}

export function writePingFrame(writer: MsgpackWriter): void {
  writer.arrayHeader(1);
  writer.int(FrameKind.Ping);
}

export function writeResyncFrame(writer: MsgpackWriter): void {
  writer.arrayHeader(1);
  writer.int(FrameKind.Resync);
}

export function writePathFrame(
  writer: MsgpackWriter,
  kind: typeof FrameKind.PathChallenge | typeof FrameKind.PathResponse,
  data: Uint8Array,
): void {
  writer.arrayHeader(2);
  writer.int(kind);
  writer.bin(data);
}

/** Whether a frame is charged as a message: each whole one, the last piece of others, and pieces that nobody needs cut so small. */
export function countsAsMessage(frame: Frame): boolean {
  if (frame.kind === FrameKind.Message) return true;
  const length = frame.end - frame.start;
  return (
    frame.kind === FrameKind.Fragment && (length < SMALL_PIECE_BYTES || frame.offset + length === frame.total)
  );
}

/** Reads one frame into `frame`. Whether the channel exists and carries ids is for the caller to judge. */
export function readFrame(reader: MsgpackReader, frame: Frame): boolean {
  const length = reader.arrayHeader(1, 1 + MAX_RANGE_ELEMENTS);
  const kind = reader.int(0, FrameKind.Resync);
  frame.kind = kind as FrameKind;
  switch (kind) {
    case FrameKind.Message:
      if (length < 3 || length > 5) reader.fail();
      frame.channel = reader.int(0, MAX_CHANNELS - 1);
      frame.messageId = length >= 4 ? reader.int(0, 0xffff) : -1;
      frame.key = length === 5 ? reader.int(0, MAX_KEY) : -1;
      readPayload(reader, frame, 0, MAX_PAYLOAD_BYTES);
      break;
    case FrameKind.Fragment:
      if (length < 6 || length > 7) reader.fail();
      frame.channel = reader.int(0, MAX_CHANNELS - 1);
      frame.messageId = reader.int(0, 0xffff);
      frame.key = length === 7 ? reader.int(0, MAX_KEY) : -1;
      frame.offset = reader.int(0, MAX_BULK_BYTES - 1);
      frame.total = reader.int(1, MAX_BULK_BYTES);
      readPayload(reader, frame, 1, MAX_PAYLOAD_BYTES);
      if (frame.offset + frame.end - frame.start > frame.total) reader.fail();
      break;
    case FrameKind.State:
    case FrameKind.Own:
      if (length !== 2) reader.fail();
      readPayload(reader, frame, 0, MAX_STATE_BLOCK_BYTES);
      break;
    case FrameKind.Input:
      if (length !== 2) reader.fail();
      readPayload(reader, frame, 0, MAX_INPUT_BLOCK_BYTES);
      break;
    case FrameKind.Disconnect:
      if (length !== 3) reader.fail();
      frame.reason = reader.int(0, DISCONNECT_REASONS.length - 1);
      frame.detail = reader.text(MAX_DETAIL_BYTES);
      break;
    case FrameKind.AckRanges:
      frame.ranges.length = 0;
      for (let i = 1; i < length && reader.ok; i += 1) frame.ranges.push(reader.int(1, MAX_RANGE_LENGTH));
      break;
    case FrameKind.Ping:
    case FrameKind.Resync:
      if (length !== 1) reader.fail();
      break;
    case FrameKind.PathChallenge:
    case FrameKind.PathResponse:
      if (length !== 2) reader.fail();
      readPayload(reader, frame, PATH_DATA_BYTES, PATH_DATA_BYTES);
      break;
    default:
      reader.fail();
  }
  return reader.ok;
}

function readPayload(reader: MsgpackReader, frame: Frame, minBytes: number, maxBytes: number): void {
  reader.bin(minBytes, maxBytes);
  frame.start = reader.binStart;
  frame.end = reader.at;
}
