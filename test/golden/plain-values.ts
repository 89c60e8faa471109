/** What the readers gave, as plain data for JSON. */
import { MsgpackReader } from "../../src/net/bytes/msgpack-reader.ts";
import { newBodyHead, readBodyHead } from "../../src/net/wire/data-packet.ts";
import { DISCONNECT_REASONS } from "../../src/net/wire/disconnect-reason.ts";
import { FrameKind, newFrame, readFrame } from "../../src/net/wire/frames.ts";
import { hex } from "./hex.ts";

const FRAME_NAMES = Object.keys(FrameKind) as (keyof typeof FrameKind)[];

/** A DATA body as plain data, or undefined if it does not decode. `from` is who wrote it. */
export function plainBody(body: Uint8Array, from: "client" | "server"): object | undefined {
  const reader = new MsgpackReader().reset(body);
  const head = newBodyHead();
  readBodyHead(reader, from === "client" ? "server" : "client", head);
  if (!reader.ok) return undefined;
  const frames: object[] = [];
  const frame = newFrame();
  for (let i = 0; i < head.frames; i += 1) {
    if (!readFrame(reader, frame)) return undefined;
    const kind = FRAME_NAMES.find((name) => FrameKind[name] === frame.kind)!;
    const bytes = hex(body.subarray(frame.start, frame.end));
    const { channel, messageId: id, key, offset, total } = frame;
    const keyed = { channel, id, ...(key >= 0 && { key }) };
    if (kind === "Message") frames.push({ kind, ...keyed, payload: bytes });
    else if (kind === "Fragment") frames.push({ kind, ...keyed, offset, total, payload: bytes });
    else if (kind === "Disconnect") {
      frames.push({ kind, reason: DISCONNECT_REASONS[frame.reason], detail: frame.detail });
    } else if (kind === "AckRanges") frames.push({ kind, ranges: frame.ranges.slice() });
    else if (kind === "PathChallenge" || kind === "PathResponse") frames.push({ kind, data: bytes });
    else if (kind === "Ping" || kind === "Resync") frames.push({ kind });
    else frames.push({ kind, block: bytes });
  }
  if (!reader.done()) return undefined;
  const { ack, ackMissing, ackDelayMs, tick, inputLead } = head;
  const told = { ack, ackMissing, ackDelayMs };
  return from === "client" ? { ...told, frames } : { ...told, tick, inputLead, frames };
}
