import { MsgpackReader } from "../bytes/msgpack-reader.ts";
import type { IncomingChannels } from "../channel/incoming-channels.ts";
import type { PeerAddress } from "../ports/peer-address.ts";
import { type BodyHead, newBodyHead, readBodyHead } from "../wire/data-packet.ts";
import { readFrame } from "../wire/frames.ts";
import { PacketJudge } from "./packet-judge.ts";

const NOWHERE: PeerAddress = { host: "", port: 0 };

/** Why a packet that opened is not taken, by the name of its counter. */
export type Refusal = "refusedBody" | "refusedAck" | "refusedFrame" | "refusedRoom" | "refusedBlock";

/** The packet at hand, once it is opened: its head, then all frames to judge them, then each again to take it. */
export class OpenedPacket {
  /** Where it came from. */
  from: PeerAddress = NOWHERE;
  readonly head: BodyHead = newBodyHead();
  readonly judge = new PacketJudge();
  /** The frame read last. */
  readonly frame = this.judge.frame;
  readonly #reader = new MsgpackReader();
  #framesAt = 0;
  #framesLeft = 0;

  /** Reads the head of the body `bytes[start … end)` at the end `side`. False if it is none. */
  begin(
    bytes: Uint8Array,
    start: number,
    end: number,
    side: "client" | "server",
    from: PeerAddress,
  ): boolean {
    const reader = this.#reader.reset(bytes, start, end);
    this.from = from;
    readBodyHead(reader, side, this.head);
    this.#framesAt = reader.at;
    return reader.ok;
  }

  /** Why its frames may not be taken, if so. `ack`: its whole number. */
  faultOfFrames(
    ack: number,
    side: "client" | "server",
    incoming: IncomingChannels,
  ): ReturnType<PacketJudge["judge"]> {
    this.judge.turnTo(side, incoming);
    return this.judge.judge(this.#reader, this.head.frames, ack);
  }

  /** Once they are judged: begins to read the frames again. */
  rewind(): void {
    this.#framesLeft = this.head.frames;
    // The only one is still as it was read.
    if (this.head.frames === 1) return;
    const { bytes, end } = this.#reader;
    this.#reader.reset(bytes, this.#framesAt, end);
  }

  /** Reads the next frame. False after the last. */
  next(): boolean {
    if (this.#framesLeft === 0) return false;
    this.#framesLeft -= 1;
    return this.head.frames === 1 || readFrame(this.#reader, this.frame);
  }
}
