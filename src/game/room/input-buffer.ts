import { type InputReplica, type KnownInputs, MAX_REPEATED_TICKS } from "../schema/input-codec.ts";
import { sameReplica } from "../schema/same-replica.ts";
import type { SeenClaim } from "./seen-tick.ts";

/** Inputs may come for the tick that is about to run and the 63 after it. */
export const INPUT_WINDOW_TICKS = 64;

/** What became of inputs, over all players of a room. */
export interface InputCounters {
  /** Taken into a buffer. */
  inputsBuffered: number;
  /** For a tick that ran without them. */
  inputsLate: number;
  /** For a tick whose input was there already; frames repeat inputs, so this is usual. */
  inputsDuplicate: number;
  /** For a tick 64 or more ahead. */
  inputsTooEarly: number;
  /** Ticks of players in which the last input stood in. */
  inputsRepeated: number;
  /** Ticks of players without input for so long that the neutral one stood in. */
  inputsNeutral: number;
}

/** A row per tick of the window: which tick it is, and what was claimed with its input. */
const ROW_CELLS = 3;
const LAG_EIGHTHS = 1;
const LEAD = 2;

/** One player's inputs, waiting for their ticks. */
export class InputBuffer implements KnownInputs {
  /**
   * The newest tick an input came for of late, that is since the tick before ran, or when one came last; −1 before the
   * first. Too late and too early ones count: it tells the player's clock, which may be wrong either way, and which
   * may have been set back.
   */
  newestTick = -1;
  /** What the player claims to have seen with that input, and with the one in use. */
  readonly newest: Readonly<SeenClaim>;
  readonly used: Readonly<SeenClaim>;
  readonly #newest: SeenClaim = { lagEighths: 0, lead: 0 };
  readonly #used: SeenClaim = { lagEighths: 0, lead: 0 };
  /** The tick about to run when that input came. */
  #newestCameFor = -1;
  readonly #counters: InputCounters;
  readonly #neutral: InputReplica;
  readonly #rows = new Float64Array(INPUT_WINDOW_TICKS * ROW_CELLS).fill(-1);
  readonly #inputs: InputReplica[] = [];
  /** Ticks from the one to the other are kept, all of them: frames repeat inputs, and most need no look at the rows. */
  #keptFrom = 0;
  #keptTo = -1;
  /** The input in use. */
  #last: InputReplica;
  /** The one that was kept last. */
  #latest: InputReplica;
  #missing = MAX_REPEATED_TICKS;

  constructor(neutral: InputReplica, counters: InputCounters) {
    this.#neutral = neutral;
    this.#last = neutral;
    this.#latest = neutral;
    this.#counters = counters;
    this.newest = this.#newest;
    this.used = this.#used;
  }

  /**
   * Keeps an input for `tick`; `nextTick` is the one about to run. `lagEighths`: how far behind it the player saw
   * others; `blockTick`: the newest tick of the block it came in.
   */
  offer(tick: number, input: InputReplica, nextTick: number, lagEighths = 0, blockTick: number = tick): void {
    this.newestTick = this.#newestCameFor === nextTick ? Math.max(this.newestTick, tick) : tick;
    this.#newestCameFor = nextTick;
    if (this.newestTick === tick) {
      this.#newest.lagEighths = lagEighths;
      this.#newest.lead = blockTick - nextTick;
    }
    if (tick >= nextTick + INPUT_WINDOW_TICKS) {
      this.#counters.inputsTooEarly += 1;
      return;
    }
    // A used input keeps its slot until the window comes round, so its repetitions do not count as late.
    if (this.#isKept(tick)) this.#counters.inputsDuplicate += 1;
    else if (tick < nextTick) this.#counters.inputsLate += 1;
    else {
      const slot = tick % INPUT_WINDOW_TICKS;
      const at = slot * ROW_CELLS;
      this.#rows[at] = tick;
      this.#rows[at + LAG_EIGHTHS] = lagEighths;
      this.#rows[at + LEAD] = blockTick - nextTick;
      this.#inputs[slot] = input;
      this.#latest = input;
      this.#noteKept(tick);
      this.#counters.inputsBuffered += 1;
    }
  }

  inputLike(tick: number): InputReplica {
    return this.#isKept(tick) ? this.#inputs[tick % INPUT_WINDOW_TICKS]! : this.#latest;
  }

  /** The input for `tick`, which now runs; the same object as before while it says the same. */
  take(tick: number): InputReplica {
    const slot = tick % INPUT_WINDOW_TICKS;
    const at = slot * ROW_CELLS;
    if (this.#rows[at] === tick) {
      this.#missing = 0;
      const input = this.#inputs[slot]!;
      if (!sameReplica(input, this.#last)) this.#last = input;
      this.#used.lagEighths = this.#rows[at + LAG_EIGHTHS]!;
      this.#used.lead = this.#rows[at + LEAD]!;
    } else if (this.#missing < MAX_REPEATED_TICKS) {
      this.#missing += 1;
      this.#counters.inputsRepeated += 1;
    } else {
      this.#last = this.#neutral;
      this.#used.lagEighths = 0;
      this.#counters.inputsNeutral += 1;
    }
    this.#release(tick - 1);
    return this.#last;
  }

  #isKept(tick: number): boolean {
    if (tick >= this.#keptFrom && tick <= this.#keptTo) return true;
    return this.#rows[(tick % INPUT_WINDOW_TICKS) * ROW_CELLS] === tick;
  }

  #noteKept(tick: number): void {
    if (tick === this.#keptTo + 1) this.#keptTo = tick;
    else if (tick === this.#keptFrom - 1) this.#keptFrom = tick;
    else this.#keptFrom = this.#keptTo = tick;
    // The slot of what was a window before is another's now.
    this.#keptFrom = Math.max(this.#keptFrom, this.#keptTo - INPUT_WINDOW_TICKS + 1);
  }

  /** Kept until the window comes round, the inputs of many players would grow old before they are garbage. */
  #release(tick: number): void {
    const slot = tick % INPUT_WINDOW_TICKS;
    if (this.#rows[slot * ROW_CELLS] === tick) this.#inputs[slot] = this.#last;
  }
}
