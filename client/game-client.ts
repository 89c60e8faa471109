/**
 * One player's end of a game, without I/O: it is handed datagrams and time, and leaves datagrams in an Outbox.
 * `connect` and the bot runner put a socket and a ticker under it; simulations put it on a network in memory.
 */

import type { ReplicaStore } from "../src/game/replication/replica-store.ts";
import type { Snapshot } from "../src/game/replication/snapshot.ts";
import { channelTable } from "../src/game/schema/channel-table.ts";
import type { Client, Sighting, View } from "../src/game/schema/client-types.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import { decodeMessage, encodeForChannel } from "../src/game/schema/message-codec.ts";
import type {
  Avatar,
  FromClient,
  FromServer,
  InputValues,
  Mover,
  Payload,
  SendResult,
  SentPayload,
  Shape,
} from "../src/game/schema/shape.ts";
import { cutText } from "../src/net/bytes/cut-text.ts";
import type { Connection } from "../src/net/connection/connection.ts";
import type { NetEvent } from "../src/net/connection/event-queue.ts";
import { ClientEndpoint } from "../src/net/endpoint/client-endpoint.ts";
import type { Outbox } from "../src/net/ports/outbox.ts";
import type { PeerAddress } from "../src/net/ports/peer-address.ts";
import { MAX_NAME_BYTES } from "../src/net/wire/limits.ts";
import type { NetCounters } from "../src/net/wire/net-counters.ts";
import type { ClientStats, ClosedInfo, GameClientOptions } from "./client-types.ts";
import { InputSender } from "./input-sender.ts";
import { TickPlayer } from "./tick-player.ts";
import { ToldWorld } from "./told-world.ts";

/** Between turns while there is no tick to play yet: handshake and goodbyes. */
const IDLE_TURN_MS = 10;
/** While there is: whatever game time does, acks, resends and signs of life have to leave. */
const NET_TURN_MS = 100;

/** Runs once per tick of the client, before its input is taken: the place for bots and for reading the view. */
export type OnClientTick = (tick: number) => void;

export class GameClient<S extends Shape> implements Client<S> {
  readonly game: Game<S>;
  readonly view: View<S>;
  readonly closed: Promise<ClosedInfo>;
  /** Set when the connection is over. */
  closedInfo: ClosedInfo | undefined;
  onTick: OnClientTick = () => {};
  onStateChange: () => void = () => {};
  /** Called with each newer tick that the server told something of, once `view` shows it. */
  onState: (tick: number) => void = () => {};

  readonly #endpoint: ClientEndpoint;
  readonly #world: ToldWorld<S>;
  readonly #inputs: InputSender<S>;
  readonly #handlers = new Map<string, Set<(message: never) => void>>();
  #settleClosed: (info: ClosedInfo) => void = () => {};
  readonly #ticks: TickPlayer;
  #nowMs = 0;
  #turnedAtMs = 0;
  #messagesRefused = 0;

