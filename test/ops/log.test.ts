import { describe, expect, test } from "vitest";
import { createLog, type LogOptions } from "../../src/ops/log.ts";

const startMs = Date.UTC(2030, 0, 2, 3, 4, 5, 678);

function collect(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const time = { ms: startMs };
  const log = createLog({
    format: "json",
    writeLine: (line) => lines.push(line),
    wallClockMs: () => time.ms,
    ...options,
  });
  return {
    log,
    lines,
    time,
    objects: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe("log", () => {
  test("writes one JSON object per line, time, level and event first", () => {
    const { log, lines } = collect();
    log.info("listening", { udp: "udp://127.0.0.1:7777", tickRate: 30 });
    expect(lines).toEqual([
      '{"ts":"2030-01-02T03:04:05.678Z","level":"info","event":"listening","udp":"udp://127.0.0.1:7777","tickRate":30}',
    ]);
  });

  test("is readable on a terminal and lets no field steer it", () => {
    const { log, lines } = collect({ format: "pretty" });
    log.warn("joined", { name: "\u001b[2Jev\u009bil\nx", room: "a b", players: 3 });
    expect(lines).toEqual(['03:04:05 warn  joined name="\\u001b[2Jev\\u009bil\\nx" room="a b" players=3']);
  });

  test("leaves out what is below its level", () => {
    const { log, objects } = collect({ level: "warn" });
    log.debug("a");
    log.info("b");
    log.error("c");
    expect(objects()).toMatchObject([{ level: "error", event: "c" }]);
  });

  test("counts what exceeds an event's rate and says so with its next line", () => {
    const { log, objects, time } = collect({ linesPerSecond: 2 });
    for (let i = 0; i < 1_000; i += 1) log.warn("refused", { i });
    log.warn("other");
    time.ms += 1_000;
    log.warn("refused", { i: "later" });
    log.warn("refused", { i: "again" });
    expect(objects()).toMatchObject([
      { event: "refused", i: 0 },
      { event: "refused", i: 1 },
      { event: "other" },
      { event: "refused", i: "later", suppressed: 998 },
      { event: "refused", i: "again" },
    ]);
    expect(objects()[4]).not.toHaveProperty("suppressed");
  });

  test("tells at the end what it had not told", () => {
    const { log, objects } = collect({ linesPerSecond: 1 });
    for (let i = 0; i < 5; i += 1) log.info("refused");
    log.flush();
    log.flush();
    expect(objects()).toMatchObject([{ event: "refused" }, { event: "refused", suppressed: 4 }]);
  });

  test("goes on when the wall clock is set back", () => {
    const { log, lines, time } = collect({ linesPerSecond: 1 });
    log.info("a");
    time.ms -= 3_600_000;
    log.info("a");
    expect(lines).toHaveLength(2);
  });

  test("stays bounded when events are made up", () => {
    const { log, lines } = collect({ linesPerSecond: 1 });
    for (let i = 0; i < 100_000; i += 1) log.info(`event-${i}`);
    expect(lines.length).toBeLessThanOrEqual(257);
  });

  test("survives odd values", () => {
    const { log, objects } = collect();
    const circle: Record<string, unknown> = { name: "circle" };
    circle.self = circle;
    const throwing = Object.defineProperty({}, "bad", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    let deep: object = {};
    for (let i = 0; i < 10_000; i += 1) deep = { deep };
    log.info("odd", {
      big: 10n,
      nan: Number.NaN,
      none: undefined,
      nil: null,
      symbol: Symbol("s"),
      call: () => 1,
      error: new TypeError("wrong"),
      circle,
      throwing,
      revoked: revoked.proxy,
      deep,
      bytes: new Uint8Array(3),
      map: new Map([["k", 1]]),
      date: new Date(Number.NaN),
      long: "x".repeat(10_000),
      json: {
        toJSON: () => {
          throw new Error("no");
        },
      },
      event: "mine",
      ts: 1,
    });
    const [line] = objects();
    expect(line).toMatchObject({
      event: "odd",
      _event: "mine",
      _ts: 1,
      big: "10",
      nan: "NaN",
      nil: null,
      symbol: "Symbol(s)",
      call: "[function]",
      error: "TypeError: wrong",
      circle: { name: "circle", self: "[circular]" },
      throwing: { bad: "[unreadable]" },
      bytes: "[3 bytes]",
      map: [["k", 1]],
      date: "Invalid Date",
    });
    expect(line).not.toHaveProperty("none");
    expect(JSON.stringify(line).length).toBeLessThan(4_000);
  });

  test("survives fields that are no fields", () => {
    const { log, lines } = collect();
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    log.info("odd", revoked.proxy);
    expect(lines).toHaveLength(1);
  });
});
