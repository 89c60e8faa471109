import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import type { NetCounter } from "../../../src/net/wire/net-counters.ts";
import { PacketType } from "../../../src/net/wire/packet-type.ts";
import { Rig, seeded } from "./rig.ts";

type Body = readonly unknown[];

/** A rig with one client inside and a way to speak in its name. */
function inside(): {
  rig: Rig;
  say: (sequence: number, body: Body | Uint8Array) => void;
  refused: () => Partial<Record<NetCounter, number>>;
} {
  const rig = new Rig({ plaintext: true });
  const client = rig.joined();
  rig.fate = () => []; // the real client falls silent, so that the numbers are ours
  const { id } = client.endpoint.connection;
  const before = { ...rig.server.counters };
  return {
    rig,
    say(sequence, body) {
      const encoded = body instanceof Uint8Array ? body : encode(body);
      const bytes = new Uint8Array(7 + encoded.length);
      bytes.set([PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, sequence >>> 8, sequence]);
      bytes.set(encoded, 7);
      rig.inject(bytes, client.address);
    },
    refused() {
      const now = rig.server.counters;
      return Object.fromEntries(
        (Object.keys(now) as NetCounter[])
          .filter((name) => (name.startsWith("refused") || name === "accepted") && now[name] !== before[name])
          .map((name) => [name, now[name] - before[name]]),
      );
    },
  };
}
const payload = new Uint8Array([1, 2, 3]);

describe("an opened packet is taken whole or refused whole, and each refusal has a lawful neighbour", () => {
  const cases: readonly [string, Body | Uint8Array, NetCounter][] = [
    ["a head alone", [0, 0, 0], "accepted"],
    ["a head too short", [0, 0], "refusedBody"],
    ["no array", encode({ ack: 0 }), "refusedBody"],
    ["a negative ack", [-1, 0, 0], "refusedBody"],
    ["an ack of 17 bits", [65536, 0, 0], "refusedBody"],
    ["an ack of a packet never sent", [500, 0, 0], "refusedAck"],
    ["a delay past its limit", [0, 0, 128], "refusedBody"],
    ["a delay at its limit", [0, 0, 127], "accepted"],
    ["missing bits of 33 bits", [0, 2 ** 32, 0], "refusedBody"],
    ["missing bits of 32 bits", [0, 2 ** 32 - 1, 0], "accepted"],
    ["a float for an integer", [0.5, 0, 0], "refusedBody"],
    ["a ping", [0, 0, 0, [4]], "accepted"],
    ["a ping with baggage", [0, 0, 0, [4, 1]], "refusedFrame"],
    ["an unknown frame", [0, 0, 0, [7, payload]], "refusedFrame"],
    ["an empty frame", [0, 0, 0, []], "refusedFrame"],
    ["a message", [0, 0, 0, [0, 1, payload]], "accepted"],
    ["a message on a channel that is not", [0, 0, 0, [0, 3, payload]], "refusedFrame"],
    ["a message with an id on an unreliable channel", [0, 0, 0, [0, 1, 0, payload]], "refusedFrame"],
    ["a reliable message", [0, 0, 0, [0, 0, 0, payload]], "accepted"],
    ["a reliable message without an id", [0, 0, 0, [0, 0, payload]], "refusedFrame"],
    ["a reliable message at the window's end", [0, 0, 0, [0, 0, 255, payload]], "accepted"],
    ["a reliable message past the window", [0, 0, 0, [0, 0, 256, payload]], "refusedFrame"],
    ["text for bin", [0, 0, 0, [0, 1, "abc"]], "refusedFrame"],
    ["input", [0, 0, 0, [2, payload]], "accepted"],
    ["input at its largest", [0, 0, 0, [2, new Uint8Array(600)]], "accepted"],
    ["input too large", [0, 0, 0, [2, new Uint8Array(601)]], "refusedFrame"],
    ["state from a client", [0, 0, 0, [1, payload]], "refusedFrame"],
    ["an own block from a client", [0, 0, 0, [5, payload]], "refusedFrame"],
    ["a goodbye of an unknown reason", [0, 0, 0, [3, 99, "x"]], "refusedFrame"],
    ["a goodbye", [0, 0, 0, [3, 0, "x"]], "accepted"],
    ["a goodbye with a long speech", [0, 0, 0, [3, 0, "x".repeat(201)]], "refusedFrame"],
    ["bytes behind the body", Uint8Array.of(0x93, 0, 0, 0, 0), "refusedFrame"],
    ["a body in a longer form than need be", Uint8Array.of(0x93, 0xcc, 0, 0, 0), "refusedBody"],
    ["a body cut short", Uint8Array.of(0x94, 0, 0, 0), "refusedFrame"],
    ["a good frame before a bad one", [0, 0, 0, [0, 1, payload], [9]], "refusedFrame"],
  ];
  test.each(cases)("%s", (_name, body, outcome) => {
    const { rig, say, refused } = inside();
    const heard = rig.serverSaw.length;
    say(40, body);
    expect(refused()).toEqual({ [outcome]: 1 });
    if (outcome !== "accepted") expect(rig.serverSaw).toHaveLength(heard);
  });

  test("the same packet number twice, and one too old to tell", () => {
    const { say, refused } = inside();
    say(2_000, [0, 0, 0, [4]]);
    say(2_000, [0, 0, 0, [4]]);
    say(1_999, [0, 0, 0, [4]]);
    say(2_000 - 1_024, [0, 0, 0, [4]]);
    say(2_000 - 1_023, [0, 0, 0, [4]]);
    expect(refused()).toEqual({ accepted: 3, refusedDuplicate: 1, refusedStale: 1 });
  });

  test("a known connection from another address, and a connection nobody has", () => {
    const { rig, refused } = inside();
    const [connection] = [...rig.server.connections()];
    const id = connection!.id;
    const packet = Uint8Array.of(PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, 0, 99, 0x93, 0, 0, 0);
    rig.inject(packet, { host: "10.6.6.6", port: 1 });
    packet[4]! ^= 1;
    rig.inject(packet, connection!.address);
    expect(refused()).toEqual({ refusedAddress: 1, refusedConnection: 1 });
  });
});

