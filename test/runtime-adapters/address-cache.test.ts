import { describe, expect, it } from "vitest";
import { AddressCache, mappedHost, plainHost } from "../../src/runtime-adapters/address-cache.ts";

describe("AddressCache", () => {
  it("hands out one object per peer", () => {
    const cache = new AddressCache();
    const first = cache.intern("10.0.0.1", 5);
    expect(cache.intern("10.0.0.1", 5)).toBe(first);
    expect(first).toEqual({ host: "10.0.0.1", port: 5 });
    expect(cache.intern("10.0.0.1", 6)).toEqual({ host: "10.0.0.1", port: 6 });
    expect(cache.intern("10.0.0.2", 5)).toEqual({ host: "10.0.0.2", port: 5 });
  });

  it("carries a talking peer through a flood of strangers, and forgets a silent one", () => {
    const cache = new AddressCache(100);
    const talking = cache.intern("10.0.0.1", 1);
    const silent = cache.intern("10.0.0.2", 2);
    for (let port = 1; port <= 1_000; port += 1) {
      cache.intern("192.0.2.1", port);
      expect(cache.intern("10.0.0.1", 1)).toBe(talking);
    }
    expect(cache.intern("10.0.0.2", 2)).not.toBe(silent);
  });

  it("gives a mapped IPv4 peer its plain spelling, and nothing else", () => {
    expect(new AddressCache().intern("::ffff:127.0.0.1", 1).host).toBe("127.0.0.1");
    expect(plainHost("::1")).toBe("::1");
    expect(plainHost("::ffff:1")).toBe("::ffff:1");
    expect(mappedHost("127.0.0.1")).toBe("::ffff:127.0.0.1");
    expect(mappedHost("fe80::1%eth0")).toBe("fe80::1%eth0");
  });
});
