import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const ANSWER_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 3_000;
const KEPT_ERROR_LINES = 20;

/** A program of the bench: lines of JSON go in and come out. It ends when its standard input does. */
export class Program {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #exited: Promise<void>;
  readonly #errorLines: string[] = [];

  constructor(name: string, [command, ...words]: readonly (string | number)[]) {
    this.#name = name;
    this.#child = spawn(String(command), words.map(String), { stdio: ["pipe", "pipe", "pipe"] });
    this.#exited = new Promise((resolve) => {
      this.#child.once("exit", () => resolve());
      this.#child.once("error", ({ message }) => {
        this.#errorLines.push(message);
        resolve();
      });
    });
    // What it did not hear it does not need any more.
    this.#child.stdin!.on("error", () => {});
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    createInterface({ input: this.#child.stderr! }).on("line", (line) => {
      this.#errorLines.push(line);
      if (this.#errorLines.length > KEPT_ERROR_LINES) this.#errorLines.shift();
    });
  }

  /** The last lines it wrote on standard error. */
  get errors(): string {
    return this.#errorLines.join("\n");
  }

  say(value: object): void {
    this.#child.stdin!.write(`${JSON.stringify(value)}\n`);
  }

  /** The next value it says; what peers print by themselves is passed over. */
  async answer<T>(): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${this.#name} did not answer in ${ANSWER_TIMEOUT_MS / 1000} s`)),
        ANSWER_TIMEOUT_MS,
      );
    });
    try {
      return await Promise.race([this.#nextValue<T>(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #nextValue<T>(): Promise<T> {
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done === true) {
        await this.#exited;
        throw new Error(
          `${this.#name} ended early: ${this.errors.split("\n").find((line) => /error/i.test(line)) ?? this.errors}`,
        );
      }
      if (value.startsWith("{")) return JSON.parse(value) as T;
    }
  }

  async end(): Promise<void> {
    this.#child.stdin!.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}
