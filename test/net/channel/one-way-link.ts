/** The channels of one connection in one direction, over a link that loses, doubles and reorders; acks come back alike. */
import { MsgpackReader } from "../../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { AckTracker } from "../../../src/net/channel/ack-tracker.ts";
import type { ChannelConfig } from "../../../src/net/channel/channel-kind.ts";
import { Channels } from "../../../src/net/channel/channels.ts";
import { IncomingChannels } from "../../../src/net/channel/incoming-channels.ts";
import { ReceivedPackets } from "../../../src/net/channel/received-packets.ts";
import { PacketJudge } from "../../../src/net/connection/packet-judge.ts";
import { newFrame, readFrame, writePingFrame } from "../../../src/net/wire/frames.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

export const TICK_MS = 33;
const MAX_PACKETS_PER_TURN = 64;

export interface Heard {
  readonly channel: number;
  readonly payload: Uint8Array;
}

interface Packet {
  readonly number: number;
  readonly frames: number;
  readonly bytes: Uint8Array;
}

interface Ack {
  readonly ack: number;
  readonly missing: number;
  readonly delayMs: number;
  readonly ranges: readonly number[];
}

export class OneWayLink {
  nowMs = 0;
  readonly sent = newNetCounters();
  readonly received = newNetCounters();
  readonly channels: Channels;
  readonly incoming: IncomingChannels;
  readonly acks: AckTracker;
  readonly heard: Heard[] = [];
  /** Bytes for frames of the packets from now on. */
  room = 1_160;
  maxPacketsPerTurn = MAX_PACKETS_PER_TURN;
  /** Each turn something leaves, as in a game that runs. */
  isBusy = true;
  /** What becomes of a packet, or of an ack: copies with their delays; none for loss. */
  fate: (what: "packet" | "ack") => readonly number[] = () => [0];
  packets = 0;
  refused = 0;
  readonly #judge: PacketJudge;
  readonly #arrived = new ReceivedPackets();
  readonly #writer = new MsgpackWriter();
  #flights: { readonly dueMs: number; readonly what: Packet | Ack }[] = [];

  constructor(configs: readonly ChannelConfig[]) {
    this.channels = new Channels(configs, this.sent);
    this.acks = new AckTracker(this.channels, this.sent, TICK_MS);
    this.incoming = new IncomingChannels(configs, this.received, "server");
    this.#judge = new PacketJudge("client", this.incoming);
  }

  heardOn(channel: number): Uint8Array[] {
    return this.heard.filter((each) => each.channel === channel).map(({ payload }) => payload);
  }

  run(turns: number, eachTurn: (turn: number) => void = () => {}): void {
    for (let turn = 0; turn < turns; turn += 1) {
      this.nowMs += TICK_MS;
      this.#arrive();
      this.acks.update(this.nowMs);
      this.incoming.update(this.nowMs);
      eachTurn(turn);
      this.#flush();
    }
  }

  #flush(): void {
    const bytes = new Uint8Array(this.room);
    for (let i = 0; i < this.maxPacketsPerTurn; i += 1) {
      const isPing = i === 0 && this.isBusy;
      if (!this.channels.hasDue(this.nowMs) && !isPing) break;
      const packet = this.acks.begin(this.nowMs);
      const writer = this.#writer.reset(bytes);
      let frames = this.channels.fill(writer, packet, this.nowMs, 256, this.room);
      if (frames === 0 && !isPing) throw new Error("something was due, and did not fit an empty packet");
      if (frames === 0) {
        writePingFrame(writer);
        frames = 1;
      }
      packet.elicitsAck = true;
      this.packets += 1;
      this.#launch("packet", { number: packet.number, frames, bytes: bytes.slice(0, writer.at) });
    }
  }

  #launch(kind: "packet" | "ack", what: Packet | Ack): void {
    for (const delayMs of this.fate(kind)) this.#flights.push({ dueMs: this.nowMs + delayMs, what });
  }

  #arrive(): void {
    const due = this.#flights.filter(({ dueMs }) => dueMs <= this.nowMs);
    this.#flights = this.#flights.filter(({ dueMs }) => dueMs > this.nowMs);
    due.sort((a, b) => a.dueMs - b.dueMs);
    for (const { what } of due) {
      if ("number" in what) this.take(what.number, what.frames, what.bytes);
      else this.acks.take(what.ack, what.missing, what.delayMs, what.ranges, this.nowMs);
    }
    if (this.#arrived.unacked === 0) return;
    const ranges = this.#arrived.wantsRanges ? this.#arrived.ranges() : [];
    const delayMs = Math.round(this.#arrived.ackDelayMs(this.nowMs));
    this.#launch("ack", { ack: this.#arrived.newest, missing: this.#arrived.missingBits(), delayMs, ranges });
    this.#arrived.acked();
  }

  /** Hands the receiver a packet; says what it found wrong. */
  take(number: number, frames: number, bytes: Uint8Array): string | undefined {
    if (this.#arrived.check(number) !== "new") return "not new";
    const reader = new MsgpackReader().reset(bytes);
    const fault = this.#judge.judge(reader, frames, 0);
    if (fault !== undefined) {
      this.refused += 1;
      this.#arrived.refuse(number);
      return fault;
    }
    this.#arrived.add(number, this.nowMs, true);
    reader.reset(bytes);
    const frame = newFrame();
    for (let i = 0; i < frames; i += 1) {
      readFrame(reader, frame);
      if (frame.kind === 4) continue;
      this.incoming.receive(frame, bytes, this.nowMs, (channel, from, start, end) =>
        this.heard.push({ channel, payload: from.slice(start, end) }),
      );
    }
    return undefined;
  }
}
