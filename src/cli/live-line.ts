/** A terminal to draw on. */
export interface LiveTerminal {
  write(text: string): void;
  columns(): number;
}

/** What the line shows, read each time it is drawn. */
export interface LiveNumbers {
  readonly rooms: number;
  readonly players: number;
  readonly bots: number;
  readonly tickP99Ms: number;
  readonly bytesDown: number;
}

const ERASE_LINE = "\r\u001b[2K";

/** One line that is redrawn below the log. Lines of the log go through `print`, so that both stay whole. */
export class LiveLine {
  readonly #terminal: LiveTerminal;
  #shown = "";
  #lastBytes: { readonly atMs: number; readonly bytes: number } | undefined;

  constructor(terminal: LiveTerminal) {
    this.#terminal = terminal;
  }

  draw(numbers: LiveNumbers, nowMs: number): void {
    const last = this.#lastBytes;
    const elapsedMs = last === undefined ? 0 : nowMs - last.atMs;
    const bytesPerSecond =
      last !== undefined && elapsedMs > 0 ? ((numbers.bytesDown - last.bytes) * 1_000) / elapsedMs : 0;
    this.#lastBytes = { atMs: nowMs, bytes: numbers.bytesDown };
    this.show(liveText(numbers, bytesPerSecond));
  }

  /** Draws any text, as much of it as there is room for. */
  show(text: string): void {
    // A line as wide as the terminal would wrap, and then it could not be erased.
    const shown = text.slice(0, Math.max(0, this.#terminal.columns() - 1));
    this.#terminal.write(ERASE_LINE + shown);
    this.#shown = shown;
  }

  print(line: string): void {
    this.#terminal.write(this.#shown === "" ? `${line}\n` : `${ERASE_LINE}${line}\n${this.#shown}`);
  }

  clear(): void {
    if (this.#shown !== "") this.#terminal.write(ERASE_LINE);
    this.#shown = "";
  }
}

function liveText(numbers: LiveNumbers, bytesPerSecond: number): string {
  // The bots are among the players, and the line says so.
  const bots = numbers.bots > 0 ? ` (${counted(numbers.bots, "bot")})` : "";
  const rooms = numbers.rooms > 1 ? ` in ${numbers.rooms} rooms` : "";
  const parts = [counted(numbers.players, "player") + bots + rooms];
  parts.push(`tick p99 ${numbers.tickP99Ms.toFixed(1)} ms`, `${Math.round(bytesPerSecond / 1_000)} kB/s`);
  return parts.join(" · ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
