import { channelTable } from "../../src/game/schema/channel-table.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import { encodeForChannel } from "../../src/game/schema/message-codec.ts";
import type { InputValues, Shape } from "../../src/game/schema/shape.ts";
import { MsgpackReader } from "../../src/net/bytes/msgpack-reader.ts";
import type { ConnectToken } from "../../src/net/crypto/connect-token.ts";
import { ClientEndpoint } from "../../src/net/endpoint/client-endpoint.ts";
import type { Outbox } from "../../src/net/ports/outbox.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { RandomBytes } from "../../src/net/ports/random-bytes.ts";
import type { NetCounters } from "../../src/net/wire/net-counters.ts";
import type { ClientCrypto, ClosedInfo } from "../client-types.ts";
import { InputSender } from "../input-sender.ts";
import { TickPlayer } from "../tick-player.ts";
import type { CrowdMember } from "./crowd-member.ts";
import { InputWatch, type OnLatency } from "./input-watch.ts";
import type { Saying } from "./pilot-script.ts";

export interface LightBotOptions<S extends Shape> {
  readonly server: PeerAddress;
  readonly crypto: ClientCrypto;
  readonly token: ConnectToken;
  readonly random: RandomBytes;
  readonly name: string;
  readonly connectTimeoutMs: number;
  readonly plaintext: boolean;
  /** What it wants in its next tick; undefined: the same as before. */
  readonly wish: () => Partial<InputValues<S>> | undefined;
  /** What it says in that tick. */
  readonly say: () => readonly Saying<S>[] | undefined;
  readonly onLatency: OnLatency;
}

const IDLE_TURN_MS = 10;
const NET_TURN_MS = 100;
/** How far behind the newest state a client that draws would show others. */
const SEEN_BEHIND_TICKS = 2;

/**
 * A player that does on the wire all that a client does (opens, checks and acks every packet, sends inputs for their
 * ticks) and leaves what it is told of the world unread, but for which tick it is: so one process can play thousands.
 */
export class LightBot<S extends Shape> implements CrowdMember {
  readonly watch: InputWatch;
  updates = 0;
  closedInfo: Pick<ClosedInfo, "reason" | "detail"> | undefined;
  readonly #game: Game<S>;
  readonly #options: LightBotOptions<S>;
  readonly #endpoint: ClientEndpoint;
  readonly #ticks: TickPlayer;
  readonly #inputs: InputSender<S>;
  readonly #reader = new MsgpackReader();
  #stateTick = -1;
  #nowMs = 0;
  #turnedAtMs = 0;

  constructor(game: Game<S>, options: LightBotOptions<S>) {
    const { server, crypto, token, random, name, connectTimeoutMs, plaintext } = options;
    this.#game = game;
    this.#options = options;
    this.#endpoint = new ClientEndpoint({
      ...crypto,
      ...{ server, token, random, name, connectTimeoutMs, plaintext },
      channels: channelTable(game),
    });
    this.#ticks = new TickPlayer(this.#endpoint.connection);
    this.#inputs = new InputSender(game);
    this.watch = new InputWatch(1000 / game.tickRate, options.onLatency);
  }

  get hasPlayed(): boolean {
    return this.updates > 0;
  }

  get isPlaying(): boolean {
    return this.#endpoint.connection.state === "connected" && this.updates > 0;
  }

  get isTurning(): boolean {
    return this.#endpoint.connection.state !== "closed";
  }

  get counters(): Readonly<NetCounters> {
    return this.#endpoint.counters;
  }

  /** Undefined before the first round trip. */
  get rttMs(): number | undefined {
    return this.#endpoint.connection.acks.rtt.smoothedMs;
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
    this.#nowMs = nowMs;
    this.#endpoint.receive(bytes, from, nowMs);
    this.#ticks.hear();
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
    this.#endpoint.close("closed", "the load test is over", this.#nowMs);
    this.#takeEvents();
  }

  #play(nowMs: number): void {
    const played = this.#ticks.play(nowMs, this.#endpoint.tickRate, this.#onTick);
    if (played) this.#inputs.queue(this.#endpoint.connection);
  }

  readonly #onTick = (tick: number, dueMs: number): void => {
    const wish = this.#options.wish();
    if (wish !== undefined) this.#inputs.set(wish);
    const said = this.#options.say();
    if (said !== undefined) this.#say(said);
    if (this.#stateTick >= 0) this.#inputs.noteSeen(tick, this.#stateTick - SEEN_BEHIND_TICKS);
    this.#inputs.record(tick);
    this.watch.played(tick, dueMs);
  };

  #say(said: readonly Saying<S>[]): void {
    for (const { name, message } of said) {
      const encoded = encodeForChannel(this.#game, name, message);
      if (encoded === undefined || encoded === "invalid") continue;
      this.#endpoint.send(encoded.channel, encoded.bytes, encoded.key);
    }
  }

  #takeEvents(): void {
    for (let event = this.#endpoint.nextEvent(); event !== undefined; event = this.#endpoint.nextEvent()) {
      if (event.kind === "own") this.#takeOwn(event.bytes, event.start, event.end);
      else if (event.kind === "resumed") this.#ticks.restart();
      else if (event.kind === "disconnected") {
        this.closedInfo = { reason: event.reason, detail: event.detail };
      }
    }
  }

  /** Of an own block, which comes with each tick's state, the tick is all that is read. */
  #takeOwn(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader.reset(bytes, start, end);
    const tick = reader.int(0, Number.MAX_SAFE_INTEGER);
    if (!reader.ok || tick <= this.#stateTick) return;
    this.#stateTick = tick;
    this.updates += 1;
    this.watch.told(tick, this.#nowMs);
  }
}
