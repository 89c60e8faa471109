import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import { type ChildEnd, ChildProgram } from "../../src/runtime-adapters/child-program.ts";
import type { ProxyAnswer, ProxyOrder, ProxyProgramCounters, ProxyRequest } from "./proxy-orders.ts";

interface Waiter {
  resolve(answer: ProxyAnswer): void;
  reject(error: Error): void;
}

/** An impairing proxy that runs in a process of its own, on this runtime. */
export class ProxyProgram {
  readonly #child: ChildProgram;
  /** Answers come in the order of the orders. */
  readonly #waiters: Waiter[] = [];
  #address: PeerAddress | undefined;
  #hasEnded = false;

  private constructor() {
    const file = new URL("./proxy-process.ts", import.meta.url);
    this.#child = new ChildProgram(file, [], (answer) =>
      this.#waiters.shift()?.resolve(answer as ProxyAnswer),
    );
    void this.#child.ended.then(({ complaint }) => {
      this.#hasEnded = true;
      for (const { reject } of this.#waiters.splice(0))
        reject(new Error(`the proxy has ended: ${complaint}`));
    });
  }

  /** @throws Error with one sentence when the address cannot be bound or the program does not start. */
  static async start(request: ProxyRequest): Promise<ProxyProgram> {
    const program = new ProxyProgram();
    try {
      const answer = await program.#ask({ order: "open", request });
      if ("address" in answer) program.#address = answer.address;
      return program;
    } catch (error) {
      await program.close();
      throw error;
    }
  }

  /** Where clients send to. */
  get address(): PeerAddress {
    return this.#address!;
  }

  /** Settles when the program is over, for whatever reason. */
  get ended(): Promise<ChildEnd> {
    return this.#child.ended;
  }

  /** @throws Error when the program is over. */
  async counters(): Promise<ProxyProgramCounters> {
    return ((await this.#ask({ order: "counters" })) as { counters: ProxyProgramCounters }).counters;
  }

  /** Leaves out how late the proxy was so far: for the end of a warm-up. */
  async forgetLateness(): Promise<void> {
    await this.#ask({ order: "forget-lateness" });
  }

  /** What is under way goes nowhere. */
  async close(): Promise<void> {
    await this.#child.end();
  }

  async #ask(order: ProxyOrder): Promise<ProxyAnswer> {
    if (this.#hasEnded) throw new Error("the proxy has ended");
    const answer = await new Promise<ProxyAnswer>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#child.say(order);
    });
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  }
}
