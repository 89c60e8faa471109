import { type CarryCounters, CarryReader } from "../src/game/replication/carry-reader.ts";
import { snapshotOfStore } from "../src/game/replication/replica-snapshot.ts";
import { type ReplicaCounters, ReplicaStore } from "../src/game/replication/replica-store.ts";
import type { Snapshot } from "../src/game/replication/snapshot.ts";
import { StoreView } from "../src/game/replication/store-view.ts";
import type { Sighting, View } from "../src/game/schema/client-types.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import type { EntityId } from "../src/game/schema/field.ts";
import type { Shape } from "../src/game/schema/shape.ts";

/** How often everything is asked for anew, while what comes cannot be read. */
const RESYNC_EVERY_MS = 1_000;

/** The world as the server has told one player of it. */
export class ToldWorld<S extends Shape> {
  readonly view: View<S>;
  /** Ticks that the server told something of. */
  stateTicks = 0;
  readonly #game: Game<S>;
  readonly "~store": ReplicaStore;
  readonly #shown: StoreView<S>;
  readonly #own: CarryReader;
  readonly #onlookers = new Set<{ readonly handler: (sighting: Sighting) => void }>();
  #resyncAtMs = Number.NEGATIVE_INFINITY;

  constructor(game: Game<S>) {
    this.#game = game;
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

  get counters(): Readonly<ReplicaCounters> {
    return this["~store"].counters;
  }

  get ownCounters(): Readonly<CarryCounters> {
    return this.#own.counters;
  }

  /** What is known of the shown tick, of fields that everyone may see. */
  snapshot(): Snapshot {
    return snapshotOfStore(this.#game, this["~store"], this.view.tick);
  }

  onSight(handler: (sighting: Sighting) => void): () => void {
    // A function may be given twice, and is then called twice.
    const entry = { handler };
    this.#onlookers.add(entry);
    return () => this.#onlookers.delete(entry);
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

  /** Takes an own block. True if a newer tick is shown now. */
  takeOwn(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#own.receive(bytes, start, end) && this.#show(this.#own.state.tick);
  }

  /** Shows what `readState` took. True if that is a newer tick. */
  showState(): boolean {
    const isNewer = this.#show(this["~store"].newestTick);
    for (const { what, tick, id, kind } of this["~store"].takeEvents()) {
      if (this.#onlookers.size === 0) continue;
      const name = this.#game.schema.kinds[kind]!.name;
      for (const { handler } of this.#onlookers) handler({ what, tick, id: id as EntityId, kind: name });
    }
    return isNewer;
  }

  #show(tick: number): boolean {
    if (tick <= this.view.tick && this.stateTicks > 0) return false;
    this.stateTicks += 1;
    this.#shown.show(tick);
    return true;
  }
}
