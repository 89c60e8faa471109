import { closeSync, openSync, writeSync } from "node:fs";

/** Lines are gathered up to so many characters. */
const GATHERED_CHARACTERS = 16_384;
/** Or for so long. */
const GATHERED_MS = 1_000;

/**
 * A new file that grows line by line, whole lines at a time, in place of one that was there. Once a write fails it takes
 * no more: see `failure`.
 */
export class LineFile {
  /** Why it was not written to its end; undefined while all is well. */
  failure: Error | undefined = undefined;
  #descriptor: number | undefined;
  #gathered = "";
  #writtenAtMs = performance.now();

  /** Throws when the file cannot be opened. */
  constructor(path: string) {
    this.#descriptor = openSync(path, "w");
  }

  write(line: string): void {
    this.#gathered += `${line}\n`;
    const isDue = performance.now() - this.#writtenAtMs > GATHERED_MS;
    if (isDue || this.#gathered.length > GATHERED_CHARACTERS) this.#flush();
  }

  close(): void {
    this.#flush();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #flush(): void {
    this.#writtenAtMs = performance.now();
    const bytes = new TextEncoder().encode(this.#gathered);
    this.#gathered = "";
    try {
      for (let at = 0; at < bytes.length && this.#descriptor !== undefined; ) {
        at += writeSync(this.#descriptor, bytes, at);
      }
    } catch (error) {
      this.failure = error as Error;
      closeSync(this.#descriptor!);
      this.#descriptor = undefined;
    }
  }
}
