import { describe, expect, test } from "vitest";
import { openConnectToken } from "../../src/net/crypto/connect-token.ts";
import { loadSodium } from "../../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken as issueConnectToken } from "../../src/net/crypto/token-issuer.ts";
import { formatKey, formatToken, parseToken } from "../../src/net/crypto/token-text.ts";
import {
  createKey,
  inspectToken,
  issueDevelopmentToken,
  issueToken,
  keyIdOf,
  readKeys,
  type TokenRequest,
} from "../../src/token-door.ts";

const sodium = await loadSodium();
const [oldKey, newKey] = [createKey(), createKey()];
const keys = readKeys(`# two\n\n${newKey} # the first issues\n  ${oldKey}\r\n`);
const request: TokenRequest = {
  playerId: "player-7",
  audience: "eu-west",
  room: "duel",
  name: "Ada",
  userData: Uint8Array.of(1, 2, 3),
};

describe("keys", () => {
  test("are fresh each time, and read back in order", () => {
    expect(oldKey).toMatch(/^twkey1\.[\w-]{6}\.[\w-]{43}$/);
    expect(oldKey).not.toBe(newKey);
    expect(keys.map((key) => formatKey(sodium, key))).toEqual([newKey, oldKey]);
    expect(keyIdOf(keys[0])).toBe(newKey.split(".")[1]);
  });

  const secret = newKey.split(".")[2]!;
  const wrong: [name: string, text: string, sentence: string][] = [
    ["nothing", "", "there is no key in it"],
    ["comments alone", "# a\n\n#b", "there is no key in it"],
    ["a damaged key", `${oldKey}\n${newKey}x`, "line 2 is no key: it should look like twkey1.….…"],
    ["a token", issueDevelopmentToken(), "line 1 is no key: it should look like twkey1.….…"],
    ["two on a line", `${oldKey} ${newKey}`, "line 1 is no key: it should look like twkey1.….…"],
    ["the same twice", `${newKey}\n\n${newKey}`, "line 3 has the id of a key above it"],
    [
      "the development key",
      formatKey(sodium, DEVELOPMENT_KEY),
      "line 1 is the development key, which is no secret",
    ],
    [
      "the development key by another name",
      formatKey(sodium, { ...DEVELOPMENT_KEY, id: keys[0].id }),
      "line 1 is the development key, which is no secret",
    ],
  ];
  test.each(wrong)("are not read from %s", (_name, text, sentence) => {
    expect(() => readKeys(text)).toThrow(new RangeError(sentence));
    expect(sentence).not.toContain(secret);
  });
});

