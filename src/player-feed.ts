/**
 * What one player is sent of the newest tick: an own block, and blocks of state that packets ask for while they are
 * filled. It lies between interest, which chooses, and replication, which writes; and hears from the connection what
 * arrived.
 */
import type { PlanLimits } from "./game/interest/planner.ts";
import type { PlayerInterest } from "./game/interest/player-interest.ts";
import type { RoomInterest } from "./game/interest/room-interest.ts";
import type { CarryBlock } from "./game/replication/carry-block.ts";
import type { DeltaBlock } from "./game/replication/delta-block.ts";
import type { Viewer } from "./game/replication/replica-plan.ts";
import type { RoomPlayer } from "./game/room/room-player.ts";
import { type AGE_DESPAWNED, AGE_LEFT } from "./game/schema/record-ages.ts";
import type { Shape } from "./game/schema/shape.ts";
import { IP_UDP_HEADER_BYTES } from "./net/bytes/datagram-limit.ts";
import { MsgpackWriter } from "./net/bytes/msgpack-writer.ts";
import type { Connection } from "./net/connection/connection.ts";
import type { StateSource } from "./net/connection/state-source.ts";
import { MAX_STATE_BLOCK_BYTES } from "./net/wire/limits.ts";

/** Header, head, tag and the heads of frames, of a packet that is filled with state. */
const PACKET_OVERHEAD_BYTES = 44;
/** Carries of what does not fit are left out; what the player steers comes first. */
const MAX_OWN_BYTES = 256;
/** The block head of an own frame. */
const OWN_FRAME_HEAD_BYTES = 5;
/** However slow the path is, so much of each tick. */
const LEAST_BUDGET_BYTES = 48;
/** So long before the first round trip is known. */
const UNKNOWN_RTT_MS = 333;
/** While messages wait too, they get a third. */
const SHARE_BESIDE_MESSAGES = 2 / 3;

/** What all feeds of a room share: used by one feed at a time. */
export interface FeedParts {
  /** Filled and written in one go. */
  readonly block: DeltaBlock;
  readonly carries: CarryBlock;
  readonly tickMs: number;
}

/** So many own blocks lie in one array: that of a single one would be two more places of memory to fetch. */
const BLOCKS_TOGETHER = 16;
let ownBlocks = new Uint8Array(0);
let ownBlocksEnd = 0;

/** Both are used by one feed at a time. */
const writer = new MsgpackWriter();
const limits: { -readonly [K in keyof PlanLimits]: PlanLimits[K] } = {
  budgetBytes: 0,
  packetBytes: 0,
  isTight: false,
  rttTicks: 0,
};

export class PlayerFeed<S extends Shape> implements StateSource {
  readonly player: RoomPlayer<S>;
  readonly connection: Connection;
  readonly interest: PlayerInterest<RoomPlayer<S>>;
  /** Where its own block lies, which must stay until the next tick's. */
  readonly #ownBlocks: Uint8Array;
  readonly #ownStart: number;
  readonly #room: RoomInterest<RoomPlayer<S>>;
  readonly #parts: FeedParts;
  #tick = -1;
  /** The entry of the plan that leaves next, and how many there are. */
  #next = 0;
  #count = 0;
  /** Where the avatar stands in the plan if it is not sent yet, else -1. */
  #avatarAt = -1;
  /** Where it stood if it left before its turn, else -1. */
  #avatarSentAt = -1;
  resyncedAtMs: number = Number.NEGATIVE_INFINITY;

  constructor(
    player: RoomPlayer<S>,
    connection: Connection,
    room: RoomInterest<RoomPlayer<S>>,
    parts: FeedParts,
  ) {
    this.player = player;
    this.connection = connection;
    this.#room = room;
    this.interest = room.join(player);
    this.#parts = parts;
    if (ownBlocksEnd === ownBlocks.length) {
      ownBlocks = new Uint8Array(MAX_OWN_BYTES * BLOCKS_TOGETHER);
      ownBlocksEnd = 0;
    }
    this.#ownBlocks = ownBlocks;
    this.#ownStart = ownBlocksEnd;
    ownBlocksEnd += MAX_OWN_BYTES;
  }

  /** The player is gone: nothing is sent any more. */
  end(): void {
    this.drop();
    this.#room.leave(this.interest);
  }

