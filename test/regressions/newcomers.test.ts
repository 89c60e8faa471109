import { describe, expect, test } from "vitest";
import { PacketType } from "../../src/net/wire/packet-type.ts";
import { RELIABLE, Rig, SERVER, TURN_MS } from "../net/endpoint/rig.ts";

test("full server answers at once: a newcomer need not wait for a timeout", () => {
  const rig = new Rig({ maxConnections: 2 });
  rig.joined();
  rig.joined();
  const startedMs = rig.nowMs;
  const late = rig.join({ connectTimeoutMs: 10_000 });
  while (late.saw.length === 0 && rig.nowMs - startedMs < 10_000) rig.run(1);
  expect(late.saw).toMatchObject([{ reason: "full", by: "peer", detail: "all 2 places are taken" }]);
  // Two round trips, each of two turns at most.
  expect(rig.nowMs - startedMs).toBeLessThanOrEqual(5 * TURN_MS);
});

describe("allow-list of versions", () => {
  const cases = [
    [1, 1, "version-mismatch"],
    [1, 2, undefined],
    [2, 2, undefined],
    [3, 3, undefined],
    [3, 9, undefined],
    [1, 9, undefined],
    [4, 9, "version-mismatch"],
  ] as const;
  test.each(cases)("a client of %i to %i at a server of 2 to 3", (min, max, reason) => {
    const rig = new Rig({ versions: { min: 2, max: 3 } });
    const client = rig.join({ versions: { min, max } });
    rig.run(10);
    expect(rig.server.connectionCount).toBe(reason === undefined ? 1 : 0);
    if (reason === undefined) expect(client.endpoint.connection.state).toBe("connected");
    else {
      const detail = `the server speaks protocol 2 to 3, this client ${min} to ${max}`;
      expect(client.saw).toMatchObject([{ kind: "disconnected", reason, detail }]);
    }
  });

  test("what a COOKIE promised falsely is denied by CONNECT", () => {
    const rig = new Rig({ versions: { min: 2, max: 3 } });
    const client = rig.join({ versions: { min: 1, max: 1 } });
    // Someone on the path says that the server speaks version 1.
    rig.fate = (bytes) => {
      if (bytes[0] !== PacketType.Cookie) return [0];
      const lie = bytes.slice();
      // type, array, bin 16 with its header: then the two versions
      lie[20] = 1;
      client.endpoint.receive(lie, SERVER, rig.nowMs);
      return [];
    };
    rig.run(10);
    expect(client.saw).toMatchObject([{ reason: "version-mismatch" }]);
    expect(client.saw[0]!.detail).toBe("the server speaks protocol 2 to 3, the client chose 1");
    expect(rig.server.connectionCount).toBe(0);
  });
});

test("a sentence longer than the wire carries is cut, and its reason arrives at once", () => {
  const rig = new Rig();
  const inside = rig.joined();
  rig.server.refuseNewcomers("draining", "é".repeat(5_000));
  const newcomer = rig.join();
  rig.run(6);
  expect(newcomer.saw).toMatchObject([{ reason: "draining", by: "peer" }]);
  expect(newcomer.saw[0]!.detail).toMatch(/^é{20,100}$/);

  const [serverEnd] = [...rig.server.connections()];
  serverEnd!.close("kicked", "ü".repeat(5_000), rig.nowMs);
  rig.run(3);
  expect(inside.saw.at(-1)).toMatchObject({ reason: "kicked", detail: "ü".repeat(100), by: "peer" });
});

describe("unlucky ends and beginnings", () => {
  test("lost ACCEPT: no second place, and the first message arrives once", () => {
    const rig = new Rig();
    let lost = 0;
    rig.fate = (bytes) => {
      if (bytes[0] !== PacketType.Accept || lost >= 3) return [0];
      lost += 1;
      return [];
    };
    const client = rig.join();
    client.endpoint.send(RELIABLE, Uint8Array.of(5));
    rig.run(60);
    expect(lost).toBe(3);
    expect(client.endpoint.connection.state).toBe("connected");
    expect(rig.serverSaw.map(({ kind }) => kind)).toEqual(["connected", "message"]);
    expect(rig.server.connectionCount).toBe(1);
  });

  test("duplicated CONNECT: the same ACCEPT, one connection, and none anew once it lives", () => {
    const rig = new Rig();
    const connects: Uint8Array[] = [];
    rig.fate = (bytes) => {
      if (bytes[0] === PacketType.Connect) connects.push(bytes);
      return bytes[0] === PacketType.Connect ? [0, 0, 40, 400] : [0];
    };
    const client = rig.joined();
    rig.run(20);
    expect(rig.server.connectionCount).toBe(1);
    expect(rig.serverSaw.map(({ kind }) => kind)).toEqual(["connected"]);
    // Long after it left: the token is used.
    client.endpoint.close("closed", "bye", rig.nowMs);
    rig.run(20);
    expect(rig.server.connectionCount).toBe(0);
    rig.inject(connects[0]!, client.address);
    expect(rig.server.connectionCount).toBe(0);
    expect(rig.server.counters.refusedToken).toBe(1);
  });

  test("server restart: those inside hear of it at once, and nobody else can say so", () => {
    const rig = new Rig();
    const client = rig.joined();
    const restarted = new Rig({ random: new Rig({}, 99).fill });
    restarted.nowMs = rig.nowMs;
    const resets: Uint8Array[] = [];
    rig.fate = (bytes, to) => {
      if (to !== SERVER) return [];
      restarted.inject(bytes, client.address);
      return [];
    };
    restarted.fate = (bytes) => {
      resets.push(bytes);
      return [];
    };
    client.endpoint.send(RELIABLE, Uint8Array.of(1));
    rig.run(1);
    restarted.run(1);
    expect(resets.map((bytes) => bytes[0])).toEqual([PacketType.Reset]);
    expect(resets[0]!.length).toBe(17);
    client.endpoint.receive(resets[0]!.with(5, resets[0]![5]! ^ 1), SERVER, rig.nowMs);
    expect(client.endpoint.connection.state).toBe("connected");
    client.endpoint.receive(resets[0]!, SERVER, rig.nowMs);
    rig.run(1);
    expect(client.saw.at(-1)).toMatchObject({ reason: "server-restarted", by: "peer" });
    expect(client.endpoint.counters.refusedReset).toBe(1);
  });

  test("replaced connection: the old end is told, the new one plays, the place is the same", () => {
    const rig = new Rig({ maxConnections: 2 });
    rig.joined();
    const old = rig.join({ token: rig.token({ playerId: "ada" }) });
    rig.run(6);
    const again = rig.join({ token: rig.token({ playerId: "ada" }) });
    rig.run(20);
    expect(old.saw.at(-1)).toMatchObject({ reason: "replaced", by: "peer" });
    expect(again.endpoint.connection.state).toBe("connected");
    expect(rig.server.connectionCount).toBe(2);
    again.endpoint.send(RELIABLE, Uint8Array.of(8));
    rig.run(3);
    expect(rig.serverSaw.at(-1)).toMatchObject({ kind: "message", payload: Uint8Array.of(8) });
  });
});
