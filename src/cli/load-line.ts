import type { LoadProgress } from "../../client/load/load-run.ts";

const BAR_CELLS = 12;
const TREND_POINTS = 20;
const BLOCKS = "▁▂▃▄▅▆▇█";

/** What a load test shows while it runs. */
export class LoadLine {
  readonly #p99s: number[] = [];
  #shownPoint: LoadProgress["point"];

  text(progress: LoadProgress): string {
    const { phase, wanted, connected, failed, done, secondsLeft, point } = progress;
    const full = Math.round(Math.min(1, Math.max(0, done)) * BAR_CELLS);
    const left = secondsLeft === undefined ? "" : ` ${Math.ceil(secondsLeft)} s`;
    const parts = [
      `${phase} ${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)}${left}`,
      `${connected} of ${wanted} players${failed > 0 ? `, ${failed} failed` : ""}`,
    ];
    if (point !== undefined) {
      if (point !== this.#shownPoint) this.#p99s.push(point.inputToStateMs.p99);
      this.#shownPoint = point;
      const { p50, p99 } = point.inputToStateMs;
      parts.push(`input → state p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms ${this.#trend()}`);
      if (point.server !== null) {
        const { tickMs, cpuPercent } = point.server;
        parts.push(`tick p99 ${tickMs.p99.toFixed(1)} ms`, `server ${cpuPercent.toFixed(0)} %`);
      }
    }
    return parts.join(" · ");
  }

  /** The last p99s as a row of bars, from 0 to the highest of them. */
  #trend(): string {
    const shown = this.#p99s.slice(-TREND_POINTS);
    const highest = Math.max(...shown, 1e-9);
    return shown.map((each) => BLOCKS[Math.round((each / highest) * (BLOCKS.length - 1))]).join("");
  }
}
