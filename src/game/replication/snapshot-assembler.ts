import { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { Game } from "../schema/define-game.ts";
import type { Shape } from "../schema/shape.ts";
import { joinParts, readStateBlock, type StatePart } from "./block-reader.ts";
import { decodeOwn, type OwnState } from "./own-block.ts";
import type { Snapshot } from "./snapshot.ts";

/** How many ticks may be incomplete at a time. */
const MAX_PENDING_TICKS = 4;

/** What became of blocks, each counted once. */
export interface AssemblerCounters {
  /** State blocks that were new and kept. */
  blocksTaken: number;
  /** Blocks that came a second time. */
  blocksRepeated: number;
  /** Blocks of ticks older than the newest complete one, or than all that wait. */
  blocksOld: number;
  /** Bytes that are no block of this game. */
  blocksMalformed: number;
  /** Blocks whose number of parts is not that of the same tick's others, and ticks whose records overlap. */
  blocksContradictory: number;
  /** Ticks given up before all their blocks came. */
  ticksIncomplete: number;
  ticksCompleted: number;
  ownTaken: number;
  /** Own blocks no newer than the newest. */
  ownOld: number;
  ownMalformed: number;
}

interface PendingTick {
  readonly parts: (StatePart | undefined)[];
  missing: number;
}

/**
 * Puts a client's state together from blocks in any order, twice, or never. A tick is shown when it is complete,
 * and never after a newer one.
 */
export class SnapshotAssembler {
  /** The newest complete tick. */
  newest: Snapshot | undefined = undefined;
  /** The newest own block, of whatever tick. */
  own: OwnState | undefined = undefined;
  readonly counters: AssemblerCounters = {
    ...{ blocksTaken: 0, blocksRepeated: 0, blocksOld: 0, blocksMalformed: 0, blocksContradictory: 0 },
    ...{ ticksIncomplete: 0, ticksCompleted: 0, ownTaken: 0, ownOld: 0, ownMalformed: 0 },
  };
  readonly #game: Game<Shape>;
  readonly #reader = new MsgpackReader();
  readonly #pending = new Map<number, PendingTick>();

  constructor(game: Game<Shape>) {
    this.#game = game;
  }

  /** Takes a state block, which need not outlive the call. Gives the snapshot that it completes, if any. */
  receive(bytes: Uint8Array, start = 0, end: number = bytes.length): Snapshot | undefined {
    const block = readStateBlock(this.#game.schema, this.#reader.reset(bytes, start, end));
    if (block === undefined) {
      this.counters.blocksMalformed += 1;
      return undefined;
    }
    if (block.tick === this.newest?.tick) {
      this.counters.blocksRepeated += 1;
      return undefined;
    }
    const pending = this.#pendingFor(block);
    if (pending === undefined) return undefined;
    if (pending.parts.length !== block.parts) {
      this.counters.blocksContradictory += 1;
      return undefined;
    }
    if (pending.parts[block.part] !== undefined) {
      this.counters.blocksRepeated += 1;
      return undefined;
    }
    this.counters.blocksTaken += 1;
    pending.parts[block.part] = block;
    pending.missing -= 1;
    return pending.missing === 0 ? this.#complete(block.tick, pending.parts) : undefined;
  }

  /** Takes an own block. True if it is the newest. */
  receiveOwn(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    const own = decodeOwn(this.#game.schema, this.#reader.reset(bytes, start, end));
    if (own === undefined) this.counters.ownMalformed += 1;
    else if (this.own !== undefined && own.tick <= this.own.tick) this.counters.ownOld += 1;
    else {
      this.own = own;
      this.counters.ownTaken += 1;
      return true;
    }
    return false;
  }

  #pendingFor(block: StatePart): PendingTick | undefined {
    const known = this.#pending.get(block.tick);
    if (known !== undefined) return known;
    const oldest = Math.min(...this.#pending.keys());
    const isFull = this.#pending.size >= MAX_PENDING_TICKS;
    if (block.tick < (this.newest?.tick ?? 0) || (isFull && block.tick < oldest)) {
      this.counters.blocksOld += 1;
      return undefined;
    }
    if (isFull) this.#giveUp(oldest);
    const pending = { parts: new Array<StatePart | undefined>(block.parts), missing: block.parts };
    this.#pending.set(block.tick, pending);
    return pending;
  }

  #complete(tick: number, parts: readonly (StatePart | undefined)[]): Snapshot | undefined {
    this.#pending.delete(tick);
    const snapshot = joinParts(this.#game.schema, parts as readonly StatePart[]);
    if (snapshot === undefined) {
      this.counters.blocksContradictory += 1;
      return undefined;
    }
    for (const older of this.#pending.keys()) if (older < tick) this.#giveUp(older);
    this.newest = snapshot;
    this.counters.ticksCompleted += 1;
    return snapshot;
  }

  #giveUp(tick: number): void {
    this.#pending.delete(tick);
    this.counters.ticksIncomplete += 1;
  }
}
