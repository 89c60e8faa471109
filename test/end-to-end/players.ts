import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { StartedProgram } from "../cli/started-program.ts";

export interface PlayerStats {
  readonly name: string;
  readonly datagramsSent: number;
  readonly stateTicks: number;
  readonly closed: object | null;
}

/** The program `players.ts` and what it answers. */
export class Players {
  readonly program: StartedProgram;

  /** `states` wants `keep-states`, which costs more than to play; a crowd is cheaper with `no-prediction`. */
  constructor(
    runtime: RuntimeName,
    url: string,
    name: string,
    count: number,
    ...switches: ("keep-states" | "no-prediction")[]
  ) {
    const args = [url, name, String(count), ...switches];
    this.program = new StartedProgram(runtime, "test/end-to-end/programs/players.ts", args);
  }

  /** How often an event was printed. */
  count(event: string): number {
    return this.program.lines.filter((line) => line.event === event).length;
  }

  /** Types an order and waits for its answer. */
  async ask(order: string, event: string): Promise<Readonly<Record<string, unknown>>> {
    const before = this.count(event);
    this.program.type(order);
    await this.program.until(() => this.count(event) > before, `answering ${order}`);
    return this.program.lines.findLast((line) => line.event === event)!;
  }

  async stats(order: "stats" | "leave" = "stats"): Promise<readonly PlayerStats[]> {
    const answer = await this.ask(order, order === "stats" ? "stats" : "left");
    return answer.players as readonly PlayerStats[];
  }
}
