/**
 * A game server: its rooms, one endpoint, one socket. It owns no timer and opens no socket; whoever builds it
 * passes them in, so that the same server runs on a wire and in virtual time.
 */
import type { Snapshot } from "./game/replication/snapshot.ts";
import type { Room } from "./game/room/room.ts";
import { TickLoop } from "./game/room/tick-loop.ts";
import { channelTable } from "./game/schema/channel-table.ts";
import type { RoomRules } from "./game/schema/define-room.ts";
import type { LinkQuality } from "./game/schema/link-quality.ts";
import type { Shape } from "./game/schema/shape.ts";
import type { Connection } from "./net/connection/connection.ts";
import type { NetEvent } from "./net/connection/event-queue.ts";
import { linkQualityOf } from "./net/connection/link-quality.ts";
import { ServerEndpoint } from "./net/endpoint/server-endpoint.ts";
import type { DatagramEvents, DatagramSocket, SocketErrorKind } from "./net/ports/datagram-socket.ts";
import { Outbox } from "./net/ports/outbox.ts";
import type { PeerAddress } from "./net/ports/peer-address.ts";
import type { PlayerFeed } from "./player-feed.ts";
import { infoOf, type Seat, seatOf } from "./seat.ts";
import { ServedRooms } from "./served-rooms.ts";
import type { GameServerParts } from "./server-parts.ts";
import { PhaseWatch } from "./tick-phases.ts";

/** Silence after which a player counts as dropped. */
const TIMEOUT_MS = 10_000;
/** Overdue by so much, a tick runs between two datagrams: while a runtime reads its socket, no timer fires. */
const OVERDUE_MS = 2;
/** Fewer since it was last asked: the socket is as good as empty. */
const FEW_DATAGRAMS = 8;
/** Between two turns that only send what was held back: finer pacing costs more wake-ups than it gains. */
const PACED_TURN_MS = 5;
/** When a turn takes more of a tick, there is no time for repeats: they cost nearly as much again. */
const HURRIED_SHARE = 0.4;
/** So short before a tick the tick will do it. */
const TICK_IS_NEAR_MS = 2;
/** How often one player may ask for all state anew. */
const RESYNC_EVERY_MS = 1_000;
/** Datagrams in one call of the socket. */
const SENT_AT_ONCE = 64;
/** While closing there are goodbyes to say, tick or no tick. */
const CLOSING_TURN_MS = 10;

export class GameServer<S extends Shape> implements DatagramEvents {
  readonly net: ServerEndpoint;
  /** Named "1", "2" and so on. */
  readonly rooms: readonly Room<S>[];
  /** What the socket reported, by kind. */
  readonly socketErrors = new Map<SocketErrorKind, number>();
  readonly #parts: GameServerParts;
  readonly #loop: TickLoop;
  readonly #outbox = new Outbox();
  readonly #rooms: ServedRooms<S>;
  readonly #seated = new Set<Connection>();
  #socket: DatagramSocket | undefined;
  #isClosing = false;
  #lastSendMs = Number.NEGATIVE_INFINITY;
  /** Until then ticks wait for datagrams, see `#mustRead`. */
  #readUntilMs = Number.NEGATIVE_INFINITY;
  #isHurried = false;
  #datagramsUnasked = 0;
  readonly #phases = new PhaseWatch();

  constructor(rules: RoomRules<S>, parts: GameServerParts) {
    this.#parts = parts;
    const { game } = rules;
    const stepSeed = (parts.stepSeed ?? parts.seed) >>> 0;
    this.#rooms = new ServedRooms(rules, { ...parts, stepSeed });
    this.rooms = this.#rooms.all.map(({ room }) => room);
    this.net = new ServerEndpoint({
      ...parts.net,
      sodium: parts.sodium,
      random: parts.random,
      channels: channelTable(game),
      definition: parts.definition,
      stepSeed,
      unixMs: parts.unixMs,
      tickRate: game.tickRate,
      maxConnections: this.#rooms.seats,
      roomFor: (claims, former) => this.#rooms.roomFor(claims, former, this.net.arriving),
      timeoutMs: TIMEOUT_MS,
    });
    this.#loop = new TickLoop({ tickRate: game.tickRate, startMs: parts.clock.nowMs() });
  }

