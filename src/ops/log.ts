export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

/** Says what happened as events with fields, never as prose. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Says how many lines were suppressed and not yet told. Call it before the end. */
  flush(): void;
}

export interface LogOptions {
  readonly format: "json" | "pretty";
  /** Takes one line without its end. It should write before it returns: the process may exit next. */
  readonly writeLine: (line: string) => void;
  /** Lines below this level are not written. Default "info". */
  readonly level?: LogLevel;
  /** How many lines an event may write per second; the rest is counted. Default 10. */
  readonly linesPerSecond?: number;
  /** Wall-clock time in milliseconds since 1970. */
  readonly wallClockMs?: () => number;
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];
const reserved = new Set(["ts", "level", "event", "suppressed"]);
/** Events are names in our source; if one is ever built from a peer's bytes, memory stays bounded. */
const MAX_EVENTS = 256;
const MAX_DEPTH = 5;
const MAX_ITEMS = 100;
const MAX_TEXT = 2_000;

interface EventWindow {
  startMs: number;
  lines: number;
  suppressed: number;
}

/** A log whose lines are bounded per event: what a stranger can provoke is counted, not printed. */
export function createLog(options: LogOptions): Log {
  const now = options.wallClockMs ?? Date.now;
  const linesPerSecond = options.linesPerSecond ?? 10;
  const lowest = levels.indexOf(options.level ?? "info");
  const windows = new Map<string, EventWindow>();
  const format = options.format === "json" ? formatJson : formatPretty;

  const write = (level: LogLevel, event: string, fields: LogFields | undefined): void => {
    if (levels.indexOf(level) < lowest) return;
    const nowMs = now();
    const name = windows.has(event) || windows.size < MAX_EVENTS ? event : "too-many-events";
    let window = windows.get(name);
    if (window === undefined) {
      window = { startMs: nowMs, lines: 0, suppressed: 0 };
      windows.set(name, window);
    }
    // A wall clock may be set back; that opens a new window too.
    const age = nowMs - window.startMs;
    if (age >= 1_000 || age < 0) {
      window.startMs = nowMs;
      window.lines = 0;
    }
    if (window.lines >= linesPerSecond) {
      window.suppressed += 1;
      return;
    }
    window.lines += 1;
    const { suppressed } = window;
    window.suppressed = 0;
    options.writeLine(format(nowMs, level, name, plainFields(fields), suppressed));
  };

  return {
    debug: (event, fields) => write("debug", event, fields),
    info: (event, fields) => write("info", event, fields),
    warn: (event, fields) => write("warn", event, fields),
    error: (event, fields) => write("error", event, fields),
    flush() {
      for (const [event, window] of windows) {
        if (window.suppressed === 0) continue;
        options.writeLine(format(now(), "info", event, {}, window.suppressed));
        window.suppressed = 0;
      }
    },
  };
}

/** A log that says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, flush() {} };

function formatJson(
  ms: number,
  level: LogLevel,
  event: string,
  fields: Record<string, unknown>,
  suppressed: number,
): string {
  return JSON.stringify({ ts: isoTime(ms), level, event, ...fields, ...(suppressed > 0 && { suppressed }) });
}

function formatPretty(
  ms: number,
  level: LogLevel,
  event: string,
  fields: Record<string, unknown>,
  suppressed: number,
): string {
  let line = `${isoTime(ms).slice(11, 19)} ${level.padEnd(5)} ${event}`;
  for (const [key, value] of Object.entries(fields)) {
    const bare = typeof value === "string" && /^[^\s"=]+$/.test(value);
    line += ` ${key}=${bare ? value : JSON.stringify(value)}`;
  }
  if (suppressed > 0) line += ` suppressed=${suppressed}`;
  // A player's name must not move the cursor or colour the operator's terminal.
  return line.replace(
    /[\p{Cc}\p{Cf}]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}

function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

function plainFields(fields: LogFields | undefined): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  if (fields === undefined) return plain;
  for (const key of keysOf(fields)) {
    const value = readField(fields, key, 0, []);
    if (value !== undefined) plain[reserved.has(key) ? `_${key}` : key] = value;
  }
  return plain;
}

function keysOf(value: object): string[] {
  try {
    return Object.keys(value).slice(0, MAX_ITEMS);
  } catch {
    return [];
  }
}

function readField(holder: object, key: string, depth: number, above: readonly object[]): unknown {
  try {
    return plainValue((holder as Record<string, unknown>)[key], depth, above);
  } catch {
    return "[unreadable]";
  }
}

/** What JSON can say of a value; everything else becomes a short text. */
function plainValue(value: unknown, depth: number, above: readonly object[]): unknown {
  if (value === undefined || value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value === "function") return "[function]";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (above.includes(value)) return "[circular]";
  if (depth >= MAX_DEPTH) return "[deep]";
  const path = [...above, value];
  if (value instanceof Error) return plainValue(`${value.name}: ${value.message}`, depth, path);
  if (value instanceof Map) return plainValue([...value], depth, path);
  if (value instanceof Set) return plainValue([...value], depth, path);
  if (Array.isArray(value)) {
    return value
      .slice(0, MAX_ITEMS)
      .map((_, index) => readField(value, String(index), depth + 1, path) ?? null);
  }
  const plain: Record<string, unknown> = {};
  for (const key of keysOf(value)) {
    const inner = readField(value, key, depth + 1, path);
    if (inner !== undefined) plain[key] = inner;
  }
  return plain;
}
