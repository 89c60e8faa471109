import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressBudgets } from "../../../src/net/connection/address-budgets.ts";
import { PeerBudget } from "../../../src/net/connection/peer-budget.ts";
import { TokenBucket } from "../../../src/net/connection/token-bucket.ts";

describe("TokenBucket", () => {
  test("never gives more than its burst and its rate allow, and never less", () => {
    const asks = fc.array(fc.record({ afterMs: fc.nat(30), amount: fc.integer({ min: 0, max: 6 }) }), {
      maxLength: 200,
      size: "max",
    });
    fc.assert(
      fc.property(asks, fc.nat(1e9), (list, startMs) => {
        // 125 per second are an eighth per ms, which both number systems hold exactly.
        const bucket = new TokenBucket(125, 10);
        let [nowMs, eighths] = [startMs, 10 * 8];
        for (const { afterMs, amount } of list) {
          nowMs += afterMs;
          eighths = Math.min(10 * 8, eighths + afterMs);
          const isThere = eighths >= amount * 8;
          if (isThere) eighths -= amount * 8;
          expect(bucket.take(amount, nowMs)).toBe(isThere);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("a clock that stands or steps back gives nothing", () => {
    const bucket = new TokenBucket(1_000, 2);
    expect([bucket.take(2, 1_000), bucket.take(1, 1_000), bucket.take(1, 500)]).toEqual([true, false, false]);
  });
});

describe("PeerBudget", () => {
  const limits = {
    ...{ messagesPerSecond: 10, messagesAtOnce: 20, bytesPerSecond: 1_000, bytesAtOnce: 2_000 },
    parseErrorsPerMinute: 6,
  };

  test("each account is overdrawn by one more than it holds, for its own reason", () => {
    const accounts = [
      ["flooding", 20, (budget: PeerBudget) => budget.message()],
      ["flooding", 2_000, (budget: PeerBudget) => budget.packet(1)],
      ["protocol-error", 6, (budget: PeerBudget) => budget.parseError()],
    ] as const;
    for (const [reason, atOnce, spend] of accounts) {
      const budget = new PeerBudget(limits);
      for (let i = 0; i < atOnce; i += 1) {
        spend(budget);
        expect(budget.overdrawn(0)).toBeUndefined();
      }
      spend(budget);
      expect(budget.overdrawn(0)).toBe(reason);
    }
  });

  test("what is spent comes back with time, parse errors slowest", () => {
    const budget = new PeerBudget(limits);
    for (let i = 0; i < 6; i += 1) budget.parseError();
    expect(budget.overdrawn(0)).toBeUndefined();
    budget.parseError();
    expect(budget.overdrawn(9_999)).toBe("protocol-error");
    budget.parseError();
    expect(budget.overdrawn(10_000)).toBeUndefined();
  });

  test("whoever breaks the protocol and floods is told the former", () => {
    const budget = new PeerBudget(limits);
    for (let i = 0; i < 30; i += 1) {
      budget.message();
      budget.parseError();
    }
    expect(budget.overdrawn(0)).toBe("protocol-error");
  });
});

describe("AddressBudgets", () => {
  test("so many at once, so many a second, for each address of its own", () => {
    const budgets = new AddressBudgets(10, 3, 12_345);
    const [a, b] = [
      { host: "10.0.0.1", port: 1 },
      { host: "10.0.0.2", port: 1 },
    ];
    const takes = (nowMs: number) => Array.from({ length: 5 }, () => budgets.take(a, nowMs));
    expect(takes(0)).toEqual([true, true, true, false, false]);
    expect(budgets.take(b, 0)).toBe(true);
    expect(takes(200)).toEqual([true, true, false, false, false]);
    expect(takes(100_000)).toEqual([true, true, true, false, false]);
    expect(budgets.take({ ...a, port: 2 }, 100_000)).toBe(false); // a port is not another address
  });

  test("of IPv6 the first 64 bits count", () => {
    const budgets = new AddressBudgets(1, 1, 99);
    expect(budgets.take({ host: "2001:db8:1:2:aaaa::1", port: 1 }, 0)).toBe(true);
    expect(budgets.take({ host: "2001:db8:1:2:bbbb::2", port: 1 }, 0)).toBe(false);
    expect(budgets.take({ host: "2001:db8:1:3:aaaa::1", port: 1 }, 0)).toBe(true);
    // Zeros left out are the same network; the last groups are not the first.
    expect(budgets.take({ host: "2001:db8::1", port: 1 }, 0)).toBe(true);
    expect(budgets.take({ host: "2001:db8::2:0:0:0", port: 1 }, 0)).toBe(false);
    expect(budgets.take({ host: "::1", port: 1 }, 0)).toBe(true);
  });

  test("which addresses share depends on the secret", () => {
    const hosts = Array.from({ length: 400 }, (_, n) => `10.7.${n >> 8}.${n & 255}`);
    const starved = (secret: number): string => {
      const budgets = new AddressBudgets(1, 1, secret);
      return hosts.filter((host) => !budgets.take({ host, port: 1 }, 0)).join();
    };
    const [one, two] = [starved(1), starved(2)];
    expect(one).not.toBe("");
    expect(one).not.toBe(two);
    expect(starved(1)).toBe(one);
    // Spread well: of 400 addresses in 4,096 slots about 19 share.
    expect(one.split(",").length).toBeLessThan(50);
  });
});
