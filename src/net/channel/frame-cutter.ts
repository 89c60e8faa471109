/** Writes a message, or as much of it as the packet has room for. */
import type { MsgpackWriter } from "../bytes/msgpack-writer.ts";
import { toSequence } from "../bytes/sequence.ts";
import {
  fragmentHeadBytes,
  messageHeadBytes,
  writeFragmentFrame,
  writeMessageFrame,
} from "../wire/frames.ts";
import { MAX_PAYLOAD_BYTES } from "../wire/limits.ts";
import type { Due } from "./outgoing-message.ts";

/** A piece smaller than this share of an empty packet waits for the next packet, unless it is the last. */
const LEAST_PIECE_SHARE = 1 / 8;

/**
 * Up to which byte `due` was written, or -1 if it must wait for another packet. A message is cut only if it would not
 * fit an empty packet, which has `emptyRoom` bytes for frames. `id`: as counted, not as it travels; -1 where whole
 * messages have none. `fragmentId`: the same of fragments.
 */
export function writeDue(
  writer: MsgpackWriter,
  { message, start, end }: Due,
  id: number,
  fragmentId: number,
  emptyRoom: number,
): number {
  const { channel, key, payload } = message;
  const mark = writer.at;
  if (start === 0 && end === payload.length && !message.isFragmented) {
    const idBytes = id < 0 ? id : toSequence(id);
    const fits = end <= MAX_PAYLOAD_BYTES && messageHeadBytes(channel, idBytes, key, end) + end <= emptyRoom;
    if (fits) {
      writeMessageFrame(writer, channel, idBytes, key, payload);
      if (writer.ok) return end;
      writer.rewind(mark);
      return -1;
    }
  }
  const sequence = toSequence(fragmentId);
  const head = fragmentHeadBytes(channel, sequence, key, start, payload.length);
  const room = Math.min(writer.end - mark - head, MAX_PAYLOAD_BYTES);
  const bytes = Math.min(end - start, room);
  if (bytes < Math.min(end - start, (emptyRoom - head) * LEAST_PIECE_SHARE)) return -1;
  if (bytes <= 0) return -1;
  writeFragmentFrame(writer, channel, sequence, key, start, payload, bytes);
  if (!writer.ok) {
    writer.rewind(mark);
    return -1;
  }
  message.isFragmented = true;
  return start + bytes;
}
