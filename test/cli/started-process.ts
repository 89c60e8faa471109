import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Of the repository. */
export const rootFolder = fileURLToPath(new URL("../../", import.meta.url));

export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly env?: Record<string, string>;
  /** Leads a process group of its own, as a shell's job does. */
  readonly ownGroup?: boolean;
}

/** A test that fails half way leaves its processes behind: they end with the file of tests that started them. */
const running = new Set<ChildProcess>();
export function endWhatIsLeft(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** A process of ours: what it prints, how it ends, and a way to end it. */
export class StartedProcess {
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #isOver = false;

  constructor(command: readonly string[], { env = {}, ownGroup = false }: ProcessOptions = {}) {
    this.#child = spawn(command[0]!, command.slice(1), {
      cwd: rootFolder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1", ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: ownGroup,
    });
    running.add(this.#child);
    // What is written to a program that has just ended is lost, and no error.
    this.#child.stdin!.on("error", () => {});
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code) => {
        this.#isOver = true;
        running.delete(this.#child);
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Of standard output so far: whole lines, each of which is JSON. */
  get lines(): Readonly<Record<string, unknown>>[] {
    return this.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Types a line, or with an empty end some keys, on standard input. */
  type(text: string, end = "\n"): void {
    this.#child.stdin!.write(text + end);
  }

  /** Ends it if it still runs, whatever it is doing. */
  async end(): Promise<void> {
    if (!this.#isOver) this.signal("SIGKILL");
    await this.ended;
  }

  /** Waits until standard output holds `text`; fails when the program ends before. */
  async says(text: string): Promise<void> {
    await this.until(() => this.stdout.includes(text), `saying ${text}`);
  }

  /** Waits until standard output fits, and gives what fitted. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    await this.until(() => pattern.test(this.stdout), `printing ${pattern}`);
    return pattern.exec(this.stdout)!;
  }

  async until(isSo: () => boolean, what: string): Promise<void> {
    while (!isSo()) {
      if (this.#isOver) throw new Error(`ended without ${what}: ${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
