/**
 * A game server: one room, one endpoint, one socket. It owns no timer and opens no socket; whoever builds it
 * passes them in, so that the same server runs on a wire and in virtual time.
 */
import { encodeOwn } from "./game/replication/own-block.ts";
import type { Snapshot } from "./game/replication/snapshot.ts";
import { leastBlockBytes, SnapshotEncoder } from "./game/replication/state-block.ts";
import { Room } from "./game/room/room.ts";
import { TickLoop } from "./game/room/tick-loop.ts";
import { channelTable } from "./game/schema/channel-table.ts";
import type { RoomRules } from "./game/schema/define-room.ts";
import type { LinkQuality } from "./game/schema/link-quality.ts";
import type { Shape } from "./game/schema/shape.ts";
import type { Player } from "./game/schema/world-types.ts";
import { MAX_DATAGRAM_BYTES } from "./net/bytes/datagram-limit.ts";
import { MsgpackWriter } from "./net/bytes/msgpack-writer.ts";
import type { Connection } from "./net/connection/connection.ts";
import type { NetEvent } from "./net/connection/event-queue.ts";
import { linkQualityOf } from "./net/connection/link-quality.ts";
import { ServerEndpoint } from "./net/endpoint/server-endpoint.ts";
import type { DatagramEvents, DatagramSocket, SocketErrorKind } from "./net/ports/datagram-socket.ts";
import { Outbox } from "./net/ports/outbox.ts";
import type { PeerAddress } from "./net/ports/peer-address.ts";
import { MAX_STATE_BLOCK_BYTES } from "./net/wire/limits.ts";
import type { GameServerParts } from "./server-parts.ts";

/** Silence after which a player counts as dropped. */
const TIMEOUT_MS = 10_000;
/**
 * Overdue by so much, a tick runs between two datagrams: a flood can keep a runtime reading its socket for seconds,
 * and no timer fires meanwhile.
 */
const OVERDUE_MS = 2;
/** Between two turns that only send what was held back: finer pacing costs more wake-ups than it gains. */
const PACED_TURN_MS = 5;
/** So short before a tick the tick will do it. */
const TICK_IS_NEAR_MS = 2;
/** Of a block of state for a path so slow that packets are short: one fits the shortest. */
const SMALL_STATE_BLOCK_BYTES = 240;
/** While closing there are goodbyes to say, tick or no tick. */
const CLOSING_TURN_MS = 10;

export class GameServer<S extends Shape> implements DatagramEvents {
  readonly room: Room<S>;
  readonly net: ServerEndpoint;
  /** What the socket reported, by kind. */
  readonly socketErrors = new Map<SocketErrorKind, number>();
  readonly #parts: GameServerParts;
  readonly #loop: TickLoop;
  readonly #outbox = new Outbox();
  readonly #encoder = new SnapshotEncoder();
  readonly #smallEncoder = new SnapshotEncoder();
  readonly #players = new Map<Connection, Player<S>>();
  readonly #connections = new Map<Player<S>, Connection>();
  /** One block per player for what it alone is told; kept from tick to tick. */
  readonly #ownBlocks = new Map<Player<S>, Uint8Array>();
  readonly #ownWriter = new MsgpackWriter();
  #socket: DatagramSocket | undefined;
  #isClosing = false;
  #lastSendMs = Number.NEGATIVE_INFINITY;

