/** When inputs of one player were set, and when it was told of each. */
export interface JudgedInputs {
  /** Of each input that counts: from when it was set to a state that it or a newer one is in, ms. */
  readonly allMs: readonly number[];
  /** The same of those that a tick ran with. */
  readonly usedMs: readonly number[];
  /** No tick ever ran with them. */
  readonly unused: number;
  /** No state told of them by the end; they count with what they had waited by then. */
  readonly unanswered: number;
}

/**
 * The latencies of one player. Inputs have serials from 1 on, one after the other. An input that was superseded before
 * a tick took it counts until the state with its successor: what a stall swallows is not left out.
 */
export class InputTimes {
  /** The newest one that was set. */
  newestSerial = 0;
  readonly #setMs: number[] = [0];
  readonly #answeredMs: number[] = [0];
  #answeredSerial = 0;
  #firstSerial = 1;
  #lastSerial = Number.POSITIVE_INFINITY;

  /** Answers the serial of the input that is set now. */
  set(nowMs: number): number {
    this.newestSerial += 1;
    this.#setMs.push(nowMs);
    return this.newestSerial;
  }

  /** A state was read in which the ship's newest input is `serial`. */
  answer(serial: number, nowMs: number): void {
    const known = Math.min(serial, this.newestSerial);
    for (; this.#answeredSerial < known; this.#answeredSerial += 1) this.#answeredMs.push(nowMs);
  }

  /** Inputs count from the next one on. */
  begin(): void {
    this.#firstSerial = this.newestSerial + 1;
  }

  /** Later ones do not. */
  end(): void {
    this.#lastSerial = this.newestSerial;
  }

  /** True when every input that counts was answered. */
  get isAnswered(): boolean {
    return this.#answeredSerial >= Math.min(this.#lastSerial, this.newestSerial);
  }

  /** `used`: what the server says it ran ticks with. */
  judge(used: ReadonlySet<number>, nowMs: number): JudgedInputs {
    const allMs: number[] = [];
    const usedMs: number[] = [];
    let [unused, unanswered] = [0, 0];
    const last = Math.min(this.#lastSerial, this.newestSerial);
    for (let serial = this.#firstSerial; serial <= last; serial += 1) {
      const isAnswered = serial <= this.#answeredSerial;
      const ms = (isAnswered ? this.#answeredMs[serial]! : nowMs) - this.#setMs[serial]!;
      allMs.push(ms);
      if (!isAnswered) unanswered += 1;
      if (used.has(serial)) usedMs.push(ms);
      else unused += 1;
    }
    return { allMs, usedMs, unused, unanswered };
  }
}
