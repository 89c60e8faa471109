import type { PlayerInterest } from "./player-interest.ts";
import { ViewerClass } from "./surprises.ts";
import type { Watcher } from "./watcher.ts";

const FIRST_ENTITIES = 8;

/** What one player owns and sees, in memory that serves one player after the other. */
export class OwnList {
  playerId = 0;
  /** Entity index of what the player steers or follows, -1 = nothing. */
  avatarIndex = -1;
  count = 0;
  /** Entity indexes, rising. */
  indexes: Int32Array = new Int32Array(FIRST_ENTITIES);
  /** Of each: the newest tick whose record the player has acked, -1 = none. Looked up when asked, which is rare. */
  readonly heldTicks = { at: (place: number): number => this.#player!.view.heldTick(this.#slots[place]!) };
  #slots = new Int32Array(FIRST_ENTITIES);
  #player: PlayerInterest<Watcher> | undefined;

  /** `nextOwned`: see `Census`, which `player` has just looked at. */
  find(player: PlayerInterest<Watcher>, nextOwned: Int32Array): void {
    const { view, avatarIndex, avatarSlot } = player;
    this.#player = player;
    this.playerId = player.watcher.id;
    this.avatarIndex = avatarIndex;
    this.count = 0;
    for (let index = player.firstOwned; index >= 0; index = nextOwned[index]!) {
      // Seen by its owner: the look made sure of that.
      if (index === avatarIndex && avatarSlot >= 0) this.#add(index, avatarSlot);
      else {
        const slot = view.find(index);
        if (slot >= 0 && view.isSeen(slot) && view.viewerClass(slot) === ViewerClass.Owner)
          this.#add(index, slot);
      }
    }
  }

  #add(index: number, slot: number): void {
    if (this.count === this.indexes.length) {
      const { indexes } = this;
      const slots = this.#slots;
      this.indexes = new Int32Array(indexes.length * 2);
      this.indexes.set(indexes);
      this.#slots = new Int32Array(slots.length * 2);
      this.#slots.set(slots);
    }
    this.indexes[this.count] = index;
    this.#slots[this.count] = slot;
    this.count += 1;
  }
}
