import type { DrivenClient } from "../../client/client-driver.ts";
import type { ClientCrypto, ClosedInfo } from "../../client/client-types.ts";
import { InputSender } from "../../client/input-sender.ts";
import { TickPlayer } from "../../client/tick-player.ts";
import { channelTable } from "../../src/game/schema/channel-table.ts";
import type { ConnectToken } from "../../src/net/crypto/connect-token.ts";
import { ClientEndpoint } from "../../src/net/endpoint/client-endpoint.ts";
import type { Outbox } from "../../src/net/ports/outbox.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { RandomBytes } from "../../src/net/ports/random-bytes.ts";
import { crowd, steer } from "./crowd-game.ts";

export interface LightClientOptions {
  readonly server: PeerAddress;
  readonly crypto: ClientCrypto;
  readonly token: ConnectToken;
  readonly random: RandomBytes;
  readonly chance: () => number;
  /** Of what comes to it. */
  readonly lossPercent: number;
}

const IDLE_TURN_MS = 10;
const NET_TURN_MS = 100;
const CONNECT_TIMEOUT_MS = 20_000;

/**
 * A player that does on the wire all that a client does (opens and acks every packet, sends inputs for their ticks) and
 * leaves state unread, follows no clock: so that one process can play a thousand. `LightBot` costs more, and would need
 * nearly all of the core that the bench has for players.
 */
export class LightClient implements DrivenClient {
  /** Ticks whose own block arrived: one per update. */
  updates = 0;
  /** Why it is over, once it is. */
  closedInfo: Pick<ClosedInfo, "reason" | "detail"> | undefined;
  readonly #endpoint: ClientEndpoint;
  readonly #ticks: TickPlayer;
  readonly #inputs = new InputSender(crowd);
  readonly #chance: () => number;
  readonly #lossPercent: number;
  #nowMs = 0;
  #turnedAtMs = 0;

  constructor(options: LightClientOptions) {
    const { server, crypto, token, random, chance, lossPercent } = options;
    this.#chance = chance;
    this.#lossPercent = lossPercent;
    this.#endpoint = new ClientEndpoint({
      ...crypto,
      ...{ server, token, random, name: "", connectTimeoutMs: CONNECT_TIMEOUT_MS },
      channels: channelTable(crowd),
    });
    this.#ticks = new TickPlayer(this.#endpoint.connection);
  }

  get isPlaying(): boolean {
    return this.#endpoint.connection.state === "connected" && this.updates > 0;
  }

  get isTurning(): boolean {
    return this.#endpoint.connection.state !== "closed";
  }

  get rttMs(): number {
    return this.#endpoint.connection.acks.rtt.smoothedMs ?? 0;
  }

  get nextDueMs(): number {
    if (!this.isTurning) return Number.POSITIVE_INFINITY;
    const { dueMs } = this.#ticks;
    const isIdle = dueMs === undefined || this.#endpoint.connection.state !== "connected";
    return isIdle ? this.#turnedAtMs + IDLE_TURN_MS : Math.min(dueMs, this.#turnedAtMs + NET_TURN_MS);
  }

  start(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#endpoint.start(nowMs);
  }

  receive(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    if (this.#lossPercent > 0 && this.#chance() * 100 < this.#lossPercent) return;
    this.#nowMs = nowMs;
    this.#endpoint.receive(bytes, from, nowMs);
    this.#takeEvents();
  }

  turn(nowMs: number, outbox: Outbox): void {
    this.#nowMs = nowMs;
    this.#turnedAtMs = nowMs;
    this.#endpoint.update(nowMs);
    this.#takeEvents();
    if (this.#endpoint.connection.state === "connected") this.#play(nowMs);
    this.#endpoint.flush(nowMs, outbox);
  }

  noteUnsent(datagrams: number): void {
    this.#endpoint.counters.datagramsUnsent += datagrams;
  }

  leave(): void {
    this.#endpoint.close("closed", "the bench is over", this.#nowMs);
    this.#takeEvents();
  }

  #play(nowMs: number): void {
    const played = this.#ticks.play(nowMs, this.#endpoint.tickRate, this.#onTick);
    if (played) this.#inputs.queue(this.#endpoint.connection);
  }

  readonly #onTick = (tick: number): void => {
    const wish = steer(this.#chance);
    if (wish !== undefined) this.#inputs.set(wish);
    this.#inputs.record(tick);
  };

  #takeEvents(): void {
    for (let event = this.#endpoint.nextEvent(); event !== undefined; event = this.#endpoint.nextEvent()) {
      if (event.kind === "own") this.updates += 1;
      else if (event.kind === "disconnected") {
        this.closedInfo = { reason: event.reason, detail: event.detail };
      }
    }
  }
}
