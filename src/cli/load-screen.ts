import type { LoadProgress } from "../../client/load/load-run.ts";
import { createLog, type Log } from "../ops/log.ts";
import { isTerminal, terminalColumns, writeLine, writeText } from "../runtime-adapters/process.ts";
import { LiveLine } from "./live-line.ts";
import { LoadLine } from "./load-line.ts";

/**
 * What a load test shows meanwhile: a line that is redrawn on a terminal, else an event for each phase. It goes to
 * standard error, for standard output belongs to the report.
 */
export class LoadScreen {
  readonly #line = new LoadLine();
  readonly #live: LiveLine | undefined;
  readonly #log: Log;
  #phase: LoadProgress["phase"] | undefined;

  constructor() {
    const onTerminal = isTerminal("stderr");
    this.#log = createLog({
      format: onTerminal ? "pretty" : "json",
      writeLine: (line) => writeLine("stderr", line),
    });
    if (!onTerminal) return;
    const write = (text: string): void => void writeText("stderr", text);
    this.#live = new LiveLine({ write, columns: () => terminalColumns("stderr") });
  }

  show(progress: LoadProgress): void {
    if (this.#live !== undefined) this.#live.show(this.#line.text(progress));
    else if (progress.phase !== this.#phase) {
      const { phase, wanted, connected } = progress;
      this.#log.info("load-phase", { phase, wanted, connected });
    }
    this.#phase = progress.phase;
  }

  end(): void {
    this.#live?.clear();
    this.#log.flush();
  }
}
