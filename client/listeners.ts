/** Those who want to hear of something, in the order in which they asked. */
export class Listeners<T> {
  readonly #entries = new Set<{ readonly handler: (value: T) => void }>();

  get size(): number {
    return this.#entries.size;
  }

  /** The answer ends it. A function may be given twice, and is then called twice. */
  add(handler: (value: T) => void): () => void {
    const entry = { handler };
    this.#entries.add(entry);
    return () => this.#entries.delete(entry);
  }

  tell(value: T): void {
    for (const { handler } of this.#entries) handler(value);
  }
}
