import { describe, expect, test } from "vitest";
import { PeerPath } from "../../../src/net/connection/peer-path.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

const HOME = { host: "10.1.0.1", port: 4000 };
const AWAY = { host: "10.2.0.1", port: 5000 };
const THIRD = { host: "2001:db8::3", port: 6000 };

function fresh() {
  const counters = newNetCounters();
  let draws = 0;
  const path = new PeerPath({
    address: HOME,
    counters,
    random: (into) => {
      draws += 1;
      into.fill(draws);
    },
  });
  return { path, counters, draws: () => draws };
}
const bytesOf = (n: number): Uint8Array => new Uint8Array(8).fill(n);

describe("PeerPath", () => {
  test("moves to where the answer to its challenge came from, and nowhere else", () => {
    const { path, counters } = fresh();
    path.heard(AWAY, true, 100, 0);
    expect(path.due(0)).toMatchObject({ address: AWAY, data: bytesOf(1) });
    expect(path.address).toBe(HOME);
    for (const [from, data] of [
      [HOME, bytesOf(1)],
      [THIRD, bytesOf(1)],
      [{ ...AWAY, port: 5001 }, bytesOf(1)],
      [AWAY, bytesOf(2)],
    ] as const) {
      path.answered(from, data, 0);
      expect(path.address).toBe(HOME);
    }
    expect(counters.pathAnswersIgnored).toBe(4);
    expect(path.answered({ ...AWAY }, Uint8Array.of(9, ...bytesOf(1)), 1)).toBe("host");
    expect(path.address).toEqual(AWAY);
    expect(path.due(1)).toBeUndefined();
    path.answered(AWAY, bytesOf(1), 0);
    expect(counters).toMatchObject({ pathsAsked: 1, pathsProven: 1, pathAnswersIgnored: 5 });
  });

  test("another port is another address, and the same host", () => {
    const { path } = fresh();
    path.heard({ ...HOME, port: 4001 }, true, 100, 0);
    expect(path.answered({ ...HOME, port: 4001 }, bytesOf(1), 0)).toBe("port");
    expect(path.address.port).toBe(4001);
  });

  test("only the highest packet starts a path, and the highest by the present one ends it", () => {
    const { path, draws } = fresh();
    path.heard(AWAY, false, 1_000, 0);
    expect([path.due(0), draws()]).toEqual([undefined, 0]);
    path.heard(AWAY, true, 100, 0);
    path.heard(HOME, false, 100, 1);
    expect(path.due(1)).toBeDefined();
    path.heard(HOME, true, 100, 2);
    expect(path.due(2)).toBeUndefined();
  });

  test("asks again with back-off, never more than three times the bytes received, and gives up", () => {
    const { path } = fresh();
    path.heard(AWAY, true, 29, 0);
    const sentAtMs: number[] = [];
    const askUpTo = (endMs: number): void => {
      for (let nowMs = sentAtMs.at(-1) ?? 0; nowMs <= endMs; nowMs += 10) {
        if (path.due(nowMs) === undefined) continue;
        path.sent(40, nowMs);
        sentAtMs.push(nowMs);
      }
    };
    askUpTo(2_000);
    // 87 bytes: a second packet of up to 64 would be too much.
    expect(sentAtMs).toEqual([0]);
    path.heard(AWAY, false, 1_000, 2_000);
    const { path: talker } = fresh();
    talker.heard(AWAY, true, 10_000, 0);
    sentAtMs.length = 0;
    for (let nowMs = 0; nowMs <= 10_000; nowMs += 10) {
      if (talker.due(nowMs) === undefined) continue;
      talker.sent(48, nowMs);
      sentAtMs.push(nowMs);
    }
    expect(sentAtMs).toEqual([0, 200, 600, 1_400, 3_000]);
    // Too late.
    talker.answered(AWAY, bytesOf(1), 0);
    expect(talker.address).toBe(HOME);
  });

  test("a third address may take the second's place, four in a row and then one a second", () => {
    const { path, counters, draws } = fresh();
    for (let i = 0; i < 1_000; i += 1) {
      path.heard({ host: "10.9.0.1", port: 1_000 + i }, true, 100, i * 10);
    }
    // Four, and one for each of ten seconds.
    expect(counters.pathsAsked).toBeGreaterThanOrEqual(13);
    expect(counters.pathsAsked).toBeLessThanOrEqual(14);
    expect(draws()).toBe(counters.pathsAsked);
  });

  test("tries so many packets from elsewhere a second; without randomness none", () => {
    const { path } = fresh();
    const tried = (nowMs: number) =>
      Array.from({ length: 1_000 }, () => path.mayOpen(nowMs)).filter(Boolean).length;
    expect([tried(0), tried(0), tried(500), tried(10_000)]).toEqual([256, 0, 128, 256]);
    expect(new PeerPath({ address: HOME, counters: newNetCounters() }).mayOpen(0)).toBe(false);
  });
});
