import type { CrowdHandle, CrowdOrder } from "../../client/load/crowd-orders.ts";
import type { CrowdSample } from "../../client/load/crowd-sample.ts";
import { ChildProgram } from "../runtime-adapters/child-program.ts";

/** What the program of a crowd is started with. */
export interface CrowdSetting {
  readonly url: string;
  readonly number: number;
  readonly seed: number;
  readonly connectTimeoutMs: number;
  readonly keyFile?: string;
  readonly audience?: string;
  readonly plaintext?: boolean;
  readonly game?: string;
}

const program = new URL("load-crowd-program.ts", import.meta.url);

/** A crowd in a process of its own. */
export class CrowdProcess implements CrowdHandle {
  readonly #child: ChildProgram;
  /** Who waits for an answer, in order. */
  readonly #waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  #failure: Error | undefined;

  constructor(setting: CrowdSetting) {
    this.#child = new ChildProgram(program, [JSON.stringify(setting)], (value) =>
      this.#waiting.shift()?.resolve(value),
    );
    void this.#child.ended.then(({ complaint }) => {
      const why = complaint.trim().split("\n")[0] ?? "";
      this.#failure = new Error(`a process of players ended early${why === "" ? "" : `: ${why}`}`);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    });
  }

  aimFor(count: number, seconds: number): void {
    this.#tell({ order: "aim", count, seconds });
  }

  churn(perSecond: number): void {
    this.#tell({ order: "churn", perSecond });
  }

  async open(): Promise<void> {
    await this.#ask({ order: "open" });
  }

  async close(): Promise<void> {
    await this.#ask({ order: "close" });
  }

  async sample(): Promise<CrowdSample> {
    return (await this.#ask({ order: "sample" })) as CrowdSample;
  }

  async end(): Promise<void> {
    if (this.#failure === undefined) await this.#ask({ order: "end" }).catch(() => {});
    await this.#child.end();
  }

  /** For orders whose answer nobody needs. A failure shows with the next that somebody does. */
  #tell(order: CrowdOrder): void {
    this.#ask(order).catch(() => {});
  }

  #ask(order: CrowdOrder): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.say(order);
    });
  }
}
