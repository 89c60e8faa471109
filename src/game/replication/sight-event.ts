import type { HeldEntity } from "./held-entity.ts";

/** An entity came into the player's sight, or is gone from it, as of `tick`. */
export interface SightEvent {
  readonly what: "entered" | "left" | "despawned";
  readonly tick: number;
  readonly id: number;
  /** Kind index. */
  readonly kind: number;
}

/** Hears of comings and goings when a store does: by rising ticks for one entity, but not for all together. */
export interface SightWatcher {
  /** Who comes has no version yet. Of who goes `newest` is what was seen last. */
  sighted(event: SightEvent, entity: HeldEntity): void;
}
