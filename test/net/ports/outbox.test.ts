import { describe, expect, it } from "vitest";
import { MAX_DATAGRAM_BYTES } from "../../../src/net/bytes/datagram-limit.ts";
import { Outbox } from "../../../src/net/ports/outbox.ts";

const home = { host: "127.0.0.1", port: 1 };
const away = { host: "::1", port: 2 };

describe("Outbox", () => {
  it("keeps datagrams in order with their lengths and addresses", () => {
    const outbox = new Outbox();
    for (const [length, to] of [
      [3, home],
      [1200, away],
      [0, home],
    ] as const) {
      outbox.open().fill(length & 0xff, 0, length);
      outbox.commit(length, to);
    }
    expect(outbox.length).toBe(3);
    expect([0, 1, 2].map((i) => outbox.lengthOf(i))).toEqual([3, 1200, 0]);
    expect([0, 1, 2].map((i) => outbox.addressOf(i))).toEqual([home, away, home]);
    expect(outbox.bytesOf(0).subarray(0, 4)).toEqual(Uint8Array.of(3, 3, 3, 0));
    expect(outbox.bytesOf(1).length).toBe(MAX_DATAGRAM_BYTES);
  });

  it("hands an uncommitted slot out again, and all slots after clear", () => {
    const outbox = new Outbox();
    const first = outbox.open();
    expect(outbox.open()).toBe(first);
    outbox.commit(1, home);
    const second = outbox.open();
    expect(second).not.toBe(first);
    outbox.commit(1, home);
    outbox.clear();
    expect(outbox.length).toBe(0);
    expect(outbox.open()).toBe(first);
    outbox.commit(2, away);
    expect(outbox.open()).toBe(second);
    expect([outbox.lengthOf(0), outbox.addressOf(0)]).toEqual([2, away]);
  });

  it("gives surrendered memory away for good", () => {
    const outbox = new Outbox();
    const lent = outbox.open();
    lent.fill(7);
    outbox.commit(10, home);
    outbox.surrender(0);
    outbox.clear();
    const fresh = outbox.open();
    expect(fresh).not.toBe(lent);
    expect(fresh.length).toBe(MAX_DATAGRAM_BYTES);
    fresh.fill(9);
    expect(lent.every((byte) => byte === 7)).toBe(true);
  });
});
