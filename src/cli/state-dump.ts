import type { Log } from "../ops/log.ts";
import { appendTextFile, writeTextFile } from "../runtime-adapters/process.ts";

/**
 * A file that gets a line per tick, each at once: the last ones are those that are wanted after a crash. It must not be
 * what a game ends of: once a line cannot be written, that is logged, and no more follow.
 */
export class StateDump {
  readonly #file: string;
  readonly #log: Log;
  #isOpen = true;

  /** Empties the file. Throws when it cannot be written. */
  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    writeTextFile(file, "");
  }

  write(state: object): void {
    if (!this.#isOpen) return;
    try {
      appendTextFile(this.#file, `${JSON.stringify(state)}\n`);
    } catch (error) {
      this.#isOpen = false;
      this.#log.error("dump-state-ended", { file: this.#file, error: (error as Error).message });
    }
  }
}
