/**
 * What was sent and heard of one kind of message, one way, between the server and one player. Messages are numbered
 * from 0 in the order sent. A ledger holds no more than what is under way, so that hours of messages cost no memory.
 */
export interface SoakLedger {
  /** How many were queued; also the number of the next one. */
  readonly sent: number;
  readonly heard: number;
  /** How many more must arrive. */
  readonly missing: number;
  noteSent(): void;
  /** Answers what is wrong with this arrival, or undefined. */
  noteHeard(n: number): string | undefined;
}

/** Every message once, in the order sent. */
export class OrderedLedger implements SoakLedger {
  sent = 0;
  heard = 0;
  #expected = 0;

  get missing(): number {
    return this.sent - this.#expected;
  }

  noteSent(): void {
    this.sent += 1;
  }

  noteHeard(n: number): string | undefined {
    this.heard += 1;
    const expected = this.#expected;
    if (n >= this.sent) return `${n} was never sent`;
    // What follows a gap is judged from there on: one fault is told once.
    this.#expected = Math.max(expected, n + 1);
    if (n < expected) return `${n} came again, or late: ${expected} was next`;
    return n > expected ? `${n} came where ${expected} was next` : undefined;
  }
}

/** Every message once, in any order. */
export class UnorderedLedger implements SoakLedger {
  sent = 0;
  heard = 0;
  /** All below have arrived. */
  #complete = 0;
  readonly #early = new Set<number>();

  get missing(): number {
    return this.sent - this.#complete - this.#early.size;
  }

  noteSent(): void {
    this.sent += 1;
  }

  noteHeard(n: number): string | undefined {
    this.heard += 1;
    if (n >= this.sent) return `${n} was never sent`;
    if (n < this.#complete || this.#early.has(n)) return `${n} came again`;
    this.#early.add(n);
    while (this.#early.delete(this.#complete)) this.#complete += 1;
    return undefined;
  }
}

/** Newer ones only, and in the end the last one sent. */
export class LatestLedger implements SoakLedger {
  sent = 0;
  heard = 0;
  #newest = -1;

  get missing(): number {
    return this.#newest === this.sent - 1 ? 0 : 1;
  }

  noteSent(): void {
    this.sent += 1;
  }

  noteHeard(n: number): string | undefined {
    this.heard += 1;
    const newest = this.#newest;
    if (n >= this.sent) return `${n} was never sent`;
    this.#newest = Math.max(newest, n);
    return n > newest ? undefined : `${n} came after ${newest}`;
  }
}
