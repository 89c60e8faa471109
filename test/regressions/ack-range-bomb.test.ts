import { encode } from "@msgpack/msgpack";
import { afterEach, describe, expect, test, vi } from "vitest";
import { SentPackets } from "../../src/net/channel/sent-packets.ts";
import { PacketType } from "../../src/net/wire/packet-type.ts";
import { Rig } from "../net/endpoint/rig.ts";
import { QueuedBlocks } from "../net/queued-blocks.ts";

/** A server that has sent 1,100 packets, and a client in whose name we speak. */
function inside() {
  const rig = new Rig({ plaintext: true });
  const client = rig.joined();
  const [serverEnd] = [...rig.server.connections()];
  const blocks = new QueuedBlocks(serverEnd!);
  rig.run(1_100, () => blocks.tell(new Uint8Array(1)));
  rig.fate = () => [];
  const { id } = serverEnd!;
  let number = client.endpoint.connection.acks.sent.newest;
  const say = (skip: number, ...frames: unknown[]): void => {
    number += 1 + skip;
    const ack = serverEnd!.acks.sent.newest;
    const body = encode([ack, 0xffff_ffff, 0, ...frames]);
    const header = [PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, number >>> 8, number];
    rig.inject(Uint8Array.from([...header, ...body]), client.address);
  };
  return { rig, client, serverEnd: serverEnd!, blocks, say };
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);
/** 63 lengths that together span `total`. */
const spanning = (total: number): number[] => [...ones(62), total - 62];

describe("ack-range bomb", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const cases: readonly [string, readonly unknown[], "accepted" | "refusedFrame"][] = [
    ["32 runs", [[6, ...ones(63)]], "accepted"],
    ["33 runs", [[6, ...ones(65)]], "refusedFrame"],
    ["a list that ends with a gap", [[6, ...ones(62)]], "refusedFrame"],
    ["no runs at all", [[6]], "refusedFrame"],
    ["the longest run", [[6, 1_024]], "accepted"],
    ["a longer run", [[6, 1_025]], "refusedFrame"],
    ["runs and gaps over all that is remembered", [[6, ...spanning(1_024)]], "accepted"],
    ["one packet more", [[6, ...spanning(1_025)]], "refusedFrame"],
    ["the longest lengths, 32 times", [[6, ...ones(63).map(() => 1_024)]], "refusedFrame"],
    ["an empty gap", [[6, 1, 0, 1]], "refusedFrame"],
    [
      "ranges twice",
      [
        [6, 1],
        [6, 1],
      ],
      "refusedFrame",
    ],
  ];
  test.each(cases)("%s", (_name, frames, outcome) => {
    const { rig, say } = inside();
    const before = { ...rig.server.counters };
    const looks = vi.spyOn(SentPackets.prototype, "pending");
    say(0, ...frames);
    expect(rig.server.counters[outcome] - before[outcome]).toBe(1);
    // All that is remembered: once for the ranges, and once each to give up and to forget what is old.
    expect(looks.mock.calls.length).toBeLessThanOrEqual(outcome === "accepted" ? 3 * 1_024 + 64 : 0);
  });

  test("runs that reach before the first packet are refused", () => {
    const rig = new Rig({ plaintext: true });
    const client = rig.joined();
    const [serverEnd] = [...rig.server.connections()];
    const { id, acks } = serverEnd!;
    const sent = acks.sent.newest;
    const speak = (number: number, run: number): void => {
      const header = [PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, 0, number];
      rig.inject(Uint8Array.from([...header, ...encode([sent, 0, 0, [6, run]])]), client.address);
    };
    speak(90, sent);
    expect(rig.server.counters.refusedFrame).toBe(0);
    speak(91, sent + 1);
    expect(rig.server.counters.refusedFrame).toBe(1);
  });

  test("a peer that leaves gaps everywhere does not stop the server's next packet", () => {
    const { rig, blocks, say } = inside();
    for (let i = 0; i < 100; i += 1) say(1, [4]);
    const sent: number[] = [];
    rig.fate = (bytes) => {
      sent.push(bytes.length);
      return [];
    };
    blocks.tell(new Uint8Array(1140));
    rig.run(1);
    // The acks are too long to share a packet with the block: they go ahead of it.
    expect(sent.filter((length) => length > 60)).toHaveLength(2);
    expect(Math.max(...sent)).toBeGreaterThan(1_140);
    expect(rig.server.counters.blocksDropped).toBe(0);
  });
});
