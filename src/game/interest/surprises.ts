/** Who looks at an entity, which decides the fields in its records. Numbers as on the wire. */
export const ViewerClass = { Everyone: 0, Team: 1, Owner: 2 } as const;

/** Where a tick is expected: there is none. */
export const NO_TICK = -1;

/**
 * What the encoder of records tells those who choose among them. All of it is about the tick of the newest capture
 * and the entity that lives at `index` in it. A surprise is what a viewer of that class cannot extrapolate; the
 * spawn is the first.
 */
export interface Surprises {
  /** The newest tick with a surprise. */
  newest(index: number, viewerClass: number): number;
  /** The first tick after `tick` with a surprise. Asked only where `newest` is later than `tick`. */
  firstAfter(index: number, viewerClass: number, tick: number): number;
  /** Bytes of the record against `baselineTick`, or of the full one for NO_TICK, without its index gap. */
  recordBytes(index: number, viewerClass: number, baselineTick: number): number;
}
