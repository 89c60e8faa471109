/**
 * One stay with a server, from the first knock to the end: the connection, the world as it was told by it, and what of
 * the player's is predicted there. What outlives it, as handlers and wishes, is handed in.
 */
import { PredictedWorld } from "../src/game/prediction/predicted-world.ts";
import { channelTable } from "../src/game/schema/channel-table.ts";
import type { Sighting } from "../src/game/schema/client-types.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import { cutText } from "../src/net/bytes/cut-text.ts";
import type { Connection } from "../src/net/connection/connection.ts";
import type { NetEvent } from "../src/net/connection/event-queue.ts";
import type { ConnectToken } from "../src/net/crypto/connect-token.ts";
import { ClientEndpoint } from "../src/net/endpoint/client-endpoint.ts";
import type { Outbox } from "../src/net/ports/outbox.ts";
import type { PeerAddress } from "../src/net/ports/peer-address.ts";
import { MAX_NAME_BYTES } from "../src/net/wire/limits.ts";
import type { NetCounters } from "../src/net/wire/net-counters.ts";
import type { ClosedInfo, GameClientOptions } from "./client-types.ts";
import type { InputSender } from "./input-sender.ts";
import type { Listeners } from "./listeners.ts";
import type { MessageInbox } from "./message-inbox.ts";
import { TickPlayer } from "./tick-player.ts";
import { ToldWorld } from "./told-world.ts";

/** Between turns while there is no tick to play yet: handshake and goodbyes. */
const IDLE_TURN_MS = 10;
/** While there is: whatever game time does, acks, resends and signs of life have to leave. */
const NET_TURN_MS = 100;

/** What the player keeps from one stay to the next. */
export interface VisitParts<S extends Shape> {
  readonly game: Game<S>;
  readonly options: Omit<GameClientOptions, "token" | "renewToken">;
  readonly inputs: InputSender<S>;
  readonly inbox: MessageInbox<S>;
  readonly onlookers: Listeners<Sighting>;
  readonly counters: NetCounters;
}

/** Hears of what happens, from `receive`, `turn` and `leave`. */
export interface VisitOwner<S extends Shape> {
  /** A tick is about to be played, and was due at `dueMs`. */
  played(tick: number, dueMs: number): void;
  /** The server told something of a newer tick. */
  told(tick: number): void;
  changed(visit: Visit<S>, what: "connected" | "dropped" | "resumed"): void;
  ended(visit: Visit<S>, info: ClosedInfo): void;
}

export class Visit<S extends Shape> {
  readonly endpoint: ClientEndpoint;
  readonly world: ToldWorld<S>;
  readonly ticks: TickPlayer;
  /** The player's own, ahead of what was told, once it is let in. */
  own: PredictedWorld<S> | undefined;
  readonly #parts: VisitParts<S>;
  readonly #owner: VisitOwner<S>;
  #nowMs = 0;
  #startedAtMs = 0;
  #turnedAtMs = 0;

  constructor(parts: VisitParts<S>, token: ConnectToken, owner: VisitOwner<S>) {
    const { game, options, counters } = parts;
    this.#parts = parts;
    this.#owner = owner;
    this.endpoint = new ClientEndpoint({
      ...options.crypto,
      random: options.random,
      server: options.server,
      channels: channelTable(game),
      token,
      name: cutText(options.name, MAX_NAME_BYTES),
      connectTimeoutMs: options.connectTimeoutMs,
      plaintext: options.plaintext ?? false,
      counters,
      ...(options.reconnectMs !== undefined && { reconnectMs: options.reconnectMs }),
    });
    this.ticks = new TickPlayer(this.connection, options.inputDelayTicks);
    this.world = new ToldWorld(game, parts.onlookers);
    this.connection.readState = (bytes, start, end) => this.#readState(bytes, start, end);
  }

  get connection(): Connection {
    return this.endpoint.connection;
  }

  start(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#startedAtMs = nowMs;
    this.endpoint.start(nowMs);
  }

  leave(detail: string, nowMs: number): void {
    this.endpoint.close("closed", detail, nowMs);
    this.#takeEvents();
  }

  /** For how long the server has answered nothing at all; 0 once it has. */
  unansweredMs(nowMs: number): number {
    return this.connection.state === "asking" ? nowMs - this.#startedAtMs : 0;
  }

