import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runtimeName } from "./current-runtime.ts";

// The same flags that `npm start` gives a server.
const flags = {
  node: ["--max-semi-space-size=4"],
  bun: [],
  deno: ["run", "-A", "--unstable-net", "--v8-flags=--max-semi-space-size=4"],
} as const;

/** After its input was closed, a program may go on for so long. */
const END_PATIENCE_MS = 5_000;

export interface ChildEnd {
  readonly code: number | null;
  /** The last of what it wrote to standard error. */
  readonly complaint: string;
}

const KEPT_COMPLAINT = 2_000;

/** A program of ours in a process of its own, on this runtime. Values go in and come out as lines of JSON. */
export class ChildProgram {
  /** Settles when it has ended, for whatever reason. */
  readonly ended: Promise<ChildEnd>;
  readonly #child: ChildProcess;
  #complaint = "";

  constructor(file: URL, args: readonly string[], onValue: (value: unknown) => void) {
    const command = [...flags[runtimeName()], fileURLToPath(file), ...args];
    // A Ctrl-C of the terminal is for the program that started this one: it says what happens then.
    this.#child = spawn(process.execPath, command, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    // What is written to a program that has just ended is lost, and no error.
    this.#child.stdin!.on("error", () => {});
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-KEPT_COMPLAINT);
    });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      const value = readJson(line);
      if (value !== undefined) onValue(value);
    });
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#complaint += error.message;
        resolve({ code: null, complaint: this.#complaint });
      });
      this.#child.once("close", (code) => resolve({ code, complaint: this.#complaint }));
    });
  }

  say(value: object): void {
    this.#child.stdin!.write(`${JSON.stringify(value)}\n`);
  }

  /** Closes its input, which tells it to end, and sees to it that it does. */
  async end(): Promise<ChildEnd> {
    this.#child.stdin!.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_PATIENCE_MS);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }
}

/** For such a program: calls `onValue` for each value, and `onEnd` once there will be none, the parent's death included. */
export function listenToParent(onValue: (value: unknown) => void, onEnd: () => void): void {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const value = readJson(line);
    if (value !== undefined) onValue(value);
  });
  lines.on("close", onEnd);
}

function readJson(line: string): unknown {
  if (line === "") return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
