import { describe, expect, test } from "vitest";
import { PacketType } from "../../../src/net/wire/packet-type.ts";
import { definitionOf, Rig, SERVER, seeded } from "./rig.ts";

describe("handshake", () => {
  test("HELLO, COOKIE, CONNECT, ACCEPT: both ends are told once", () => {
    const rig = new Rig();
    const client = rig.join({ name: "ada" });
    rig.run(10);
    expect(client.endpoint.connection.state).toBe("connected");
    expect(client.saw.map(({ kind }) => kind)).toEqual(["connected"]);
    expect(rig.serverSaw.map(({ kind, connection }) => [kind, connection.name])).toEqual([
      ["connected", "ada"],
    ]);
    expect(client.endpoint.tickRate).toBe(30);
  });

  test("no answer to an unproven address is larger than its question, and nothing is kept of it", () => {
    const rig = new Rig();
    const sizes = new Map<number, number>();
    rig.fate = (bytes) => {
      sizes.set(bytes[0]!, Math.max(bytes.length, sizes.get(bytes[0]!) ?? 0));
      return bytes[0] === PacketType.Cookie ? [] : [0];
    };
    rig.join();
    rig.run(30);
    expect(sizes.get(PacketType.Hello)).toBe(1200);
    expect(sizes.get(PacketType.Cookie)).toBeLessThanOrEqual(64);
    expect(rig.server.connectionCount).toBe(0);
  });

  test("a client of another version names both", () => {
    const rig = new Rig();
    const client = rig.join({ versions: { min: 7, max: 9 } });
    rig.run(10);
    expect(client.saw).toMatchObject([
      {
        kind: "disconnected",
        reason: "version-mismatch",
        detail: "the server speaks protocol 1 to 1, this client 7 to 9",
      },
    ]);
    expect(rig.server.connectionCount).toBe(0);
  });

  test("a client whose range holds the server's gets in", () => {
    const rig = new Rig();
    const client = rig.join({ versions: { min: 0, max: 9 } });
    rig.run(10);
    expect(client.endpoint.connection.state).toBe("connected");
  });

  test("another definition is denied by name", () => {
    const rig = new Rig();
    const other = definitionOf("rig", "input", "entity ship v2", "message chat");
    const client = rig.join({ definition: other });
    rig.run(10);
    expect(client.saw).toMatchObject([{ kind: "disconnected", reason: "definition-mismatch", by: "peer" }]);
    expect(client.saw[0]!.detail).toBe(
      'the server runs another definition of its game, "rig"; what differs: entity ship',
    );
  });

  test("a full server says so at once, and lets in who comes after a place is free", () => {
    const rig = new Rig({ maxConnections: 1 });
    const first = rig.joined();
    const second = rig.join();
    rig.run(6);
    expect(second.saw).toMatchObject([
      { kind: "disconnected", reason: "full", detail: "all 1 places are taken" },
    ]);
    first.endpoint.close("closed", "bye", rig.nowMs);
    rig.run(20);
    rig.joined();
  });

  test("a draining server turns newcomers away and keeps those inside", () => {
    const rig = new Rig();
    const inside = rig.joined();
    rig.server.refuseNewcomers("draining", "the server is shutting down");
    const newcomer = rig.join();
    rig.run(6);
    expect(newcomer.saw).toMatchObject([{ reason: "draining" }]);
    expect(inside.endpoint.connection.state).toBe("connected");
  });

  test("nobody there: the client says so within its timeout", () => {
    const rig = new Rig();
    rig.fate = () => [];
    const client = rig.join({ connectTimeoutMs: 2_000 });
    rig.run(Math.ceil(2_000 / 33) + 2);
    expect(client.saw).toMatchObject([{ kind: "disconnected", reason: "timeout", by: "network" }]);
  });

  test("a lost ACCEPT is sent again, byte for byte, and takes no second place", () => {
    const rig = new Rig();
    const accepts: string[] = [];
    rig.fate = (bytes) => {
      if (bytes[0] !== PacketType.Accept) return [0];
      accepts.push(bytes.join());
      return accepts.length < 3 ? [] : [0];
    };
    const client = rig.join();
    rig.run(60);
    expect(client.endpoint.connection.state).toBe("connected");
    expect(accepts.length).toBeGreaterThanOrEqual(3);
    expect(new Set(accepts).size).toBe(1);
    expect(rig.server.connectionCount).toBe(1);
    expect(rig.serverSaw.filter(({ kind }) => kind === "connected")).toHaveLength(1);
  });

  test("a cookie works for its own address and in its own time only", () => {
    const rig = new Rig();
    let connect: Uint8Array | undefined;
    rig.fate = (bytes) => {
      if (bytes[0] !== PacketType.Connect) return [0];
      connect ??= bytes;
      return [];
    };
    const client = rig.join();
    rig.run(5);
    const before = { ...rig.server.counters };
    rig.inject(connect!, { host: "10.6.6.6", port: 4000 });
    rig.inject(connect!, { host: client.address.host, port: 4001 });
    expect(rig.server.counters.refusedCookie - before.refusedCookie).toBe(2);
    rig.nowMs += 5_001;
    rig.inject(connect!, client.address);
    expect(rig.server.counters.refusedCookieExpired).toBe(1);
    expect(rig.server.connectionCount).toBe(0);
    rig.nowMs -= 5_001;
    rig.inject(connect!, client.address);
    expect(rig.server.connectionCount).toBe(1);
  });

  test("an answer to another client's question is refused", () => {
    const rig = new Rig();
    const client = rig.join();
    let forged = 0;
    rig.fate = (bytes, to) => {
      if (bytes[0] === PacketType.Cookie && to.host === client.address.host && forged === 0) {
        forged += 1;
        const copy = bytes.slice();
        copy[4]! ^= 1; // within clientRandom
        client.endpoint.receive(copy, SERVER, rig.nowMs);
      }
      return [0];
    };
    rig.run(10);
    expect(client.endpoint.counters.refusedRandom).toBe(1);
    expect(client.endpoint.connection.state).toBe("connected");
  });

  test("100 clients get in through 30 % loss, duplication and reordering", () => {
    const rig = new Rig({}, 7);
    const random = seeded(99);
    rig.fate = () => {
      const copies = random() < 0.3 ? 0 : random() < 0.1 ? 2 : 1;
      return Array.from({ length: copies }, () => 40 + random() * 100);
    };
    for (let i = 0; i < 100; i += 1) rig.join();
    rig.run(150);
    expect(rig.clients.filter(({ endpoint }) => endpoint.connection.state === "connected")).toHaveLength(100);
    expect(rig.server.connectionCount).toBe(100);
    expect(rig.serverSaw.filter(({ kind }) => kind === "connected")).toHaveLength(100);
  });
});
