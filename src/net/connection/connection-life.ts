/**
 * The state of one connection and the silence that changes it: what the owner hears of both, and what is counted.
 * Which packets come and go is not its business.
 */
import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { type ConnectionState, TRANSITIONS } from "./connection-state.ts";

/** How long a dropped peer may take to come back. */
export const RECONNECT_MS = 30_000;

export class ConnectionLife<Peer> {
  #state: ConnectionState = "idle";
  /** True from the drop until the peer is heard again, in whatever state: nothing but knocking makes sense. */
  isQuiet = false;
  #heardAtMs = 0;
  /** Silence after which a connected peer is dropped, and any other is gone. */
  timeoutMs: number;
  #droppedAtMs = 0;
  readonly #peer: Peer;
  readonly #options: ConnectionOptions<Peer>;
  /** True once it was connected, whatever came after. */
  wasConnected = false;

  constructor(peer: Peer, options: ConnectionOptions<Peer>) {
    this.#peer = peer;
    this.#options = options;
    this.timeoutMs = options.timeoutMs;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** True while it is open, even if nothing is heard. */
  get isUp(): boolean {
    return this.#state === "connected" || this.#state === "dropped";
  }

  /** True while packets of the peer count. */
  get isListening(): boolean {
    const state = this.#state;
    return state === "connected" || state === "accepted" || state === "dropped" || state === "closing";
  }

  /** Only along the table of `connection-state.ts`. */
  become(next: ConnectionState, nowMs: number): void {
    const former = this.#state;
    if (!TRANSITIONS[former].includes(next)) throw new Error(`${former} cannot become ${next}`);
    this.#state = next;
    const { counters, events } = this.#options;
    const peer = this.#peer;
    if (next === "accepted" || next === "connected") this.#heardAtMs = nowMs;
    if (next === "dropped") {
      this.isQuiet = true;
      this.#droppedAtMs = nowMs;
      counters.connectionsDropped += 1;
      events.push("dropped", peer);
    } else if (next === "connected" && former === "dropped") {
      this.isQuiet = false;
      counters.connectionsResumed += 1;
      events.push("resumed", peer);
    } else if (next === "connected") {
      this.wasConnected = true;
      counters.connectionsOpened += 1;
      events.push("connected", peer);
    }
  }

  /** A packet of the peer was accepted. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.isQuiet = false;
    if (this.#state === "accepted" || this.#state === "dropped") this.become("connected", nowMs);
  }

  /** From when on `passTime` may have something to do, or Infinity. */
  get silentAtMs(): number {
    if (!this.isListening) return Number.POSITIVE_INFINITY;
    // Counted from when the drop was noticed: a process that slept still finds what waits in its socket.
    if (this.#state === "dropped") return this.#droppedAtMs + (this.#options.reconnectMs ?? RECONNECT_MS);
    return this.#heardAtMs + this.timeoutMs;
  }

  /** Does what silence does. True when the peer was dropped just now. */
  passTime(nowMs: number): boolean {
    if (nowMs <= this.silentAtMs) return false;
    const isDrop = this.#state === "connected";
    if (isDrop) this.become("dropped", nowMs);
    else this.abort("timeout", "nothing was heard for too long", "network", nowMs);
    return isDrop;
  }

  /** Ends it from our side. True when there is someone to say goodbye to. */
  close(reason: DisconnectReason, detail: string, nowMs: number): boolean {
    if (this.#state === "closing" || this.#state === "closed") return false;
    const isTold = this.#state === "connected" || this.#state === "dropped";
    this.become(isTold ? "closing" : "closed", nowMs);
    // Else the silence that dropped it would end it before a goodbye has left.
    if (this.isQuiet) this.#heardAtMs = nowMs;
    this.#ended(reason, detail, "us", isTold || this.#options.side === "client");
    return isTold;
  }

  /** Refused before it came to life (client), ended by the peer, or gone without a word. */
  abort(reason: DisconnectReason, detail: string, by: "peer" | "network", nowMs: number): void {
    const state = this.#state;
    if (state === "closed") return;
    // The owner hears of each end once; a server's owner only of peers it has been told of.
    const tell =
      this.#options.side === "client" ? state !== "closing" : state === "connected" || state === "dropped";
    this.become("closed", nowMs);
    this.#ended(reason, detail, by, tell);
  }

  #ended(reason: DisconnectReason, detail: string, by: "us" | "peer" | "network", tell: boolean): void {
    if (!tell) return;
    const { counters, events } = this.#options;
    if (reason === "timeout") counters.connectionsTimedOut += 1;
    else counters.connectionsClosed += 1;
    events.pushDisconnected(this.#peer, reason, detail, by);
  }
}
