import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

// By path: under Bun, "node" would be Bun; elsewhere it may be any Node of the machine.
const runtimes: Record<RuntimeName, readonly string[]> = {
  node: [at("node_modules/node/bin/node")],
  bun: [at("node_modules/.bin/bun")],
  deno: [at("node_modules/.bin/deno"), "run", "-A", "--unstable-net"],
};

export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A file of the repository running in a runtime of its own. */
export class StartedProgram {
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;

  constructor(runtime: RuntimeName, file: string, args: readonly string[], env: Record<string, string> = {}) {
    const [command, ...before] = runtimes[runtime];
    this.#child = spawn(command!, [...before, at(file), ...args], {
      cwd: at("."),
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits until standard output holds `text`; fails when the program ends before. */
  async says(text: string): Promise<void> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    while (!this.stdout.includes(text)) {
      if (over) throw new Error(`ended without saying ${text}: ${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

export function run(
  runtime: RuntimeName,
  file: string,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<Ending> {
  return new StartedProgram(runtime, file, args, env).ended;
}