  /** The first room: the only one, unless more were asked for. */
  get room(): Room<S> {
    return this.rooms[0]!;
  }

  /** The state that a room's players were told of last, whole. */
  snapshot(room: Room<S> = this.room): Snapshot {
    return this.#rooms.named(room.name)!.snapshot();
  }

  /** The socket to send through. Its events are this server's methods. */
  attach(socket: DatagramSocket): void {
    this.#socket = socket;
  }

  /** How often ticks had to be dropped because the process could not keep up. */
  get overruns(): number {
    return this.#loop.overruns;
  }

  /** True when everyone has been told that it is over. */
  get isOver(): boolean {
    return this.#isClosing && this.net.connectionCount === 0;
  }

  /** When `turn` wants to be called next. */
  get nextDueMs(): number {
    return Math.min(this.nextTickMs, this.nextPacedMs);
  }

  /** When the next tick wants it, or a goodbye. */
  get nextTickMs(): number {
    const dueMs = this.#loop.nextDueMs;
    return this.#isClosing ? Math.min(dueMs, this.#parts.clock.nowMs() + CLOSING_TURN_MS) : dueMs;
  }

  /** When paths that were full have room again, or Infinity. It need not be hit as closely as a tick. */
  get nextPacedMs(): number {
    const dueMs = Math.max(this.net.nextSendMs, this.#lastSendMs + PACED_TURN_MS);
    return dueMs < this.#loop.nextDueMs - TICK_IS_NEAR_MS ? dueMs : Number.POSITIVE_INFINITY;
  }

  /** How it stands with the ways to all players. */
  *links(): Iterable<LinkQuality> {
    for (const connection of this.#seated) yield linkQualityOf(connection);
  }

  onDatagram(bytes: Uint8Array, from: PeerAddress): void {
    const nowMs = this.#parts.clock.nowMs();
    this.net.receive(bytes, from, nowMs);
    this.#takeEvents();
    this.#datagramsUnasked += 1;
    if (nowMs - this.#loop.nextDueMs > OVERDUE_MS && nowMs >= this.#readUntilMs) this.turn();
  }

  onError(kind: SocketErrorKind, _detail: string, datagrams: number): void {
    this.net.counters.datagramsUnsent += datagrams;
    this.socketErrors.set(kind, (this.socketErrors.get(kind) ?? 0) + 1);
  }

  /** One turn: the ticks that are due, then everything that has to leave. Without a tick, only what was held back. */
  turn(): void {
    const startMs = this.#parts.clock.nowMs();
    const ticks = this.#mustRead(startMs) ? 0 : this.#loop.ticksDue(startMs);
    if (ticks === 0 && !this.#isClosing) {
      if (this.net.nextSendMs > startMs) return;
      this.net.flushHeld(startMs, this.#outbox);
      this.#send(startMs);
      return;
    }
    this.net.update(startMs);
    this.#takeEvents();
    const { clock } = this.#parts;
    this.#phases.begin(clock.nowMs());
    for (let i = 0; i < ticks && !this.#isClosing; i += 1) {
      for (const { room } of this.#rooms.all) room.step();
    }
    this.#takeKicks(startMs);
    this.#phases.end("stepMs", clock.nowMs());
    const isTelling = ticks > 0 && !this.#isClosing;
    if (isTelling) this.#capture();
    this.#phases.end("captureMs", clock.nowMs());
    this.net.flush(startMs, this.#outbox, isTelling ? this.#onTellingTurn : this.#onTurn);
    this.#send(clock.nowMs());
    if (ticks === 0) return;
    const endMs = clock.nowMs();
    this.#readUntilMs = endMs + (endMs - startMs);
    this.#isHurried = (endMs - startMs) * this.room.game.tickRate > HURRIED_SHARE * 1000;
    this.#phases.end("sendMs", endMs);
    this.#parts.onTick?.(endMs - startMs, this.#loop.latenessMs, endMs, this.#phases);
  }

  /** No newcomers from now on, and those inside are told to go; `isOver` once all have been told. */
  close(detail: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const nowMs = this.#parts.clock.nowMs();
    this.net.refuseNewcomers("draining", detail);
    for (const connection of this.net.connections()) connection.close("draining", detail, nowMs);
    this.#takeEvents();
  }

  /**
   * True while a tick has to wait. When turns take nearly all the time, the next would begin before what has come
   * meanwhile was read; inputs would pile up until all are stale. So, as long as there is something to read, it gets
   * as much time as the last turn took.
   */
  #mustRead(nowMs: number): boolean {
    const datagrams = this.#datagramsUnasked;
    this.#datagramsUnasked = 0;
    return nowMs < this.#readUntilMs && datagrams >= FEW_DATAGRAMS;
  }

  #capture(): void {
    for (const served of this.#rooms.all) {
      served.capture();
      this.#parts.onSnapshot?.(served.snapshot(), served.room.name);
    }
    // They all began at once.
    this.net.tick = this.room.tick;
  }

  /** Datagrams leave while others are still to be written: they wait less, and their memory stays at hand. */
  readonly #onTurn = (): number => {
    const nowMs = this.#parts.clock.nowMs();
    if (this.#outbox.length >= SENT_AT_ONCE) this.#send(nowMs);
    return nowMs;
  };

  /** What one player sees, is sent and is written is one piece of work: with many players memory is what it costs. */
  readonly #onTellingTurn = (connection: Connection): number => {
    const seat = seatOf<S>(connection);
    if (seat !== undefined) seat.served.tell(seat.feed);
    connection.isHurried = this.#isHurried;
    return this.#onTurn();
  };

  #send(nowMs: number): void {
    this.#lastSendMs = nowMs;
    this.#socket?.sendMany(this.#outbox);
    this.#outbox.clear();
  }

  #takeEvents(): void {
    for (let event = this.net.nextEvent(); event !== undefined; event = this.net.nextEvent()) {
      this.#takeEvent(event);
    }
  }

  #takeEvent(event: NetEvent<Connection>): void {
    const { connection, bytes, start, end } = event;
    const seat = seatOf<S>(connection);
    if (event.kind === "connected") this.#join(connection);
    else if (seat === undefined) return;
    else if (event.kind === "input" || event.kind === "message") {
      seat.served.receive(seat.feed, event.kind, bytes, start, end);
    } else if (event.kind === "resync") this.#resync(seat.feed);
    else if (event.kind === "dropped") this.#drop(seat);
    else if (event.kind === "resumed") this.#resume(seat);
    else if (event.kind === "disconnected") this.#leave(seat, event.reason);
  }