  constructor(rules: RoomRules<S>, parts: GameServerParts) {
    this.#parts = parts;
    const { game } = rules;
    this.room = new Room(rules, {
      seed: parts.seed,
      deliver: (player, channel, bytes, key) =>
        this.#connections.get(player)?.send(channel, bytes, key) ?? "queue-full",
      linkOf: (player) => {
        const connection = this.#connections.get(player);
        return connection && linkQualityOf(connection);
      },
      ...(parts.maxPlayers !== undefined && { maxPlayers: parts.maxPlayers }),
      ...(parts.onGameError !== undefined && { onError: parts.onGameError }),
      ...(parts.onValueWarning !== undefined && { onValueWarning: parts.onValueWarning }),
    });
    this.net = new ServerEndpoint({
      ...parts.net,
      sodium: parts.sodium,
      random: parts.random,
      channels: channelTable(game),
      definition: parts.definition,
      unixMs: parts.unixMs,
      tickRate: game.tickRate,
      maxConnections: this.room.maxPlayers,
      timeoutMs: TIMEOUT_MS,
    });
    this.#loop = new TickLoop({ tickRate: game.tickRate, startMs: parts.clock.nowMs() });
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
    for (const connection of this.#players.keys()) yield linkQualityOf(connection);
  }

  onDatagram(bytes: Uint8Array, from: PeerAddress): void {
    const nowMs = this.#parts.clock.nowMs();
    this.net.receive(bytes, from, nowMs);
    this.#takeEvents();
    if (nowMs - this.#loop.nextDueMs > OVERDUE_MS) this.turn();
  }

  onError(kind: SocketErrorKind, _detail: string, datagrams: number): void {
    this.net.counters.datagramsUnsent += datagrams;
    this.socketErrors.set(kind, (this.socketErrors.get(kind) ?? 0) + 1);
  }

  /** One turn: the ticks that are due, then everything that has to leave. Without a tick, only what was held back. */
  turn(): void {
    const startMs = this.#parts.clock.nowMs();
    const ticks = this.#loop.ticksDue(startMs);
    if (ticks === 0 && !this.#isClosing) {
      this.net.flushHeld(startMs, this.#outbox);
      this.#send(startMs);
      return;
    }
    this.net.update(startMs);
    this.#takeEvents();
    for (let i = 0; i < ticks && !this.#isClosing; i += 1) this.room.step();
    this.#takeKicks(startMs);
    if (ticks > 0 && !this.#isClosing) this.#queueSnapshots();
    // The tick took its time, which is none of the path's.
    const sendMs = this.#parts.clock.nowMs();
    this.net.flush(sendMs, this.#outbox);
    this.#send(sendMs);
    if (ticks > 0) {
      const endMs = this.#parts.clock.nowMs();
      this.#parts.onTick?.(endMs - startMs, this.#loop.latenessMs, endMs);
    }
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

  #queueSnapshots(): void {
    const snapshot = this.room.capture();
    this.#parts.onSnapshot?.(snapshot);
    this.net.tick = snapshot.tick;
    if (this.#connections.size === 0) return;
    const blocks = this.#encoder.encode(snapshot, MAX_STATE_BLOCK_BYTES);
    let smallBlocks: typeof blocks | undefined;
    for (const [player, connection] of this.#connections) {
      connection.tick = snapshot.tick;
      connection.inputLead = this.room.leadTicks(player);
      // Would be stale by the time it is back.
      if (!player.isConnected) continue;
      this.#queueOwn(snapshot, player, connection);
      const isSlow = connection.congestion.maxPacketBytes < MAX_DATAGRAM_BYTES;
      if (isSlow) smallBlocks ??= this.#encodeSmall(snapshot);
      for (const { bytes, length } of isSlow ? smallBlocks! : blocks) {
        if (!connection.queueState(bytes, length)) break;
      }
    }
  }

  #encodeSmall(snapshot: Snapshot): ReturnType<SnapshotEncoder["encode"]> {
    return this.#smallEncoder.encode(snapshot, Math.max(SMALL_STATE_BLOCK_BYTES, leastBlockBytes(snapshot)));
  }

  #queueOwn(snapshot: Snapshot, player: Player<S>, connection: Connection): void {
    const block = this.#ownBlocks.get(player)!;
    const writer = this.#ownWriter.reset(block);
    encodeOwn(snapshot, player.id, player.entity?.id ?? 0, writer);
    connection.queueOwn(block, writer.at);
  }

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
    const player = this.#players.get(connection);
    if (event.kind === "connected") this.#join(connection);
    else if (player === undefined) return;
    else if (event.kind === "input") this.room.receiveInput(player, bytes, start, end);
    else if (event.kind === "message") this.room.receiveMessage(player, bytes, start, end);
    else if (event.kind === "dropped") this.#drop(player);
    else if (event.kind === "resumed") this.#resume(player);
    else if (event.kind === "disconnected") this.#leave(player, connection, event.reason);
  }

  #join(connection: Connection): void {
    // The endpoint's places are the room's, but a kicked player holds the one a little longer than the other.
    if (this.room.isFull) {
      connection.close("full", "the room is full", this.#parts.clock.nowMs());
      return;
    }
    const { name, playerId, userData } = connection;
    const onAdmitted = (joining: Player<S>): void => {
      // Before `onJoin` runs, so that it may already send to the player.
      this.#players.set(connection, joining);
      this.#connections.set(joining, connection);
      this.#ownBlocks.set(joining, new Uint8Array(MAX_STATE_BLOCK_BYTES));
    };
    const player = this.room.join(name, onAdmitted, {
      ...(playerId !== "" && { account: playerId }),
      userData,
    });
    this.#parts.onJoined?.(player);
  }

  #drop(player: Player<S>): void {
    this.room.drop(player);
    this.#parts.onDropped?.(player);
  }

  #resume(player: Player<S>): void {
    this.room.reconnect(player);
    this.#parts.onResumed?.(player);
  }

  #leave(player: Player<S>, connection: Connection, reason: string): void {
    this.room.leave(player, reason);
    this.#players.delete(connection);
    this.#connections.delete(player);
    this.#ownBlocks.delete(player);
    this.#parts.onLeft?.(player, reason);
  }

  #takeKicks(nowMs: number): void {
    for (let kick = this.room.nextKick(); kick !== undefined; kick = this.room.nextKick()) {
      const reason = kick.reason === "room-error" ? "room-error" : "kicked";
      this.#connections.get(kick.player)?.close(reason, kick.reason, nowMs);
    }
    this.#takeEvents();
  }
}
