import { describe, expect, test } from "vitest";
import { denyKey } from "../../src/net/crypto/connect-proof.ts";
import { CookieJar } from "../../src/net/crypto/cookie-jar.ts";
import { concatenated, deriveSessionKeys } from "../../src/net/crypto/session-keys.ts";
import type { ClientEndpoint } from "../../src/net/endpoint/client-endpoint.ts";
import type { ServerEndpoint } from "../../src/net/endpoint/server-endpoint.ts";
import { TOKEN_ADVICE } from "../../src/net/wire/handshake-packets.ts";
import { sodium } from "../net/endpoint/rig.ts";
import { replayed } from "./draws.ts";
import handshake from "./handshake.json" with { type: "json" };
import { hex, unhex, withFlips } from "./hex.ts";
import { plainKey } from "./source/handshake-vectors.ts";
import { ARENA, flushed, give, newClient, newServer, START_MS, TYPES } from "./source/wire.ts";

const { accept, denials } = handshake;
type Vector = Pick<typeof accept, "serverDrawn" | "clientRandom" | "clientSecret" | "token" | "tokenKey">;

function ends(vector: Vector, options: Parameters<typeof newServer>[1] = {}) {
  const server = newServer(replayed(vector.serverDrawn), options);
  const token = { sealed: unhex(vector.token), tokenKey: unhex(vector.tokenKey) };
  const client = newClient(replayed([vector.clientRandom, vector.clientSecret]), token);
  client.start(START_MS);
  return { server, client };
}

/** What `from` sends now, handed to `to`. */
function pass(from: ServerEndpoint | ClientEndpoint, to: ServerEndpoint | ClientEndpoint): Uint8Array {
  const sent = flushed(from, START_MS);
  expect(sent).toHaveLength(1);
  give(to, sent[0]!, START_MS);
  return sent[0]!;
}

/** Every flip of `bytes` reaches `to` and is refused. */
function expectFlipsRefused(to: ServerEndpoint | ClientEndpoint, bytes: Uint8Array): void {
  const before = to.counters.accepted;
  for (const { flipped, bit } of withFlips(bytes)) {
    give(to, flipped, START_MS);
    expect({ bit, accepted: to.counters.accepted }).toEqual({ bit, accepted: before });
    flushed(to, START_MS);
  }
}

describe("a handshake that ends well", () => {
  test("both ends send these bytes", () => {
    const { server, client } = ends(accept);
    const hello = pass(client, server);
    expect(hello).toHaveLength(accept.helloBytes);
    expect(hex(hello.subarray(0, 94))).toBe(accept.helloStart);
    expect(hello.subarray(94).every((byte) => byte === 0)).toBe(true);
    expect(hex(pass(server, client))).toBe(accept.cookie);
    expect(hex(pass(client, server))).toBe(accept.connect);
    expect(hex(pass(server, client))).toBe(accept.answer);
    expect(client.connection.state).toBe("connected");
    expect(client.connection.tick).toBe(accept.serverTick);
  });

  test("the keys follow from the packets", () => {
    const secret = unhex(accept.clientSecret);
    expect(hex(sodium.publicKey(secret))).toBe(accept.clientKey);
    expect(hex(sodium.publicKey(unhex(accept.serverSecret)))).toBe(accept.serverKey);
    const serverKey = unhex(accept.serverKey);
    const shared = sodium.sharedSecret(secret, serverKey)!;
    expect(hex(shared)).toBe(accept.shared);
    const packets = [unhex(accept.cookie), unhex(accept.connect)] as const;
    expect(hex(sodium.hash(32, concatenated(...packets, serverKey)))).toBe(accept.transcript);
    const keys = deriveSessionKeys(sodium, unhex(accept.tokenKey), shared, ...packets, serverKey);
    expect([plainKey(keys.toServer), plainKey(keys.toClient)]).toEqual([accept.toServer, accept.toClient]);
    const cipher = sodium.packetCipher();
    const end = cipher.open(unhex(accept.answer), 33, keys.toClient, 0);
    expect(hex(cipher.opened.subarray(33, end))).toBe(accept.acceptBody);
    expect(accept.connect.endsWith(accept.proof)).toBe(true);
  });

  test("every flip of CONNECT and of ACCEPT is refused", () => {
    const { server, client } = ends(accept);
    pass(client, server);
    pass(server, client);
    const connect = flushed(client, START_MS)[0]!;
    expectFlipsRefused(server, connect);
    give(server, connect, START_MS);
    const answer = flushed(server, START_MS)[0]!;
    expect(hex(answer)).toBe(accept.answer);
    expectFlipsRefused(client, answer);
    give(client, answer, START_MS);
    expect(client.connection.state).toBe("connected");
  });

  test("every flip of HELLO is refused or leads to another COOKIE", () => {
    const { server, client } = ends(accept);
    const hello = pass(client, server);
    expect(hex(flushed(server, START_MS)[0]!)).toBe(accept.cookie);
    for (const { flipped, bit } of withFlips(hello.subarray(0, 94))) {
      const whole = new Uint8Array(1200);
      whole.set(flipped);
      give(server, whole, START_MS);
      const [answer] = flushed(server, START_MS);
      expect({ bit, same: answer !== undefined && hex(answer) === accept.cookie }).toEqual({
        bit,
        same: false,
      });
    }
  });

  test("after any flip of COOKIE the ACCEPT does not open", () => {
    for (const { flipped, bit } of withFlips(unhex(accept.cookie))) {
      const { client } = ends(accept);
      flushed(client, START_MS);
      give(client, flipped, START_MS);
      // Another lowest version of the server's gives the same CONNECT: the transcript tells.
      flushed(client, START_MS);
      give(client, unhex(accept.answer), START_MS);
      const { state } = client.connection;
      expect({ bit, isIn: state === "connected" }).toEqual({ bit, isIn: false });
    }
  });
});

