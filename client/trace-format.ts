/*
 * A trace: what one bot foresaw, showed and was told, tick by tick. Text in lines, each one a JSON value (JSON Lines).
 *
 *   line 1        TraceHeader
 *   line 2 …      TraceTick, ticks rising; one is written once the server has confirmed its tick
 *
 * Numbers of an entity stand in lists in the order of its kind's `fields`. Positions and the like are in the game's own
 * units, angles in radians. A last line without its line end is still being written.
 */

export const TRACE_VERSION = 1;

export interface TraceHeader {
  readonly format: "tickwire-trace";
  readonly version: typeof TRACE_VERSION;
  readonly game: string;
  /** Ticks per second. */
  readonly tickRate: number;
  /** Whose trace it is. */
  readonly bot: string;
  readonly kinds: readonly TracedKind[];
}

/** What of a kind is traced: what has fractions. */
export interface TracedKind {
  readonly name: string;
  readonly fields: readonly TracedField[];
  /** Where among `fields` those are that say where it is: at most three, none if none says so. */
  readonly place: readonly number[];
}

export interface TracedField {
  /** As the game calls it; halves of a vec2 `position` are `position.x` and `position.y`. */
  readonly name: string;
  /** What it is rounded to for others. */
  readonly step: number;
  /** A whole turn for what goes round, else 0. */
  readonly turn: number;
}

/** One tick that the client played. All but `truth`, the distances to it and `other.told` is as of that moment. */
export interface TraceTick {
  readonly tick: number;
  /** The client's time since its trace began. */
  readonly ms: number;
  /** The newest tick that was confirmed by then: all after it was foreseen. */
  readonly confirmedTick: number;
  /** What the bot steered: its kind and id, null while it steered nothing; then all up to `shownOff` is null too. */
  readonly kind: string | null;
  readonly id: number | null;
  /** Its state at `tick` as it was predicted then … */
  readonly predicted: readonly number[] | null;
  /** … as it was shown, with what was left of earlier mistakes … */
  readonly shown: readonly number[] | null;
  /** … and as the server had it, exactly. Null if that never came: its packet was lost, or the bot had left. */
  readonly truth: readonly number[] | null;
  /** How far from its true place, in the game's units: null without truth or place. */
  readonly predictedOff: number | null;
  readonly shownOff: number | null;
  /** Since the start: times that the prediction was set right, and ticks that were run again for it. */
  readonly corrections: number;
  readonly replayedTicks: number;
  /** How long before their tick inputs arrived as was heard last, and how long they should, in ticks. */
  readonly leadTicks: number;
  readonly wantedLeadTicks: number;
  /** By how much the view of others is behind, and the tick that it shows, with fractions. */
  readonly interpolationMs: number;
  readonly viewTick: number;
  /** Since the start: times that the view stood still, and ticks that it showed before they were told. */
  readonly freezes: number;
  readonly extrapolatedTicks: number;
  /** Null before the first round trip. */
  readonly rttMs: number | null;
  readonly jitterMs: number;
  /** Of the client's packets, 0 to 100. */
  readonly lossPercent: number;
  /** One of the others in sight, the same for as long as it is; null if there is none. */
  readonly other: TracedOther | null;
}

export interface TracedOther {
  readonly kind: string;
  readonly id: number;
  /** As it was shown at `viewTick`; a number that was hidden is null. */
  readonly shown: readonly (number | null)[];
  /** What was told of `viewTick` in the end, between two ticks what lies between; null if it was told no more. */
  readonly told: readonly (number | null)[] | null;
  readonly off: number | null;
}