  #join(connection: Connection): void {
    const served = this.#rooms.named(connection.room);
    // Its place was kept for it since it was accepted.
    if (served === undefined || served.isFullFor(connection)) {
      connection.close("full", "the room is full", this.#parts.clock.nowMs());
      return;
    }
    const feed = served.join(connection, (joining) => {
      // Before `onJoin` runs, which may kick the player.
      connection.attachment = { served, feed: joining } satisfies Seat<S>;
      this.#seated.add(connection);
    });
    this.#parts.onJoined?.(infoOf({ served, feed }));
  }

  /** Who asks more often than that waits; the client asks again. */
  #resync(feed: PlayerFeed<S>): void {
    const nowMs = this.#parts.clock.nowMs();
    if (nowMs - feed.resyncedAtMs < RESYNC_EVERY_MS) {
      this.net.counters.resyncsIgnored += 1;
      return;
    }
    this.net.counters.resyncs += 1;
    feed.resync(nowMs);
  }

  #drop(seat: Seat<S>): void {
    seat.served.drop(seat.feed);
    this.#parts.onDropped?.(infoOf(seat));
  }

  #resume(seat: Seat<S>): void {
    seat.served.resume(seat.feed);
    this.#parts.onResumed?.(infoOf(seat));
  }

  #leave(seat: Seat<S>, reason: string): void {
    seat.feed.connection.attachment = undefined;
    this.#seated.delete(seat.feed.connection);
    seat.served.leave(seat.feed, reason);
    this.#parts.onLeft?.(infoOf(seat), reason);
  }

  #takeKicks(nowMs: number): void {
    for (const served of this.#rooms.all) {
      for (let kick = served.room.nextKick(); kick !== undefined; kick = served.room.nextKick()) {
        const reason = kick.reason === "room-error" ? "room-error" : "kicked";
        served.connectionOf(kick.player)?.close(reason, kick.reason, nowMs);
      }
    }
    this.#takeEvents();
  }
}
