/**
 * One player's end of a game, without I/O: it is handed datagrams and time, and leaves datagrams in an Outbox.
 * `connect` and the bot runner put a socket and a ticker under it; simulations put it on a network in memory.
 */
import type { PredictedWorld } from "../src/game/prediction/predicted-world.ts";
import type { ReplicaStore } from "../src/game/replication/replica-store.ts";
import type { Snapshot } from "../src/game/replication/snapshot.ts";
import type { Client, Sighting, StateChange, Stream, View } from "../src/game/schema/client-types.ts";
import type { Game } from "../src/game/schema/define-game.ts";
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
import type { ValueCounters } from "../src/game/schema/value-counters.ts";
import type { Connection } from "../src/net/connection/connection.ts";
import type { Outbox } from "../src/net/ports/outbox.ts";
import type { PeerAddress } from "../src/net/ports/peer-address.ts";
import { type NetCounters, newNetCounters } from "../src/net/wire/net-counters.ts";
import { BoundedStream } from "./bounded-stream.ts";
import type { ClientStats, ClosedInfo, GameClientOptions } from "./client-types.ts";
import { checkInputDelay, InputSender } from "./input-sender.ts";
import { Listeners } from "./listeners.ts";
import { MessageInbox } from "./message-inbox.ts";
import { playerView } from "./player-view.ts";
import type { VisitParts } from "./visit.ts";
import { Visits } from "./visits.ts";
import { WrittenValues } from "./written-values.ts";

/** What a stream keeps for a loop that is busy. */
const MAX_WAITING = 1_024;

/** Runs once per tick of the client, due at `dueMs`, before its input is taken: for bots, and for reading the view. */
export type OnClientTick = (tick: number, dueMs: number) => void;

export class GameClient<S extends Shape> implements Client<S> {
  readonly game: Game<S>;
  readonly view: View<S>;
  readonly closed: Promise<ClosedInfo>;
  onTick: OnClientTick = () => {};
  /** Called with each newer tick that the server told something of. `view` shows it a little later. */
  onState: (tick: number) => void = () => {};

  readonly #parts: VisitParts<S>;
  readonly #visits: Visits<S>;
  readonly #written: WrittenValues<S>;
  readonly #stateChanges = new Listeners<StateChange>();
  readonly #tickPlayers = new Listeners<number>();
  /** Those that are not left. */
  readonly #streams = new Set<{ end(): void }>();

