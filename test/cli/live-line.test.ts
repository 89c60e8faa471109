import { describe, expect, test } from "vitest";
import { LiveLine } from "../../src/cli/live-line.ts";

const erase = "\r\u001b[2K";
const numbers = { rooms: 1, players: 12, bots: 0, tickP99Ms: 0.84, bytesDown: 0 };

function terminal(columns = 80) {
  const written: string[] = [];
  return { written, line: new LiveLine({ write: (text) => written.push(text), columns: () => columns }) };
}

describe("live line", () => {
  test("is redrawn in place, with the rate since it was last drawn", () => {
    const { written, line } = terminal();
    line.draw(numbers, 1_000);
    line.draw({ ...numbers, players: 9, bots: 8, bytesDown: 20_500 }, 1_500);
    line.draw({ ...numbers, rooms: 3, players: 9, bots: 8, bytesDown: 20_500 }, 2_000);
    expect(written).toEqual([
      `${erase}12 players · tick p99 0.8 ms · 0 kB/s`,
      `${erase}9 players (8 bots) · tick p99 0.8 ms · 41 kB/s`,
      `${erase}9 players (8 bots) in 3 rooms · tick p99 0.8 ms · 0 kB/s`,
    ]);
  });

  test("stays below the lines of the log", () => {
    const { written, line } = terminal();
    line.print("early");
    line.draw(numbers, 0);
    line.print("joined");
    line.clear();
    line.clear();
    line.print("late");
    expect(written).toEqual([
      "early\n",
      `${erase}12 players · tick p99 0.8 ms · 0 kB/s`,
      `${erase}joined\n12 players · tick p99 0.8 ms · 0 kB/s`,
      erase,
      "late\n",
    ]);
  });

  test("never is as wide as the terminal", () => {
    const { written, line } = terminal(11);
    line.draw(numbers, 0);
    expect(written).toEqual([`${erase}12 players`]);
  });
});
