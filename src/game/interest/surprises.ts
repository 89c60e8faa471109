/** Who looks at an entity, which decides the fields in its records. Numbers as on the wire; each sees what those before it see. */
export const ViewerClass = { Everyone: 0, Team: 1, Owner: 2 } as const;

/** Where a tick is expected: there is none. */
export const NO_TICK = -1;

/**
 * What the encoder of records tells those who choose among them. All of it is about the tick of the newest capture
 * and the entity that lives at `index` in it. A surprise is what a viewer of that class must be told: what nobody
 * could extrapolate, the birth first of all, or another owner.
 */
export interface Surprises {
  /** The newest tick with a surprise. */
  newest(index: number, viewerClass: number): number;
  /**
   * The age of the version that a record for whoever holds `heldTick` builds on, 1 … 63 ticks: that of the last tick
   * before the first surprise after it. 0 where only a full record will do. Asked only if `newest` is later.
   */
  ageFor(index: number, heldTick: number, viewerClass: number): number;
  /** Bytes of the record of that age, 0 = full, without its index gap. */
  recordBytes(index: number, age: number, viewerClass: number): number;
}
