import { describe, expect, test } from "vitest";
import type { Connection } from "../../../src/net/connection/connection.ts";
import { PacketType } from "../../../src/net/wire/packet-type.ts";
import { QueuedBlocks } from "../queued-blocks.ts";
import { RELIABLE, Rig, SEQUENCED, type Seen, seeded, UNRELIABLE } from "./rig.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const said = (saw: readonly Seen[], channel: number): string[] =>
  saw
    .filter((event) => event.kind === "message" && event.channel === channel)
    .map(({ payload }) => new TextDecoder().decode(payload));
const serverSide = (rig: Rig): Connection => [...rig.server.connections()][0]!;

describe("channels between two ends", () => {
  test("each kind delivers on a clean wire", () => {
    const rig = new Rig();
    const client = rig.joined();
    for (const channel of [RELIABLE, UNRELIABLE, SEQUENCED]) {
      expect(client.endpoint.send(channel, text(`up ${channel}`))).toBe("queued");
      expect(serverSide(rig).send(channel, text(`down ${channel}`))).toBe("queued");
    }
    rig.run(5);
    for (const channel of [RELIABLE, UNRELIABLE, SEQUENCED]) {
      expect(said(rig.serverSaw, channel)).toEqual([`up ${channel}`]);
      expect(said(client.saw, channel)).toEqual([`down ${channel}`]);
    }
  });

  test("reliable-ordered: once and in order through loss, duplication and reordering", () => {
    const rig = new Rig({}, 3);
    const client = rig.joined();
    const random = seeded(4);
    rig.fate = () => {
      const copies = random() < 0.3 ? 0 : random() < 0.25 ? 2 : 1;
      return Array.from({ length: copies }, () => 50 + random() * 150);
    };
    let sent = 0;
    rig.run(600, () => {
      client.endpoint.send(RELIABLE, text(`${sent}`));
      serverSide(rig).send(RELIABLE, text(`${sent}`));
      sent += 1;
    });
    rig.run(300);
    const expected = Array.from({ length: 600 }, (_, i) => `${i}`);
    expect(said(rig.serverSaw, RELIABLE)).toEqual(expected);
    expect(said(client.saw, RELIABLE)).toEqual(expected);
    expect(serverSide(rig).unackedMessages).toBe(0);
    expect(client.endpoint.counters.messagesResent).toBeGreaterThan(50);
  });

  test("a clean path resends nothing, whatever its round trip", () => {
    for (const oneWayMs of [0, 40, 400]) {
      const rig = new Rig();
      rig.fate = () => [oneWayMs];
      const client = rig.join();
      rig.run(120);
      client.endpoint.counters.messagesResent = 0; // what left before the first round trip was known
      rig.run(200, () => client.endpoint.send(RELIABLE, text("x")));
      rig.run(60);
      expect(said(rig.serverSaw, RELIABLE)).toHaveLength(200);
      expect(client.endpoint.counters.messagesResent).toBe(0);
    }
  });

  test("unreliable-sequenced drops what is older than the newest", () => {
    const rig = new Rig();
    const client = rig.joined();
    const random = seeded(5);
    rig.fate = () => [random() * 300];
    let sent = 0;
    rig.run(200, () => client.endpoint.send(SEQUENCED, text(`${sent++}`)));
    rig.run(20);
    const arrived = said(rig.serverSaw, SEQUENCED).map(Number);
    expect(arrived.length).toBeGreaterThan(20);
    expect(arrived).toEqual([...arrived].sort((a, b) => a - b));
    expect(arrived.length + rig.server.counters.messagesOutdated).toBe(200);
  });

  test("send() refuses what is too large or too much, and says which", () => {
    const rig = new Rig();
    const client = rig.joined();
    const mostOf = [
      [RELIABLE, 262_144],
      [UNRELIABLE, 8_192],
      [SEQUENCED, 8_192],
    ] as const;
    for (const [channel, most] of mostOf) {
      expect(client.endpoint.send(channel, new Uint8Array(most + 1))).toBe("too-large");
      expect(client.endpoint.send(channel, new Uint8Array(most))).toBe("queued");
    }
    rig.run(200);
    const heard = rig.serverSaw.filter(({ kind }) => kind === "message");
    expect(new Map(heard.map(({ channel, payload }) => [channel, payload.length]))).toEqual(new Map(mostOf));
    let queued = 0;
    while (client.endpoint.send(RELIABLE, text("x")) === "queued") queued += 1;
    expect(queued).toBe(4096);
    while (client.endpoint.send(UNRELIABLE, text("x")) === "queued") queued += 1;
    expect(queued).toBe(4096 + 256);
    expect(client.endpoint.counters).toMatchObject({ messagesTooLarge: 3, messagesQueueFull: 2 });
    rig.run(200);
    expect(said(rig.serverSaw, RELIABLE)).toHaveLength(4097);
    expect(said(rig.serverSaw, UNRELIABLE)).toHaveLength(257);
  });

  test("many small messages share a packet, past 15 elements too", () => {
    const rig = new Rig();
    const client = rig.joined();
    const before = client.endpoint.counters.datagramsSent;
    for (let i = 0; i < 100; i += 1) client.endpoint.send(UNRELIABLE, text(`${i}`));
    rig.run(1);
    expect(client.endpoint.counters.datagramsSent - before).toBe(1);
    rig.run(3);
    expect(said(rig.serverSaw, UNRELIABLE)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  });
});

describe("blocks", () => {
  test("state goes down and input goes up, in one datagram a turn", () => {
    const rig = new Rig();
    const client = rig.joined();
    const blocks = new QueuedBlocks(serverSide(rig));
    rig.run(3);
    const before = { up: client.endpoint.counters.datagramsSent, down: rig.server.counters.datagramsSent };
    rig.run(30, () => {
      serverSide(rig).tick += 1;
      serverSide(rig).inputLead = 3;
      blocks.tell(text("state"));
      client.endpoint.connection.queueInput(text("input"), 5, rig.nowMs);
    });
    rig.run(1);
    expect(client.endpoint.counters.datagramsSent - before.up).toBeLessThanOrEqual(31);
    expect(rig.server.counters.datagramsSent - before.down).toBeLessThanOrEqual(31);
    expect(client.saw.filter(({ kind }) => kind === "state")).toHaveLength(30);
    expect(rig.serverSaw.filter(({ kind }) => kind === "input")).toHaveLength(30);
    expect(client.endpoint.connection).toMatchObject({ tick: 30, inputLead: 3 });
    expect(client.endpoint.connection.acks.ackedInputTick).toBeGreaterThan(0);
  });

  test("the round trip is measured without the time an ack was held", () => {
    const rig = new Rig();
    const client = rig.joined();
    rig.fate = () => [66];
    rig.run(200, () => client.endpoint.connection.queueInput(text("i"), 1, 1));
    // 66 ms each way, delivered on the next turn: 132 ms and at most two turns of waiting.
    expect(client.endpoint.connection.acks.rtt.smoothedMs).toBeGreaterThanOrEqual(131);
    expect(client.endpoint.connection.acks.rtt.smoothedMs).toBeLessThanOrEqual(132 + 66);
  });

  test("loss shows in the estimate", () => {
    const rig = new Rig();
    const client = rig.joined();
    const random = seeded(8);
    rig.fate = (_bytes, to) => (to.host === "10.0.0.1" && random() < 0.2 ? [] : [0]);
    rig.run(1_000, () => client.endpoint.connection.queueInput(text("i"), 1, 1));
    expect(client.endpoint.connection.acks.lossRatio).toBeGreaterThan(0.08);
    expect(client.endpoint.connection.acks.lossRatio).toBeLessThan(0.4);
  });
});

describe("the end of a connection", () => {
  test("either side leaves with a reason the other hears once", () => {
    const rig = new Rig();
    const client = rig.joined();
    client.endpoint.close("closed", "good night", rig.nowMs);
    rig.run(20);
    expect(rig.serverSaw.at(-1)).toMatchObject({
      kind: "disconnected",
      reason: "closed",
      detail: "good night",
      by: "peer",
    });
    expect(client.saw.at(-1)).toMatchObject({ kind: "disconnected", by: "us" });
    expect(client.endpoint.connection.state).toBe("closed");

    const other = rig.joined();
    serverSide(rig).close("kicked", "language", rig.nowMs);
    rig.run(20);
    expect(other.saw.filter(({ kind }) => kind === "disconnected")).toMatchObject([
      { reason: "kicked", detail: "language", by: "peer" },
    ]);
    expect(rig.server.connectionCount).toBe(0);
  });

  test("the reason gets through 50 % loss", () => {
    const rig = new Rig();
    const clients = Array.from({ length: 20 }, () => rig.joined());
    const random = seeded(12);
    rig.fate = () => (random() < 0.5 ? [] : [0]);
    for (const connection of rig.server.connections()) connection.close("draining", "bye", rig.nowMs);
    rig.run(20);
    const told = clients.filter(({ saw }) => saw.at(-1)?.reason === "draining");
    expect(told.length).toBeGreaterThanOrEqual(19);
  });

  test("what was sent before the end arrives before it", () => {
    const rig = new Rig();
    const client = rig.joined();
    serverSide(rig).send(RELIABLE, text("you win"));
    serverSide(rig).close("kicked", "game over", rig.nowMs);
    rig.run(20);
    expect(client.saw.slice(-2)).toMatchObject([
      { kind: "message" },
      { kind: "disconnected", reason: "kicked" },
    ]);
  });

  test("silence ends it at both ends, not before its time; a quiet link lives", () => {
    const rig = new Rig();
    const client = rig.joined();
    rig.run(2_000); // a minute without a word from the game
    expect(client.endpoint.connection.state).toBe("connected");
    rig.fate = () => [];
    rig.run(Math.floor(8_900 / 33));
    expect(client.endpoint.connection.state).toBe("connected");
    rig.run(Math.ceil(2_300 / 33));
    expect([client.endpoint.connection.state, serverSide(rig).state]).toEqual(["dropped", "dropped"]);
    rig.run(Math.floor(27_700 / 33));
    expect([client.endpoint.connection.state, serverSide(rig).state]).toEqual(["dropped", "dropped"]);
    rig.run(Math.ceil(2_400 / 33));
    expect(client.saw.at(-1)).toMatchObject({ kind: "disconnected", reason: "timeout", by: "network" });
    expect(rig.serverSaw.at(-1)).toMatchObject({ kind: "disconnected", reason: "timeout", by: "network" });
    expect(rig.server.connectionCount).toBe(0);
  });

  test("a client accepted that never speaks gives its place back and is never announced", () => {
    const rig = new Rig();
    rig.fate = (bytes) => (bytes[0] === PacketType.Accept ? [] : [0]);
    const client = rig.join({ connectTimeoutMs: 300 });
    rig.run(20);
    expect(client.saw).toHaveLength(1);
    expect(rig.server.connectionCount).toBe(1);
    rig.run(200);
    expect(rig.server.connectionCount).toBe(0);
    expect(rig.serverSaw).toEqual([]);
  });
});
