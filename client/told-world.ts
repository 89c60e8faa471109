import { CarryReader } from "../src/game/replication/carry-reader.ts";
import type { OwnState } from "../src/game/replication/own-state.ts";
import { snapshotOfStore } from "../src/game/replication/replica-snapshot.ts";
import { ReplicaStore } from "../src/game/replication/replica-store.ts";
import type { Snapshot } from "../src/game/replication/snapshot.ts";
import { StoreView } from "../src/game/replication/store-view.ts";
import type { Sighting, View } from "../src/game/schema/client-types.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import type { EntityId } from "../src/game/schema/field.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import type { Listeners } from "./listeners.ts";
import { ShowClock } from "./show-clock.ts";

/** How often everything is asked for anew, while what comes cannot be read. */
const RESYNC_EVERY_MS = 1_000;

/** The world as the server has told one player of it. */
export class ToldWorld<S extends Shape> {
  readonly view: View<S>;
  /** Ticks that the server told something of, and the newest of them, −1 before the first. */
  stateTicks = 0;
  newestTick = -1;
  /** Which time the view shows. */
  readonly clock: ShowClock;
  readonly #game: Game<S>;
  readonly "~store": ReplicaStore;
  readonly #shown: StoreView<S>;
  readonly #own: CarryReader;
  readonly #onlookers: Listeners<Sighting>;
  #resyncAtMs = Number.NEGATIVE_INFINITY;

  constructor(game: Game<S>, onlookers: Listeners<Sighting>) {
    this.#game = game;
    this.#onlookers = onlookers;
    this.clock = new ShowClock(game.tickRate);
    this["~store"] = new ReplicaStore(game);
    this.#own = new CarryReader(this["~store"]);
    this.#shown = new StoreView(game, this["~store"]);
    this.view = this.#shown.view;
  }

  /** Who the server says the player is; undefined before it said so. */
  get playerId(): number | undefined {
    return this.#own.state.playerId || undefined;
  }

  /** What the player steers, if it is in sight; typed by the caller, who knows the game. */
  get entity(): object | undefined {
    const { avatarIndex, playerId } = this.#own.state;
    const entity = avatarIndex < 0 ? undefined : this.#shown.at(avatarIndex);
    // News of who lives there now may not be here yet.
    return entity?.owner === playerId ? entity : undefined;
  }

  /** What the newest own block said. */
  get own(): OwnState {
    return this.#own.state;
  }

  /** What became of blocks of state, and own blocks that did not decode. */
  get refusals(): Readonly<Record<string, number>> {
    const { blocksMalformed, blocksWrongCount } = this.#own.counters;
    return { ...this["~store"].counters, ownsRefused: blocksMalformed + blocksWrongCount };
  }

  /** What is known of the newest tick, of fields that everyone may see. */
  snapshot(): Snapshot {
    return snapshotOfStore(this.#game, this["~store"], this.newestTick);
  }

  /**
   * Takes a block of state: "taken", or why not. "resync" is for what should not be: everything anew cures it, and it is
   * answered only so often.
   */
  readState(bytes: Uint8Array, start: number, end: number, nowMs: number): "taken" | "refused" | "resync" {
    const { blocksTooOld } = this["~store"].counters;
    if (this["~store"].receive(bytes, start, end)) return "taken";
    const isLate = this["~store"].counters.blocksTooOld > blocksTooOld;
    if (isLate || nowMs - this.#resyncAtMs < RESYNC_EVERY_MS) return "refused";
    this.#resyncAtMs = nowMs;
    return "resync";
  }

  /** Takes an own block. True if it tells of a newer tick. */
  takeOwn(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#own.receive(bytes, start, end) && this.#isNews(this.#own.state.tick);
  }

  /** True if what `readState` took tells of a newer tick. */
  hasNewState(): boolean {
    return this.#isNews(this["~store"].newestTick);
  }

  /** All that came of the server's ticks up to `tick` is here. It counts from the first state on. */
  hear(tick: number, nowMs: number): void {
    if (this["~store"].newestTick >= 0 || this.stateTicks > 0) this.clock.hear(tick, nowMs);
  }

  /** Shows what is due at `nowMs`, and tells of who came and went by then. */
  show(nowMs: number): void {
    const tick = this.clock.show(nowMs);
    if (tick < 0) return;
    this.#shown.show(tick);
    for (const { what, tick: at, id, kind } of this.#shown.takeSightings()) {
      if (this.#onlookers.size === 0) continue;
      const name = this.#game.schema.kinds[kind]!.name;
      this.#onlookers.tell({ what, tick: at, id: id as EntityId, kind: name });
    }
  }

  /** Nobody looks at this world any more: tells that all who were in sight have left it. */
  abandon(): void {
    const tick = Math.floor(this.view.tick);
    const lists = this.view as unknown as Readonly<Record<string, Iterable<{ readonly id: EntityId }>>>;
    for (const { name: kind } of this.#game.schema.kinds) {
      for (const { id } of lists[kind]!) this.#onlookers.tell({ what: "left", tick, id, kind });
    }
  }

  #isNews(tick: number): boolean {
    if (tick <= this.newestTick) return false;
    this.stateTicks += 1;
    this.newestTick = tick;
    return true;
  }
}
