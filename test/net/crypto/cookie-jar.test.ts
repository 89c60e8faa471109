import { describe, expect, test } from "vitest";
import { CookieJar } from "../../../src/net/crypto/cookie-jar.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";
import type { Hello } from "../../../src/net/wire/handshake-packets.ts";
import { seeded } from "../endpoint/rig.ts";

const sodium = await loadSodium();
const hello: Hello = {
  minVersion: 1,
  maxVersion: 1,
  definitionHash: new Uint8Array(32).fill(1),
  clientRandom: new Uint8Array(16).fill(2),
  clientKey: new Uint8Array(32).fill(3),
};
const from = { host: "10.0.0.9", port: 4_000 };

function jar(seed = 1): CookieJar {
  const random = seeded(seed);
  return new CookieJar(sodium, (into) => {
    for (let i = 0; i < into.length; i += 1) into[i] = Math.floor(random() * 256);
  });
}

describe("CookieJar", () => {
  test.each([0, 29_999, 30_000, 1e9])("a cookie of %i ms lives for five seconds", (issuedAtMs) => {
    const cookies = jar();
    const cookie = cookies.issue(hello, from, issuedAtMs);
    expect(cookie).toHaveLength(16);
    for (const [ageMs, verdict] of [
      [0, "good"],
      [5_000, "good"],
      [5_001, "expired"],
      [1e6, "expired"],
    ] as const) {
      expect(cookies.check(hello, from, issuedAtMs, cookie, issuedAtMs + ageMs)).toBe(verdict);
    }
  });

  test("it is good for its HELLO, its address and its time only", () => {
    const cookies = jar();
    const cookie = cookies.issue(hello, from, 1_000);
    const check = (of: Partial<Hello>, address = from, issuedAtMs = 1_000) =>
      cookies.check({ ...hello, ...of }, address, issuedAtMs, cookie, 2_000);
    expect(check({})).toBe("good");
    expect(check({ maxVersion: 2 })).toBe("forged");
    expect(check({ clientRandom: new Uint8Array(16) })).toBe("forged");
    expect(check({ clientKey: new Uint8Array(32) })).toBe("forged");
    expect(check({ definitionHash: new Uint8Array(32) })).toBe("forged");
    expect(check({}, { ...from, port: 4_001 })).toBe("forged");
    expect(check({}, { ...from, host: "10.0.0.8" })).toBe("forged");
    expect(check({}, from, 1_001)).toBe("forged");
    expect(check({}, from, 2_001)).toBe("forged"); // from the future
    for (let bit = 0; bit < 128; bit += 1) {
      const altered = cookie.with(bit >> 3, cookie[bit >> 3]! ^ (1 << (bit & 7)));
      expect(cookies.check(hello, from, 1_000, altered, 2_000)).toBe("forged");
    }
    expect(cookies.check(hello, from, 1_000, cookie.subarray(0, 15), 2_000)).toBe("forged");
  });

  test("secrets change with epochs, and another server has others", () => {
    const cookies = jar();
    const early = cookies.issue(hello, from, 1_000);
    cookies.issue(hello, from, 31_000);
    cookies.issue(hello, from, 61_000);
    expect(cookies.issue(hello, from, 1_000)).not.toEqual(early);
    expect(jar(2).check(hello, from, 1_000, early, 1_500)).toBe("forged");
  });
});
