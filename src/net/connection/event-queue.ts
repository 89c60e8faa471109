/**
 * What happened, in order, for the floor above. Events are used again: an event and the bytes it points to are
 * valid until the next call of `receive`, `update` or `nextEvent`.
 */
import type { DisconnectReason } from "../wire/disconnect-reason.ts";

export type NetEventKind =
  | "connected"
  | "message"
  | "input"
  | "state"
  | "own"
  | "resync"
  | "dropped"
  | "resumed"
  | "disconnected";

export interface NetEvent<Peer> {
  kind: NetEventKind;
  connection: Peer;
  /** Of a message. */
  channel: number;
  /** Payload of a message or block: `bytes[start … end)`. */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** Of a disconnect: why, in whose words, and who ended it. */
  reason: DisconnectReason;
  detail: string;
  by: "us" | "peer" | "network";
}

const EMPTY = new Uint8Array(0);

export class EventQueue<Peer> {
  readonly #events: NetEvent<Peer>[] = [];
  #head = 0;
  #length = 0;

  /** Appends an event for its caller to fill. */
  push(kind: NetEventKind, connection: Peer): NetEvent<Peer> {
    let event = this.#events[this.#length];
    if (event === undefined) {
      event = {
        kind,
        connection,
        channel: 0,
        bytes: EMPTY,
        start: 0,
        end: 0,
        reason: "closed",
        detail: "",
        by: "us",
      };
      this.#events.push(event);
    }
    this.#length += 1;
    event.kind = kind;
    event.connection = connection;
    return event;
  }

  pushPayload(
    kind: NetEventKind,
    connection: Peer,
    channel: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const event = this.push(kind, connection);
    event.channel = channel;
    event.bytes = bytes;
    event.start = start;
    event.end = end;
  }

  pushDisconnected(
    connection: Peer,
    reason: DisconnectReason,
    detail: string,
    by: NetEvent<Peer>["by"],
  ): void {
    const event = this.push("disconnected", connection);
    event.reason = reason;
    event.detail = detail;
    event.by = by;
  }

  take(): NetEvent<Peer> | undefined {
    if (this.#head === this.#length) {
      this.#head = 0;
      this.#length = 0;
      return undefined;
    }
    const event = this.#events[this.#head]!;
    this.#head += 1;
    return event;
  }
}