  constructor(game: Game<S>, options: GameClientOptions) {
    this.game = game;
    this.#endpoint = new ClientEndpoint({
      ...options.crypto,
      random: options.random,
      server: options.server,
      channels: channelTable(game),
      token: options.token,
      name: cutText(options.name, MAX_NAME_BYTES),
      connectTimeoutMs: options.connectTimeoutMs,
      plaintext: options.plaintext ?? false,
      ...(options.reconnectMs !== undefined && { reconnectMs: options.reconnectMs }),
    });
    this.#ticks = new TickPlayer(this.#endpoint.connection);
    this.#world = new ToldWorld(game);
    this.view = this.#world.view;
    this.#endpoint.connection.readState = (bytes, start, end) => this.#readState(bytes, start, end);
    this.#inputs = new InputSender(game);
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
  }

  get state(): Client<S>["state"] {
    const { state } = this.#endpoint.connection;
    if (state === "connected") return "playing";
    if (state === "dropped") return "dropped";
    return state === "closing" || state === "closed" ? "closed" : "connecting";
  }

  get entity(): Readonly<Mover<S, Avatar<S>>> | undefined {
    return this.#world.entity as Readonly<Mover<S, Avatar<S>>> | undefined;
  }

  /** Who the server says this is; undefined before it said so. */
  get playerId(): number | undefined {
    return this.#world.playerId;
  }

  /** What the server has told of the shown tick, of fields that everyone may see: for tests and tools. */
  snapshot(): Snapshot {
    return this.#world.snapshot();
  }

  /** What was told of each entity, version by version: for tests. */
  get "~store"(): ReplicaStore {
    return this.#world["~store"];
  }

  /** What is below: for tests that look at each packet. */
  get "~connection"(): Connection {
    return this.#endpoint.connection;
  }

  /** The tick whose input is sent next. */
  get tick(): number {
    return this.#ticks.nextTick;
  }

  get counters(): Readonly<NetCounters> {
    return this.#endpoint.counters;
  }

  get stats(): ClientStats {
    const { connection, counters } = this.#endpoint;
    return {
      rttMs: connection.acks.rtt.smoothedMs,
      jitterMs: connection.acks.rtt.variationMs,
      lossRatio: connection.acks.lossRatio,
      queueingDelayMs: connection.congestion.queueingDelayMs,
      bytesPerSecond: connection.congestion.bytesPerSecond,
      inputLeadTicks: connection.inputLead,
      stateTicks: this.#world.stateTicks,
      bytesUp: counters.bytesSent,
      bytesDown: counters.bytesReceived,
    };
  }

  /** State blocks and messages that did not decode, by reason. */
  get refusals(): Readonly<Record<string, number>> {
    const { counters, ownCounters } = this.#world;
    const { blocksMalformed, blocksWrongCount } = ownCounters;
    return { ...counters, ownsRefused: blocksMalformed + blocksWrongCount, messages: this.#messagesRefused };
  }

  start(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#endpoint.start(nowMs);
  }

  setInput(input: Partial<InputValues<S>>): void {
    this.#inputs.set(input);
  }

  send<N extends FromClient<S>>(name: N, message: SentPayload<S["messages"][N]>): SendResult {
    const encoded = encodeForChannel(this.game, name, message);
    if (encoded === undefined) throw new Error(`no message "${name}" in ${this.game.name}`);
    if (encoded === "invalid") return encoded;
    return this.#endpoint.send(encoded.channel, encoded.bytes, encoded.key);
  }

  on<N extends FromServer<S>>(name: N, handler: (message: Payload<S["messages"][N]>) => void): () => void {
    let handlers = this.#handlers.get(name);
    if (handlers === undefined) {
      handlers = new Set();
      this.#handlers.set(name, handlers);
    }
    const kept = handlers;
    kept.add(handler);
    return () => kept.delete(handler);
  }

  onSight(handler: (sighting: Sighting) => void): () => void {
    return this.#world.onSight(handler);
  }

  /** Leaves; the server is told with the next turns. */
  async close(): Promise<void> {
    this.leave("the player left");
    await this.closed;
  }

  leave(detail: string): void {
    this.#endpoint.close("closed", detail, this.#nowMs);
    this.#takeEvents();
  }

  /** True while turns are still needed: until the last goodbye is said. */
  get isTurning(): boolean {
    return this.#endpoint.connection.state !== "closed";
  }

  /** When `turn` wants to be called next. */
  get nextDueMs(): number {
    if (!this.isTurning) return Number.POSITIVE_INFINITY;
    if (this.state === "dropped") return this.#turnedAtMs + NET_TURN_MS;
    const { dueMs } = this.#ticks;
    const isIdle = dueMs === undefined || this.state !== "playing";
    const netTurnMs = isIdle ? this.#nowMs + IDLE_TURN_MS : Math.min(dueMs, this.#turnedAtMs + NET_TURN_MS);
    return Math.min(netTurnMs, this.#endpoint.nextSendMs);
  }

  /** Takes one datagram; `bytes` are not kept. */
  receive(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#endpoint.receive(bytes, from, nowMs);
    this.#takeEvents();
  }

  noteUnsent(datagrams: number): void {
    this.#endpoint.counters.datagramsUnsent += datagrams;
  }

  /** Plays the ticks that are due and writes what has to leave. */
  turn(nowMs: number, outbox: Outbox): void {
    this.#nowMs = nowMs;
    this.#turnedAtMs = nowMs;
    this.#endpoint.update(nowMs);
    this.#takeEvents();
    if (this.state === "playing") this.#playTicks(nowMs);
    this.#endpoint.flush(nowMs, outbox);
  }

  #playTicks(nowMs: number): void {
    const played = this.#ticks.play(nowMs, this.#endpoint.tickRate, (tick) => {
      this.onTick(tick);
      this.#inputs.record(tick);
    });
    if (played) this.#inputs.queue(this.#endpoint.connection);
  }

  #takeEvents(): void {
    for (let event = this.#endpoint.nextEvent(); event !== undefined; event = this.#endpoint.nextEvent()) {
      this.#takeEvent(event);
    }
  }

  #takeEvent(event: NetEvent<Connection>): void {
    switch (event.kind) {
      case "connected":
      case "dropped":
        this.onStateChange();
        break;
      case "resumed":
        this.#ticks.restart();
        this.onStateChange();
        break;
      case "state":
        // Read already, before its packet was taken.
        if (this.#world.showState()) this.onState(this.view.tick);
        break;
      case "own":
        if (this.#world.takeOwn(event.bytes, event.start, event.end)) this.onState(this.view.tick);
        break;
      case "message":
        this.#takeMessage(event.bytes, event.start, event.end);
        break;
      case "disconnected": {
        const by = event.by === "us" ? "client" : event.by === "peer" ? "server" : "network";
        this.closedInfo = { reason: event.reason, detail: event.detail, by };
        this.#settleClosed(this.closedInfo);
        this.onStateChange();
        break;
      }
      default:
        break;
    }
  }

  #readState(bytes: Uint8Array, start: number, end: number): boolean {
    const outcome = this.#world.readState(bytes, start, end, this.#nowMs);
    if (outcome === "resync") this.#endpoint.connection.askResync();
    return outcome === "taken";
  }

  #takeMessage(bytes: Uint8Array, start: number, end: number): void {
    const message = decodeMessage(this.game, "server", bytes, start, end);
    if (message === undefined) {
      this.#messagesRefused += 1;
      return;
    }
    for (const handler of this.#handlers.get(message.name) ?? []) handler(message.values as never);
  }
}