describe("tokens", () => {
  test("say what was asked for, to servers that know the key", () => {
    const token = issueToken(keys[0], { ...request, lifetimeSeconds: 120 });
    const beforeMs = Date.now();
    expect(token).toMatch(/^tw1\.[\w-]+\.[\w-]{43}$/);
    const inspection = inspectToken(token, keys);
    expect(inspection).toMatchObject({
      status: "valid",
      keyId: keyIdOf(keys[0]),
      claims: {
        playerId: "player-7",
        audience: "eu-west",
        room: "duel",
        name: "Ada",
        userData: Uint8Array.of(1, 2, 3),
      },
    });
    if (inspection.status !== "valid") throw new Error("not valid");
    expect(Math.abs(inspection.claims.expiresAt.getTime() - beforeMs - 120_000)).toBeLessThan(2_000);
    expect(openConnectToken(sodium, keys, parseToken(sodium, token)!.sealed)).toMatchObject({ name: "Ada" });
  });

  test("never show the part that proves whose they are", () => {
    const token = issueToken(keys[0], request);
    const tokenKey = token.split(".")[2]!;
    for (const shown of [inspectToken(token), inspectToken(token, keys)]) {
      expect(JSON.stringify(shown)).not.toContain(tokenKey);
      expect(JSON.stringify(shown)).not.toContain("tokenKey");
    }
  });

  test("have defaults that suit a server without options", () => {
    expect(inspectToken(issueToken(keys[1]!), keys)).toMatchObject({
      status: "valid",
      keyId: keyIdOf(keys[1]!),
      claims: { playerId: "", audience: "tickwire", room: "", name: "", userData: new Uint8Array(0) },
    });
    expect(inspectToken(issueDevelopmentToken(), keys)).toEqual({ status: "unknown-key", keyId: "AAAAAA" });
  });

  test("hold the largest claims that are allowed, and servers read them", () => {
    const token = issueToken(keys[0], {
      playerId: "ä".repeat(32),
      audience: "b".repeat(64),
      room: "c".repeat(64),
      name: "d".repeat(24),
      userData: new Uint8Array(256),
      lifetimeSeconds: 86_400,
    });
    expect(inspectToken(token, keys).status).toBe("valid");
  });

  const tooMuch: [TokenRequest, string][] = [
    [{ playerId: "ä".repeat(33) }, "playerId must be text of at most 64 bytes"],
    [{ audience: "b".repeat(65) }, "audience must be text of at most 64 bytes"],
    [{ room: "c".repeat(65) }, "room must be text of at most 64 bytes"],
    [{ name: "d".repeat(25) }, "name must be text of at most 24 bytes"],
    [{ name: "\ud800" }, "name must be text of at most 24 bytes"],
    [{ playerId: 7 as unknown as string }, "playerId must be text of at most 64 bytes"],
    [{ userData: new Uint8Array(257) }, "userData must be at most 256 bytes"],
    [{ userData: "abc" as unknown as Uint8Array }, "userData must be at most 256 bytes"],
    [{ lifetimeSeconds: 0 }, "lifetimeSeconds must be a whole number from 1 to 86400"],
    [{ lifetimeSeconds: 1.5 }, "lifetimeSeconds must be a whole number from 1 to 86400"],
    [{ lifetimeSeconds: 86_401 }, "lifetimeSeconds must be a whole number from 1 to 86400"],
  ];
  test.each(tooMuch)("are not issued for %j", (wrong, sentence) => {
    expect(() => issueToken(keys[0], wrong)).toThrow(new RangeError(sentence));
  });
});

describe("inspecting", () => {
  const token = issueToken(keys[0], request);
  const [, sealed, tokenKey] = token.split(".") as [string, string, string];

  test("without keys tells which key it needs", () => {
    expect(inspectToken(token)).toEqual({ status: "sealed", keyId: keyIdOf(keys[0]) });
  });

  test("tells a key it does not have, a forgery and a false half", () => {
    expect(inspectToken(token, [keys[1]!])).toEqual({ status: "unknown-key", keyId: keyIdOf(keys[0]) });
    const imposter = { id: keys[0].id, key: keys[1]!.key };
    expect(inspectToken(token, [imposter]).status).toBe("forged");
    const other = issueToken(keys[0]).split(".")[2]!;
    expect(inspectToken(`tw1.${sealed}.${other}`, keys).status).toBe("mismatched");
  });

  test("tells an expired one, and what it said", () => {
    const expired = issueConnectToken(sodium, (into) => into.fill(1), keys[0], request, Date.now() - 75_000);
    expect(inspectToken(formatToken(sodium, expired), keys)).toMatchObject({
      status: "expired",
      claims: { playerId: "player-7" },
    });
    // Servers allow clocks to differ by ten seconds.
    const justSo = issueConnectToken(sodium, (into) => into.fill(1), keys[0], request, Date.now() - 65_000);
    expect(inspectToken(formatToken(sodium, justSo), keys).status).toBe("valid");
  });

  test.each([
    "",
    "tw1",
    "tw1..",
    `tw2.${sealed}.${tokenKey}`,
    `tw1.${sealed}`,
    `tw1.${tokenKey}.${tokenKey}`,
    newKey,
  ])("knows that '%s' is none", (text) => {
    expect(inspectToken(text, keys)).toEqual({ status: "malformed" });
    expect(inspectToken(text)).toEqual({ status: "malformed" });
  });
});
