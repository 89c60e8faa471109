import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { keepToCore } from "../keep-to-core.ts";

/** A nursery of 16 MB: what a thousand players leave behind dies in it, and need not be collected from among the old. */
const NURSERY = "--max-semi-space-size=16";
const flags = { node: [NURSERY], bun: [], deno: ["run", "-A", "--unstable-net", `--v8-flags=${NURSERY}`] };
const NODE = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));

/** A program of the bench, on the runtime that the bench runs on or on Node: lines in, and values out as lines of JSON. */
export class BenchProgram {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(file: string, args: readonly (string | number)[], on: "node" | "same" = "same") {
    const path = fileURLToPath(new URL(`programs/${file}`, import.meta.url));
    const runtime = on === "same" ? runtimeName() : on;
    const program = on === "same" ? process.execPath : NODE;
    this.#child = spawn(program, [...flags[runtime], path, ...args.map(String)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Its main thread to a core of its own, or all of it to the last, if the machine lets it: see `keepToCore`. */
  keepTo(which: "first" | "last"): void {
    keepToCore(this.#child.pid!, which);
  }

  say(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** The next value it prints. */
  async answer<T>(): Promise<T> {
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("A program of the bench ended early.");
    return JSON.parse(value);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.say("quit");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(timer);
  }
}
