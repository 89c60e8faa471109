import type { ReplicaHistory } from "../replication/replica-history.ts";
import { MAX_AGE_TICKS } from "../schema/record-ages.ts";
import type { Shape } from "../schema/shape.ts";
import type { GameWorld } from "../world/game-world.ts";
import { PastKind } from "./past-kind.ts";
import type { RoomCounters } from "./room-counters.ts";
import type { RoomPlayer } from "./room-player.ts";
import { oldestSeen, plausibleLag } from "./seen-tick.ts";

export interface RewindParts {
  readonly world: GameWorld;
  readonly tickRate: number;
  /** What players were told. */
  readonly history: ReplicaHistory;
  /** The kinds that are set back; all that have a place where the rules do not say. */
  readonly kinds: readonly string[] | undefined;
  readonly counters: RoomCounters;
  /** Hears of each field that was written in the past, once. */
  readonly onError: (error: unknown, where: string) => void;
}

/** Shows a room's hooks the world as a player saw it. */
export class Rewind {
  readonly #parts: RewindParts;
  readonly #kinds: readonly PastKind[];
  readonly #told = new Set<string>();
  #isPast = false;

  /** @throws Error for kinds that there are not, or that have no place. */
  constructor(parts: RewindParts) {
    const { world, history, kinds } = parts;
    this.#parts = parts;
    const { tables } = world["~store"];
    for (const name of kinds ?? []) {
      const kind = history.kinds.find(({ plan }) => plan.schema.name === name);
      if (kind === undefined) throw new Error(`rewind: there is no kind "${name}"`);
      if (!PastKind.fits(kind))
        throw new Error(`rewind: a ${name} has no numbers x and y that anyone is sent`);
    }
    this.#kinds = history.kinds
      .map((kind, k) => ({ kind, table: tables[k]! }))
      .filter(({ kind, table }) => PastKind.fits(kind) && (kinds?.includes(table.schema.name) ?? true))
      .map(({ kind, table }) => new PastKind(table, kind));
  }

  /**
   * Runs `fn` while others stand where the player saw them: in a tick when it made the input of that tick, else when it
   * made the newest one that came.
   *
   * @throws Error inside another `fn`, and whatever `fn` throws.
   */
  run<T>(player: RoomPlayer<Shape>, isTicking: boolean, fn: () => T): T {
    if (this.#isPast)
      throw new Error("world.rewind was called inside world.rewind: look at one past after the other.");
    const { counters } = this.#parts;
    counters.rewinds += 1;
    const seen = this.#seenTick(player, isTicking);
    if (seen === undefined) return fn();
    const tick = Math.floor(seen);
    let count = 0;
    this.#isPast = true;
    try {
      for (const kind of this.#kinds) count += kind.setBack(tick, seen - tick, player.id);
      if (count > 0) this.#parts.world["~forgetPlaces"]();
      return fn();
    } finally {
      this.#isPast = false;
      for (const kind of this.#kinds) kind.restore(this.#onUndone);
      if (count > 0) this.#parts.world["~forgetPlaces"]();
    }
  }

  /** The tick that the player may be believed to have seen; undefined if that is the present. */
  #seenTick(player: RoomPlayer<Shape>, isTicking: boolean): number | undefined {
    const { world, tickRate, history, counters } = this.#parts;
    const { used, newest, newestTick } = player["~inputs"];
    const claim = isTicking ? used : newest;
    if (claim.lagEighths === 0 || history.tick < 0) return undefined;
    const lag = plausibleLag(claim, player.link, tickRate);
    if (lag * 8 !== claim.lagEighths) {
      counters.rewindsClamped += 1;
      player.rewindsClamped += 1;
    }
    const seen = (isTicking ? world.tick : newestTick) - lag;
    const oldest = oldestSeen(isTicking ? world.tick + 1 : world.tick, claim.lead, tickRate);
    if (seen < oldest) counters.rewindsCapped += 1;
    const kept = Math.max(seen, oldest, history.tick - MAX_AGE_TICKS, 0);
    return Math.min(kept, history.tick);
  }

  readonly #onUndone = (kind: string, field: string): void => {
    const { counters, onError } = this.#parts;
    counters.rewindWritesUndone += 1;
    const name = `${kind}.${field}`;
    if (this.#told.has(name)) return;
    this.#told.add(name);
    onError(
      new Error(
        `${name} was written inside world.rewind, where it is the past: that is undone, write after it.`,
      ),
      "rewind",
    );
  };
}
