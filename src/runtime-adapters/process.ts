import { appendFileSync, existsSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";
import { pathToFileURL } from "node:url";

export type OutputStream = "stdout" | "stderr";
const descriptors = { stdout: 1, stderr: 2 } as const;

/** A reader of our output that stands still may hold the process up for this long, once; then text is dropped. */
const STUCK_OUTPUT_MS = 50;
/** npm forwards a Ctrl-C that the terminal has already delivered: within this time it is the same one. */
const REPEATED_SIGNAL_MS = 500;

export function commandArguments(): readonly string[] {
  return process.argv.slice(2);
}

export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** What Node's world agreed on: all that is not called production is development. */
export function isProduction(): boolean {
  return process.env.NODE_ENV === "production";
}

export function exitProcess(code: number): never {
  process.exit(code);
}

export function isTerminal(stream: OutputStream): boolean {
  return isatty(descriptors[stream]);
}

/** Width of the terminal, 80 where there is none. */
export function terminalColumns(stream: OutputStream): number {
  const columns = isTerminal(stream) ? process[stream].columns : 0;
  return columns > 0 ? columns : 80;
}

interface Output {
  readonly descriptor: number;
  /** The end of a text that the pipe took only in part: it comes before anything else. */
  rest: Uint8Array;
  stuck: boolean;
}
const outputs: Record<OutputStream, Output> = {
  stdout: { descriptor: descriptors.stdout, rest: new Uint8Array(), stuck: false },
  stderr: { descriptor: descriptors.stderr, rest: new Uint8Array(), stuck: false },
};

/**
 * Writes before it returns, so that nothing is lost when the process exits next. False when the text could not
 * be written: the reader is gone, or it stands still behind a pipe that does not block (one that does holds us
 * up, as it does any program).
 */
export function writeText(stream: OutputStream, text: string): boolean {
  const output = outputs[stream];
  if (output.rest.length > 0) {
    output.rest = writeBytes(output, output.rest);
    if (output.rest.length > 0) return false;
  }
  const bytes = new TextEncoder().encode(text);
  const rest = writeBytes(output, bytes);
  if (rest.length === bytes.length && rest.length > 0) return false;
  output.rest = rest;
  return true;
}

/** Writes what can be written and returns the rest. */
function writeBytes(output: Output, bytes: Uint8Array): Uint8Array {
  let written = 0;
  const startMs = performance.now();
  while (written < bytes.length) {
    try {
      written += writeSync(output.descriptor, bytes, written);
      output.stuck = false;
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") break;
      if (output.stuck || performance.now() - startMs > STUCK_OUTPUT_MS) {
        output.stuck = true;
        break;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return bytes.subarray(written);
}

export function writeLine(stream: OutputStream, line: string): boolean {
  return writeText(stream, `${line}\n`);
}

export interface StopHandlers {
  /** The first signal: finish in good order. */
  onDrain(signal: string): void;
  /** Another one later: there is no more time. The process exits with 1 when this returns. */
  onForce?(signal: string): void;
}

/** Takes over SIGINT and SIGTERM. Install it before saying that the server listens. Returns how to undo it. */
export function onStopSignals(handlers: StopHandlers): () => void {
  let firstAtMs: number | undefined;
  const onSignal = (signal: string): void => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      handlers.onDrain(signal);
    } else if (nowMs - firstAtMs >= REPEATED_SIGNAL_MS) {
      handlers.onForce?.(signal);
      process.exit(1);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return () => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
}

/** What the process has used so far. True on Node, Bun and Deno (heap sizes are not, so they are left out). */
export interface ProcessUsage {
  readonly residentBytes: number;
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
  readonly uptimeSeconds: number;
}

export function processUsage(): ProcessUsage {
  const cpu = process.cpuUsage();
  return {
    residentBytes: process.memoryUsage().rss,
    cpuUserSeconds: cpu.user / 1e6,
    cpuSystemSeconds: cpu.system / 1e6,
    uptimeSeconds: process.uptime(),
  };
}

/** How many files and sockets this process may have open; undefined where nobody says. */
export function openFileLimit(): number | undefined {
  try {
    const [, most] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return most === undefined ? undefined : Number(most);
  } catch {
    return undefined;
  }
}

export function fileExists(path: string | URL): boolean {
  return existsSync(path);
}

export function readTextFile(path: string | URL): string {
  return readFileSync(path, "utf8");
}

export function writeTextFile(path: string | URL, text: string): void {
  writeFileSync(path, text);
}

/** A new file that only this user may read. Throws when there is one already. */
export function createSecretFile(path: string | URL, text: string): void {
  writeFileSync(path, text, { flag: "wx", mode: 0o600 });
}

export function appendTextFile(path: string | URL, text: string): void {
  appendFileSync(path, text);
}

/** The file URL of a path, which may be relative to the working directory. */
export function fileUrl(path: string): URL {
  return pathToFileURL(path);
}