  /** Chooses what to send of `tick`, which the room's interest has observed. What is left of the one before is dropped. */
  begin(tick: number): void {
    const { connection, interest } = this;
    this.#room.look(interest);
    const ownBytes = this.#queueOwn() + OWN_FRAME_HEAD_BYTES;
    const wasCut = this.#next < this.#count;
    const { congestion, acks } = connection;
    const { tickMs } = this.#parts;
    const overheadBytes = PACKET_OVERHEAD_BYTES + ownBytes;
    const tickBytes = (congestion.bytesPerSecond * tickMs) / 1000 - IP_UDP_HEADER_BYTES - overheadBytes;
    const share = connection.queuedBytes > 0 ? SHARE_BESIDE_MESSAGES : 1;
    const rttMs = acks.rtt.smoothedMs === undefined ? UNKNOWN_RTT_MS : acks.lostAfterMs();
    limits.budgetBytes = Math.max(LEAST_BUDGET_BYTES, tickBytes * share);
    limits.packetBytes = Math.min(congestion.maxPacketBytes - overheadBytes, MAX_STATE_BLOCK_BYTES);
    limits.isTight = wasCut;
    limits.rttTicks = Math.ceil(rttMs / tickMs) + 1;
    const plan = this.#room.choose(interest, limits);
    this.#tick = tick;
    this.#next = 0;
    this.#count = plan.count;
    this.#avatarSentAt = -1;
    this.#avatarAt = plan.find(interest.avatarSlot);
  }

  /** Returns its length. */
  #queueOwn(): number {
    const own = this.#room.ownOf(this.interest);
    // What a spectator follows is not its own.
    if (this.player.isSpectator) own.avatarIndex = -1;
    const start = this.#ownStart;
    writer.reset(this.#ownBlocks, start, start + MAX_OWN_BYTES);
    this.#parts.carries.write(writer, own, MAX_OWN_BYTES);
    const length = writer.at - start;
    this.connection.queueOwn(this.#ownBlocks, length, start);
    return length;
  }

  /** Nothing more of this tick. */
  drop(): void {
    this.#next = 0;
    this.#count = 0;
    this.#avatarAt = -1;
  }

  get isWaiting(): boolean {
    return this.#next < this.#count;
  }

  get isShort(): boolean {
    return this.isWaiting || (this.#count > 0 && this.interest.plan.leftOut > 0);
  }

  write(into: Uint8Array, roomBytes: number, number: number, onlyVital: boolean): number {
    const { block } = this.#parts;
    block.begin(this.#tick, roomBytes);
    if (onlyVital) this.#takeAvatar(number);
    else this.#takeNext(number);
    if (block.size === 0) return 0;
    writer.reset(into, 0, roomBytes);
    block.write(writer);
    return writer.at;
  }

  writeAgain(into: Uint8Array, roomBytes: number, number: number): number {
    this.#next = 0;
    this.#avatarSentAt = -1;
    const length = this.write(into, roomBytes, number, false);
    // What found no room does not wait.
    this.#next = this.#count;
    return length;
  }

  /** The player asked for everything anew. */
  resync(nowMs: number): void {
    this.resyncedAtMs = nowMs;
    this.drop();
    this.interest.dropAll();
  }

  acked(number: number): void {
    this.interest.acked(number);
  }

  lost(number: number): void {
    this.interest.lost(number);
  }

  #takeAvatar(number: number): void {
    const at = this.#avatarAt;
    if (at < 0 || !this.#add(at)) return;
    this.interest.sent(number, at, at + 1);
    this.#avatarAt = -1;
    if (at === this.#next) this.#next += 1;
    else this.#avatarSentAt = at;
  }

  #takeNext(number: number): void {
    const { interest } = this;
    let from = this.#next;
    let at = from;
    for (; at < this.#count; at += 1) {
      if (at === this.#avatarSentAt) {
        interest.sent(number, from, at);
        from = at + 1;
      } else if (!this.#add(at)) break;
      else if (at === this.#avatarAt) this.#avatarAt = -1;
    }
    interest.sent(number, from, at);
    this.#next = at;
  }

  #add(at: number): boolean {
    const { plan, view } = this.interest;
    const { block } = this.#parts;
    const slot = plan.slot(at);
    const age = plan.age(at);
    const index = view.index(slot);
    if (age >= AGE_LEFT) return block.addGone(index, age as typeof AGE_LEFT | typeof AGE_DESPAWNED);
    return block.add(index, age, view.viewerClass(slot) as Viewer);
  }
}
