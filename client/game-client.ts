/**
 * One player's end of a game, without I/O: it is handed datagrams and time, and leaves datagrams in an Outbox.
 * `connect` and the bot runner put a socket and a ticker under it; simulations put it on a network in memory.
 */
import { PredictedWorld } from "../src/game/prediction/predicted-world.ts";
import type { ReplicaStore } from "../src/game/replication/replica-store.ts";
import type { Snapshot } from "../src/game/replication/snapshot.ts";
import { channelTable } from "../src/game/schema/channel-table.ts";
import type { Client, Sighting, View } from "../src/game/schema/client-types.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import { encodeForChannel } from "../src/game/schema/message-codec.ts";
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
import { clientStateOf, clientStats } from "./client-stats.ts";
import type { ClientStats, ClosedInfo, GameClientOptions } from "./client-types.ts";
import { checkInputDelay, InputSender } from "./input-sender.ts";
import { MessageInbox } from "./message-inbox.ts";
import { playerView } from "./player-view.ts";
import { TickPlayer } from "./tick-player.ts";
import { ToldWorld } from "./told-world.ts";

/** Between turns while there is no tick to play yet: handshake and goodbyes. */
const IDLE_TURN_MS = 10;
/** While there is: whatever game time does, acks, resends and signs of life have to leave. */
const NET_TURN_MS = 100;

/** Runs once per tick of the client, due at `dueMs`, before its input is taken: for bots, and for reading the view. */
export type OnClientTick = (tick: number, dueMs: number) => void;

export class GameClient<S extends Shape> implements Client<S> {
  readonly game: Game<S>;
  readonly view: View<S>;
  readonly closed: Promise<ClosedInfo>;
  /** Set when the connection is over. */
  closedInfo: ClosedInfo | undefined;
  onTick: OnClientTick = () => {};
  onStateChange: () => void = () => {};
  /** Called with each newer tick that the server told something of. `view` shows it a little later. */
  onState: (tick: number) => void = () => {};

  readonly #endpoint: ClientEndpoint;
  readonly #world: ToldWorld<S>;
  /** The player's own, ahead of what was told, once it is let in. */
  #own: PredictedWorld<S> | undefined;
  readonly #predicts: boolean;
  readonly #inputs: InputSender<S>;
  readonly #inbox: MessageInbox<S>;
  #settleClosed: (info: ClosedInfo) => void = () => {};
  readonly #ticks: TickPlayer;
  #nowMs = 0;
  #turnedAtMs = 0;

  constructor(game: Game<S>, options: GameClientOptions) {
    const inputDelayTicks = checkInputDelay(options.inputDelayTicks ?? 0);
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
    this.#inbox = new MessageInbox(game, options.messages ?? "in-time");
    this.#ticks = new TickPlayer(this.#endpoint.connection, inputDelayTicks);
    this.#world = new ToldWorld(game);
    this.#predicts = options.predict ?? true;
    this.view = playerView(game, this.#world.view, () => this.#own);
    this.#endpoint.connection.readState = (bytes, start, end) => this.#readState(bytes, start, end);
    this.#inputs = new InputSender(game, inputDelayTicks);
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
  }

  get state(): Client<S>["state"] {
    return clientStateOf(this.#endpoint.connection.state);
  }

  get entity(): Readonly<Mover<S, Avatar<S>>> | undefined {
    return (this.#own?.at(this.#world.own.avatarIndex) ?? this.#world.entity) as
      | Readonly<Mover<S, Avatar<S>>>
      | undefined;
  }

  get playerId(): number | undefined {
    return this.#world.playerId;
  }

  /** The newest tick that the server told something of, −1 before the first; `view` is a little behind it. */
  get stateTick(): number {
    return this.#world.newestTick;
  }

  /** What the server has told of `stateTick`, of fields that everyone may see: for tests and tools. */
  snapshot(): Snapshot {
    return this.#world.snapshot();
  }

  /** What was told of each entity, version by version: for tests. */
  get "~store"(): ReplicaStore {
    return this.#world["~store"];
  }

  /** What of the player's is ahead of what was told, once it was let in: for tests. */
  get "~own"(): PredictedWorld<S> | undefined {
    return this.#own;
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
    return clientStats(this.#endpoint, this.#ticks, this.#world, this.#own?.counters);
  }

  /** State blocks and messages that did not decode, by reason. */
  get refusals(): Readonly<Record<string, number>> {
    return { ...this.#world.refusals, messages: this.#inbox.refused };
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
    return this.#inbox.on(name, handler);
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
    this.#ticks.hear();
    this.#world.hear(this.#endpoint.connection.tick, nowMs);
    this.showAt(nowMs);
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
    this.showAt(nowMs);
    if (this.state === "playing") this.#playTicks(nowMs);
    this.#endpoint.flush(nowMs, outbox);
  }

  #playTicks(nowMs: number): void {
    const played = this.#ticks.play(nowMs, this.#endpoint.tickRate, (tick, dueMs) => {
      this.onTick(tick, dueMs);
      // Who has been told of nothing yet has seen nothing.
      if (this.#world.stateTicks > 0) this.#inputs.noteSeen(tick, this.view.tick);
      const input = this.#inputs.record(tick);
      this.#own?.advance(tick, input);
    });
    if (played) this.#inputs.queue(this.#endpoint.connection);
  }

  /** Moves the view on to `nowMs` and tells what is seen by then, as `receive` and `turn` do: for who draws more often. */
  showAt(nowMs: number): void {
    this.#world.show(nowMs);
    this.#own?.show(nowMs);
    this.#inbox.show(this.view.tick, nowMs);
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
      case "resumed":
        if (event.kind === "connected") this.#begin();
        if (event.kind === "resumed") this.#ticks.restart();
        this.onStateChange();
        break;
      case "state":
        // Read already, before its packet was taken.
        this.#confirm();
        if (this.#world.hasNewState()) this.onState(this.stateTick);
        break;
      case "own":
        if (!this.#world.takeOwn(event.bytes, event.start, event.end)) break;
        this.#confirm();
        this.onState(this.stateTick);
        break;
      case "message":
        this.#inbox.take(event.bytes, event.start, event.end, this.#endpoint.connection.tick, this.#nowMs);
        break;
      case "disconnected": {
        const by = event.by === "us" ? "client" : event.by === "peer" ? "server" : "network";
        this.#inbox.show(Number.POSITIVE_INFINITY, this.#nowMs);
        this.closedInfo = { reason: event.reason, detail: event.detail, by };
        this.#settleClosed(this.closedInfo);
        this.onStateChange();
        break;
      }
      default:
        break;
    }
  }

  #begin(): void {
    if (this.#predicts) this.#own = new PredictedWorld(this.game, { stepSeed: this.#endpoint.stepSeed });
  }

  /** What the server says of the player's own entities now is the truth. */
  #confirm(): void {
    this.#own?.confirm(this.#world["~store"], this.#world.own, this.#nowMs);
  }

  #readState(bytes: Uint8Array, start: number, end: number): boolean {
    const outcome = this.#world.readState(bytes, start, end, this.#nowMs);
    if (outcome === "resync") this.#endpoint.connection.askResync();
    return outcome === "taken";
  }
}
