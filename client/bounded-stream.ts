import type { Stream } from "../src/game/schema/client-types.ts";

type Take<T> = (result: IteratorResult<T, undefined>) => void;

/**
 * What happens, one after the other, for a `for await` loop. While the loop is busy it waits, but only so much of it: the
 * oldest gives way. It begins to listen when it is made, and stops when the loop is left or the stream ends.
 */
export class BoundedStream<T> implements Stream<T> {
  dropped = 0;
  readonly #capacity: number;
  readonly #waiting: T[] = [];
  /** Of calls of `next` that found nothing. */
  readonly #takers: Take<T>[] = [];
  readonly #stop: () => void;
  #isOver = false;

  /** `listen` has its argument called with all that happens; what it answers ends that. */
  constructor(capacity: number, listen: (push: (value: T) => void) => () => void) {
    this.#capacity = capacity;
    this.#stop = listen((value) => this.#push(value));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting.length > 0) return { done: false, value: this.#waiting.shift()! };
    if (this.#isOver) return { done: true, value: undefined };
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** The loop is left: what waits is nobody's any more. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#waiting.length = 0;
    this.end();
    return { done: true, value: undefined };
  }

  /** Nothing more will happen; what waits can still be taken. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stop();
    for (const take of this.#takers.splice(0)) take({ done: true, value: undefined });
  }

  #push(value: T): void {
    if (this.#isOver) return;
    const take = this.#takers.shift();
    if (take !== undefined) {
      take({ done: false, value });
      return;
    }
    this.#waiting.push(value);
    if (this.#waiting.length <= this.#capacity) return;
    this.#waiting.shift();
    this.dropped += 1;
  }
}