describe.each(denials)("a denial: $reason", (vector) => {
  const options = vector.reason === "full" ? { maxConnections: 0 } : { definition: TYPES };

  test("both ends send these bytes, and the client is told", () => {
    const { server, client } = ends(vector, options);
    pass(client, server);
    expect(hex(pass(server, client))).toBe(vector.cookie);
    expect(hex(pass(client, server))).toBe(vector.connect);
    const answer = flushed(server, START_MS)[0]!;
    expect(hex(answer)).toBe(vector.answer);
    expectFlipsRefused(client, answer);
    expect(client.connection.state).toBe("connecting");
    client.receive(answer, { host: "127.0.0.1", port: 7777 }, START_MS);
    expect(client.nextEvent()).toMatchObject({ kind: "disconnected", reason: vector.reason, by: "peer" });
  });

  test("the body opens under the deny key", () => {
    const key = denyKey(sodium, unhex(vector.tokenKey));
    expect(hex(key)).toBe(vector.denyKey);
    const cipher = sodium.packetCipher();
    const answer = unhex(vector.answer);
    const end = cipher.open(answer, 29, { key, iv: answer.slice(17, 29) }, 0);
    expect(hex(cipher.opened.subarray(29, end))).toBe(vector.denyBody);
    expect(answer.length).toBeLessThanOrEqual(vector.connect.length / 2);
  });
});

describe("the rest", () => {
  test.each(handshake.cookies)("a cookie for $host", ({ secret, fields, host, port, issuedAtMs, cookie }) => {
    const bytes = unhex(fields);
    const hello = {
      minVersion: 1,
      maxVersion: 1,
      definitionHash: bytes.slice(4, 36),
      clientRandom: bytes.slice(38, 54),
      clientKey: bytes.slice(56, 88),
    };
    expect(hex(hello.definitionHash)).toBe(hex(ARENA.hash));
    const jar = new CookieJar(sodium, (into) => into.set(unhex(secret)));
    expect(hex(jar.issue(hello, { host, port }, issuedAtMs))).toBe(cookie);
    const check = (from: { host: string; port: number }, nowMs: number): string =>
      jar.check(hello, from, issuedAtMs, unhex(cookie), nowMs);
    expect(check({ host, port }, issuedAtMs + 5_000)).toBe("good");
    expect(check({ host, port }, issuedAtMs + 5_001)).toBe("expired");
    expect(check({ host, port: port + 1 }, issuedAtMs)).toBe("forged");
    expect(check({ host: `${host}1`, port }, issuedAtMs)).toBe("forged");
  });

  test("ADVISE is believed for what it is; its flips are refused or say something else", () => {
    expect(handshake.advice.map(({ name }) => name)).toEqual([...TOKEN_ADVICE]);
    for (const { name, packet } of handshake.advice) {
      for (const { flipped, bit } of [{ flipped: unhex(packet), bit: -1 }, ...withFlips(unhex(packet))]) {
        const { server, client } = ends(accept);
        pass(client, server);
        pass(server, client);
        give(client, flipped, START_MS);
        client.update(START_MS + 5_001);
        const detail = client.nextEvent()?.detail ?? "";
        expect({ name, bit, told: detail.endsWith(`: ${name}`) }).toEqual({ name, bit, told: bit === -1 });
      }
    }
  });

  test("RESET is the answer to DATA of nobody; the client it names believes it and no flip of it", () => {
    const { data, packet } = handshake.reset;
    const stranger = newServer(replayed(accept.serverDrawn));
    give(stranger, unhex(data), START_MS);
    expect(hex(flushed(stranger, START_MS)[0]!)).toBe(packet);
    const { server, client } = ends(accept);
    for (const [from, to] of [
      [client, server],
      [server, client],
      [client, server],
      [server, client],
    ] as const) {
      pass(from, to);
    }
    expect(client.connection.id).toBe(handshake.reset.connectionId);
    expectFlipsRefused(client, unhex(packet));
    client.receive(unhex(packet), { host: "127.0.0.1", port: 7777 }, START_MS);
    expect(client.nextEvent()).toMatchObject({ kind: "disconnected", reason: "server-restarted" });
  });
});