  /** `written`: shared with others. */
  constructor(
    game: Game<S>,
    { token, renewToken, ...options }: GameClientOptions,
    written: WrittenValues<S> = new WrittenValues(game, options.onValueWarning),
  ) {
    this.game = game;
    this.#written = written;
    this.#parts = {
      game,
      options,
      inputs: new InputSender(game, checkInputDelay(options.inputDelayTicks ?? 0), written),
      inbox: new MessageInbox(game, options.messages ?? "in-time"),
      onlookers: new Listeners<Sighting>(),
      counters: newNetCounters(),
    };
    let settleClosed: (info: ClosedInfo) => void = () => {};
    this.closed = new Promise((resolve) => {
      settleClosed = resolve;
    });
    const visits = new Visits(this.#parts, token, renewToken, {
      played: (tick, dueMs) => {
        this.onTick(tick, dueMs);
        this.#tickPlayers.tell(tick);
      },
      told: (tick) => this.onState(tick),
      changed: (change) => {
        if (visits.closedInfo !== undefined) settleClosed(visits.closedInfo);
        this.#stateChanges.tell(change);
        if (change.state === "closed") for (const stream of this.#streams) stream.end();
      },
    });
    this.#visits = visits;
    this.view = playerView(
      game,
      () => visits.present.world.view,
      () => visits.present.own,
    );
  }

  get state(): Client<S>["state"] {
    return this.#visits.state;
  }

  /** Set when it is over. */
  get closedInfo(): ClosedInfo | undefined {
    return this.#visits.closedInfo;
  }

  get entity(): Readonly<Mover<S, Avatar<S>>> | undefined {
    const { own, world } = this.#visits.present;
    return (own?.at(world.own.avatarIndex) ?? world.entity) as Readonly<Mover<S, Avatar<S>>> | undefined;
  }

  /** Who the server says the player is: another one after the player joined anew. */
  get playerId(): number | undefined {
    return this.#visits.present.world.playerId;
  }

  /**
   * The newest tick that the server told something of, −1 before the first; `view` is a little behind it. A server that
   * was restarted begins to count anew.
   */
  get stateTick(): number {
    return this.#visits.present.world.newestTick;
  }

  /** What the server has told of `stateTick`, of fields that everyone may see: for tests and tools. */
  snapshot(): Snapshot {
    return this.#visits.present.world.snapshot();
  }

  /** What was told of each entity, version by version: for tests. */
  get "~store"(): ReplicaStore {
    return this.#visits.present.world["~store"];
  }

  /** What of the player's is ahead of what was told, once it was let in: for tests. */
  get "~own"(): PredictedWorld<S> | undefined {
    return this.#visits.present.own;
  }

  /** What is below: for tests that look at each packet. */
  get "~connection"(): Connection {
    return this.#visits.present.connection;
  }

  /** The tick whose input is sent next. */
  get tick(): number {
    return this.#visits.present.ticks.nextTick;
  }

  get counters(): Readonly<NetCounters> {
    return this.#parts.counters;
  }

  get stats(): ClientStats {
    return this.#visits.stats;
  }

  /** What was wrong with values of inputs and messages that were written here. */
  get valueCounters(): Readonly<ValueCounters> {
    return this.#written.counters;
  }

  /** State blocks and messages that did not decode, by reason. */
  get refusals(): Readonly<Record<string, number>> {
    return { ...this.#visits.present.world.refusals, messages: this.#parts.inbox.refused };
  }

  start(nowMs: number): void {
    this.#visits.start(nowMs);
  }

  setInput(input: Partial<InputValues<S>>): void {
    this.#parts.inputs.set(input);
  }

  /** While there is no connection nothing is queued: "queue-full". */
  send<N extends FromClient<S>>(name: N, message: SentPayload<S["messages"][N]>): SendResult {
    const encoded = this.#written.encode(name, message);
    if (encoded === undefined) throw new Error(`no message "${name}" in ${this.game.name}`);
    if (encoded === "invalid") return encoded;
    if (this.#visits.isComingBack) return "queue-full";
    return this.#visits.present.endpoint.send(encoded.channel, encoded.bytes, encoded.key);
  }

  on<N extends FromServer<S>>(name: N, handler: (message: Payload<S["messages"][N]>) => void): () => void {
    return this.#parts.inbox.on(name, handler);
  }

  onSight(handler: (sighting: Sighting) => void): () => void {
    return this.#parts.onlookers.add(handler);
  }

  onStateChange(handler: (change: StateChange) => void): () => void {
    return this.#stateChanges.add(handler);
  }

  messages<N extends FromServer<S>>(name: N): Stream<Payload<S["messages"][N]>> {
    return this.#stream(MAX_WAITING, (push) => this.on(name, push));
  }

  sightings(): Stream<Sighting> {
    return this.#stream(MAX_WAITING, (push) => this.onSight(push));
  }

  states(): Stream<StateChange> {
    return this.#stream(MAX_WAITING, (push) => this.onStateChange(push));
  }

  ticks(): Stream<number> {
    return this.#stream(1, (push) => this.#tickPlayers.add(push));
  }

  #stream<T>(capacity: number, listen: (push: (value: T) => void) => () => void): Stream<T> {
    const stream: BoundedStream<T> = new BoundedStream(capacity, (push) => {
      const stop = listen(push);
      return () => {
        stop();
        this.#streams.delete(stream);
      };
    });
    if (this.closedInfo === undefined) this.#streams.add(stream);
    else stream.end();
    return stream;
  }

  /** Leaves; the server is told with the next turns. */
  async close(): Promise<void> {
    this.leave("the player left");
    await this.closed;
  }

  leave(detail: string): void {
    this.#visits.leave(detail);
  }

  /** True while turns are still needed: until the last goodbye is said. */
  get isTurning(): boolean {
    return this.#visits.isTurning;
  }

  get nextDueMs(): number {
    return this.#visits.nextDueMs;
  }

  /** Takes one datagram; `bytes` are not kept. */
  receive(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    this.#visits.receive(bytes, from, nowMs);
  }

  noteUnsent(datagrams: number): void {
    this.#parts.counters.datagramsUnsent += datagrams;
  }

  /** Plays the ticks that are due and writes what has to leave. */
  turn(nowMs: number, outbox: Outbox): void {
    this.#visits.turn(nowMs, outbox);
  }

  /** Moves the view on to `nowMs` and tells what is seen by then, as `receive` and `turn` do: for who draws more often. */
  showAt(nowMs: number): void {
    this.#visits.present.showAt(nowMs);
  }
}