  /** True while turns are still needed: until the last goodbye is said. */
  get isTurning(): boolean {
    return this.connection.state !== "closed";
  }

  get nextDueMs(): number {
    const { state } = this.connection;
    if (state === "closed") return Number.POSITIVE_INFINITY;
    if (state === "dropped") return this.#turnedAtMs + NET_TURN_MS;
    const { dueMs } = this.ticks;
    const isIdle = dueMs === undefined || state !== "connected";
    const netTurnMs = isIdle ? this.#nowMs + IDLE_TURN_MS : Math.min(dueMs, this.#turnedAtMs + NET_TURN_MS);
    return Math.min(netTurnMs, this.endpoint.nextSendMs);
  }

  receive(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    this.#nowMs = nowMs;
    this.endpoint.receive(bytes, from, nowMs);
    this.ticks.hear();
    this.world.hear(this.connection.tick, nowMs);
    this.showAt(nowMs);
    this.#takeEvents();
  }

  /** Plays the ticks that are due and writes what has to leave. */
  turn(nowMs: number, outbox: Outbox): void {
    this.#nowMs = nowMs;
    this.#turnedAtMs = nowMs;
    this.endpoint.update(nowMs);
    this.#takeEvents();
    this.showAt(nowMs);
    if (this.connection.state === "connected") this.#playTicks(nowMs);
    this.endpoint.flush(nowMs, outbox);
  }

  #playTicks(nowMs: number): void {
    const { inputs, options } = this.#parts;
    const isPlaying = options.spectate !== true;
    const played = this.ticks.play(nowMs, this.endpoint.tickRate, (tick, dueMs) => {
      this.#owner.played(tick, dueMs);
      if (!isPlaying) return;
      // Who has been told of nothing yet has seen nothing.
      if (this.world.stateTicks > 0) inputs.noteSeen(tick, this.world.view.tick);
      const input = inputs.record(tick);
      this.own?.advance(tick, input);
    });
    if (played && isPlaying) inputs.queue(this.connection);
  }

  showAt(nowMs: number): void {
    // A stay that has ended stands still.
    if (!this.connection.life.wasConnected || !this.isTurning) return;
    this.world.show(nowMs);
    this.own?.show(nowMs);
    this.#parts.inbox.show(this.world.view.tick, nowMs);
  }

  #takeEvents(): void {
    for (let event = this.endpoint.nextEvent(); event !== undefined; event = this.endpoint.nextEvent()) {
      this.#takeEvent(event);
    }
  }

  #takeEvent(event: NetEvent<Connection>): void {
    const { inbox } = this.#parts;
    switch (event.kind) {
      case "connected":
      case "dropped":
      case "resumed":
        if (event.kind === "connected") this.#begin();
        if (event.kind === "resumed") this.ticks.restart();
        this.#owner.changed(this, event.kind);
        break;
      case "state":
        // Read already, before its packet was taken.
        this.#confirm();
        if (this.world.hasNewState()) this.#owner.told(this.world.newestTick);
        break;
      case "own":
        if (!this.world.takeOwn(event.bytes, event.start, event.end)) break;
        this.#confirm();
        this.#owner.told(this.world.newestTick);
        break;
      case "message":
        inbox.take(event.bytes, event.start, event.end, this.connection.tick, this.#nowMs);
        break;
      case "disconnected": {
        const by = event.by === "us" ? "client" : event.by === "peer" ? "server" : "network";
        inbox.show(Number.POSITIVE_INFINITY, this.#nowMs);
        this.#owner.ended(this, { reason: event.reason, detail: event.detail, by });
        break;
      }
      default:
        break;
    }
  }

  #begin(): void {
    const { game, options } = this.#parts;
    const { predict = options.spectate !== true } = options;
    if (predict) this.own = new PredictedWorld(game, { stepSeed: this.endpoint.stepSeed });
  }

  /** What the server says of the player's own entities now is the truth. */
  #confirm(): void {
    this.own?.confirm(this.world["~store"], this.world.own, this.#nowMs);
  }

  #readState(bytes: Uint8Array, start: number, end: number): boolean {
    const outcome = this.world.readState(bytes, start, end, this.#nowMs);
    if (outcome === "resync") this.connection.askResync();
    return outcome === "taken";
  }
}
