import { decode, encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../../src/net/connection/connection.ts";
import { PacketType } from "../../../src/net/wire/packet-type.ts";
import { QueuedBlocks } from "../queued-blocks.ts";
import { RELIABLE, Rig, SERVER } from "./rig.ts";

type Body = readonly unknown[];

/** A server whose one client speaks through `say`. */
function inside() {
  const rates = { startBytesPerSecond: 1e6, minBytesPerSecond: 1e6, maxBytesPerSecond: 1e6 };
  const rig = new Rig({ plaintext: true, rates });
  const client = rig.joined();
  rig.fate = () => [];
  const connection = [...rig.server.connections()][0] as Connection;
  const say = (sequence: number, body: Body): void => {
    const encoded = encode(body);
    const { id } = connection;
    const header = [PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, sequence >>> 8, sequence];
    rig.inject(Uint8Array.of(...header, ...encoded), client.address);
  };
  return { rig, connection, say };
}

describe("what has to go out when acks take much room", () => {
  test("a block at its largest follows in a packet of its own", () => {
    const { rig, connection, say } = inside();
    // Every other packet of many: the acks of one turn take more than a hundred bytes.
    for (let n = 0; n < 100; n += 1) say(1_000 + 2 * n, [0, 0, 0, [4]]);
    const sent: Body[] = [];
    rig.fate = (bytes, to) => {
      // The client's own packets lack the numbers that were used in its name.
      if (to.host !== SERVER.host) sent.push(decode(bytes.subarray(3)) as Body);
      return [];
    };
    new QueuedBlocks(connection).push(new Uint8Array(1140).fill(7));
    connection.queueOwn(new Uint8Array(1140).fill(8), 1140);
    connection.send(RELIABLE, new Uint8Array(1140).fill(9));
    rig.run(1);
    const kinds = sent.map((body) => body.slice(5).map((frame) => (frame as Body)[0]));
    expect(kinds).toEqual([[6], [5], [1], [0]]);
    expect(rig.server.counters.blocksDropped).toBe(0);
  });
});

describe("what is too long for the short packets of a slow path", () => {
  test("gets longer ones, each its own, and no packet is empty", () => {
    const rates = { startBytesPerSecond: 2_000, minBytesPerSecond: 2_000, maxBytesPerSecond: 2_000 };
    const rig = new Rig({ rates });
    const client = rig.joined();
    const connection = [...rig.server.connections()][0] as Connection;
    expect(connection.congestion.maxPacketBytes).toBe(300);
    const before = rig.server.counters.datagramsSent;
    connection.queueOwn(new Uint8Array(1_000).fill(1), 1_000);
    const blocks = new QueuedBlocks(connection);
    blocks.push(new Uint8Array(1_140).fill(2), new Uint8Array(200).fill(3));
    connection.send(RELIABLE, new Uint8Array(1_140).fill(4));
    rig.run(100);
    const arrived = client.saw
      .filter(({ kind }) => kind !== "connected")
      .map(({ kind, payload }) => [kind, payload[0]]);
    expect(arrived.sort()).toEqual([
      ["message", 4],
      ["own", 1],
      ["state", 2],
      ["state", 3],
    ]);
    // Those four, and pings and acks of three seconds.
    expect(rig.server.counters.datagramsSent - before).toBeLessThan(12);
  });
});

describe("numbers near the beginning", () => {
  test("message ids before the first are not lawful", () => {
    for (const id of [65_535, 65_534, 40_000, 256]) {
      const { rig, say } = inside();
      say(40, [0, 0, 0, [0, RELIABLE, id, new Uint8Array(1)]]);
      expect(rig.server.counters.refusedFrame).toBe(1);
    }
  });

  test("a newcomer's first packet carries the tick that ACCEPT named", () => {
    for (const tick of [0, 40_000, 65_535, 1_000_000]) {
      const rig = new Rig();
      rig.server.tick = tick;
      const client = rig.joined();
      expect(client.endpoint.connection.tick).toBe(tick);
    }
  });
});

describe("sentences longer than the wire takes", () => {
  const long = "ö".repeat(150);

  test("a goodbye is cut between characters, and heard", () => {
    const rig = new Rig();
    const client = rig.joined();
    [...rig.server.connections()][0]!.close("kicked", long, rig.nowMs);
    rig.run(3);
    expect(client.saw.at(-1)).toMatchObject({ reason: "kicked", detail: "ö".repeat(100), by: "peer" });
  });

  test("a denial too", () => {
    const rig = new Rig();
    rig.server.refuseNewcomers("draining", long);
    const client = rig.join();
    rig.run(10);
    expect(client.saw).toMatchObject([{ reason: "draining", detail: "ö".repeat(100), by: "peer" }]);
  });
});