describe("raw datagrams", () => {
  const cases: readonly [string, Uint8Array, NetCounter][] = [
    ["nothing", new Uint8Array(0), "refusedTruncated"],
    ["DATA without a body", Uint8Array.of(PacketType.Data, 0, 0, 0, 1, 0, 1), "refusedTruncated"],
    ["a type that is not ours", new Uint8Array(100).fill(0xff), "refusedType"],
    ["a type that only a server sends", Uint8Array.of(PacketType.Accept, 0x90), "refusedType"],
    ["a byte too long", new Uint8Array(1201).fill(PacketType.Hello), "refusedOversized"],
    ["HELLO unpadded", new Uint8Array(1199).fill(PacketType.Hello), "refusedHelloSize"],
    ["HELLO without the magic", new Uint8Array(1200).fill(PacketType.Hello), "refusedMagic"],
    [
      "HELLO with a body of noise",
      new Uint8Array(1200).fill(0).with(0, 4).with(1, 0x54).with(2, 0x49).with(3, 0x43).with(4, 0x4b),
      "refusedMalformed",
    ],
    ["CONNECT of noise", new Uint8Array(60).fill(0x98).with(0, PacketType.Connect), "refusedMalformed"],
  ];
  test.each(cases)("%s is counted and not answered", (_name, bytes, counter) => {
    const rig = new Rig();
    rig.inject(bytes);
    expect(rig.server.counters[counter]).toBe(1);
    let answers = 0;
    rig.fate = () => {
      answers += 1;
      return [];
    };
    rig.run(3);
    expect(answers).toBe(0);
  });

  test("100,000 random datagrams: no exception, each counted once, the player inside plays on", () => {
    const rig = new Rig();
    const client = rig.joined();
    const random = seeded(21);
    const { id } = client.endpoint.connection;
    for (let i = 0; i < 100_000; i += 1) {
      const bytes = new Uint8Array(Math.floor(random() * 80));
      for (let j = 0; j < bytes.length; j += 1) bytes[j] = Math.floor(random() * 256);
      // Half of them look like the player's own packets, from the player's address.
      if (i % 2 === 0 && bytes.length > 8) {
        bytes.set([PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id]);
        bytes[7] = 0x90 | (i % 8);
      } else if (bytes.length > 0) bytes[0] = i % 16;
      rig.inject(bytes, i % 2 === 0 ? client.address : undefined);
    }
    const { counters } = rig.server;
    const refused = (Object.keys(counters) as NetCounter[])
      .filter((name) => name.startsWith("refused"))
      .reduce((sum, name) => sum + counters[name], 0);
    expect(counters.accepted + refused).toBe(counters.datagramsReceived);
    expect(counters.datagramsReceived).toBeGreaterThan(100_000);
    expect(rig.server.connectionCount).toBe(1);
  });
});
