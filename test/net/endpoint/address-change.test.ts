import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../../src/net/connection/connection.ts";
import type { PeerAddress } from "../../../src/net/ports/peer-address.ts";
import { FrameKind } from "../../../src/net/wire/frames.ts";
import { PacketType } from "../../../src/net/wire/packet-type.ts";
import { QueuedBlocks } from "../queued-blocks.ts";
import { RELIABLE, Rig, SERVER, type Seen, seeded, TURN_MS } from "./rig.ts";

const NEW: PeerAddress = { host: "10.2.0.9", port: 5_000 };
const THIEF: PeerAddress = { host: "10.66.0.1", port: 666 };
const turns = (seconds: number): number => Math.ceil((seconds * 1000) / TURN_MS);
const numbered = (n: number): Uint8Array => Uint8Array.of(n >>> 8, n);
const heard = (saw: readonly Seen[]): number[] =>
  saw.filter(({ kind }) => kind === "message").map(({ payload }) => payload[0]! * 256 + payload[1]!);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

interface Sent {
  readonly bytes: Uint8Array;
  readonly to: PeerAddress;
}

function playing(seed = 1) {
  // Of the path's width other tests speak.
  const rig = new Rig(
    { rates: { startBytesPerSecond: 1e6, minBytesPerSecond: 2_000, maxBytesPerSecond: 1e6 } },
    seed,
  );
  const client = rig.joined();
  const server = [...rig.server.connections()][0] as Connection;
  /** What the server has sent, by where to. */
  const sent: Sent[] = [];
  const to = (address: PeerAddress): Sent[] =>
    sent.filter((each) => each.to.host === address.host && each.to.port === address.port);
  rig.fate = (bytes, address) => {
    if (address.host !== SERVER.host) sent.push({ bytes, to: address });
    return [0];
  };
  const blocks = new QueuedBlocks(server);
  let said = 0;
  const talk = (): void => {
    client.endpoint.send(RELIABLE, numbered(said));
    server.send(RELIABLE, numbered(said));
    blocks.tell(new Uint8Array(900));
    client.endpoint.connection.queueInput(numbered(said), 2, said);
    said += 1;
  };
  return { rig, client, server, sent, to, talk, said: () => said };
}

/** A packet in the client's name, sealed as it would, with the next number. */
function saidByClient(client: Rig["clients"][number], frames: readonly unknown[], nowMs: number): Uint8Array {
  const { connection } = client.endpoint;
  const { id } = connection;
  const { number } = connection.acks.sent.begin(nowMs);
  const slot = new Uint8Array(1200);
  const body = encode([0, 0, 0, ...frames]);
  slot.set([PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, number >>> 8, number, ...body]);
  return slot.slice(0, connection.seal!.seal(slot, 7, 7 + body.length, number));
}

describe("a client that has moved", () => {
  test.each([
    ["another host", NEW, true],
    ["another port of the same host", { host: "10.1.0.1", port: 4_001 }, false],
    ["from IPv4 to IPv6", { host: "2001:db8::7", port: 4_000 }, true],
  ] as const)("to %s plays on, and nothing is lost or doubled", (_name, address, isOtherHost) => {
    const { rig, client, server, to, talk, said } = playing();
    rig.run(100, talk);
    const { minMs } = server.acks.rtt;
    server.acks.rtt.minMs = 1; // to be seen again where the path is the same one
    client.address = address;
    rig.run(4, talk);
    expect(server.address).toEqual(address);
    expect(server.acks.rtt.minMs === 1).toBe(!isOtherHost);
    expect(minMs).toBeGreaterThan(1);
    rig.run(100, talk);
    rig.run(turns(3));
    expect(heard(rig.serverSaw)).toEqual(upTo(said()));
    expect(heard(client.saw)).toEqual(upTo(said()));
    expect(rig.server.counters).toMatchObject({ pathsAsked: 1, pathsProven: 1, refusedAddress: 0 });
    expect(client.saw.map(({ kind }) => kind).filter((kind) => /ed$/.test(kind))).toEqual(["connected"]);
    // Nothing but a challenge goes to an address that is not proven.
    const [first, second] = to(address);
    expect(first!.bytes.length).toBeLessThanOrEqual(48);
    expect(second!.bytes.length).toBeGreaterThan(900);
  });

  test("on a bad network too, many times", () => {
    const { rig, client, server, talk, said } = playing(7);
    const random = seeded(8);
    rig.fate = () => {
      const copies = random() < 0.3 ? 0 : random() < 0.25 ? 2 : 1;
      return Array.from({ length: copies }, () => 60 + random() * 120);
    };
    for (let i = 0; i < 12; i += 1) {
      client.address = { host: `10.2.${i % 3}.1`, port: 5_000 + i };
      rig.run(turns(6), talk);
      expect(server.address).toEqual(client.address);
    }
    rig.run(turns(10));
    expect(heard(rig.serverSaw)).toEqual(upTo(said()));
    expect(heard(client.saw)).toEqual(upTo(said()));
  });

  test("while it was dropped: it is found where it is now", () => {
    const { rig, client, server, talk, said } = playing();
    const { fate } = rig;
    rig.run(20, talk);
    rig.fate = () => [];
    rig.run(turns(20), () => said() < 200 && talk());
    expect(server.state).toBe("dropped");
    client.address = NEW;
    rig.fate = fate;
    rig.run(turns(1));
    expect([server.state, server.address]).toEqual(["connected", NEW]);
    rig.run(turns(10));
    expect(heard(rig.serverSaw)).toEqual(upTo(200));
    expect(heard(client.saw)).toEqual(upTo(200));
  });

  test("between ACCEPT and the first packet that arrives", () => {
    const rig = new Rig();
    const client = rig.join();
    rig.fate = (bytes) => (bytes[0] === PacketType.Data ? [] : [0]);
    rig.run(6);
    expect([...rig.server.connections()].map(({ state }) => state)).toEqual(["accepted"]);
    client.address = NEW;
    rig.fate = () => [0];
    rig.run(turns(1.2));
    expect([...rig.server.connections()]).toMatchObject([{ state: "connected", address: NEW }]);
    expect(client.endpoint.counters.accepted).toBeGreaterThan(2);
  });

  test("from the address it had before, too", () => {
    const { rig, client, server, talk } = playing();
    const home = client.address;
    for (const address of [NEW, home, NEW, home]) {
      client.address = address;
      rig.run(40, talk);
      expect(server.address).toEqual(address);
    }
    expect(rig.server.counters.pathsProven).toBe(4);
  });

  test("is answered over the present path until the new one is proven, and not for ever", () => {
    const { rig, client, server, to, talk } = playing();
    rig.run(20, talk);
    const { fate } = rig;
    // The way to the new address is cut.
    rig.fate = (bytes, address) => (address.host === NEW.host ? fate(bytes, address).slice(1) : [0]);
    const { datagramsSent } = rig.server.counters;
    const home = client.address;
    client.address = NEW;
    rig.run(turns(8), talk);
    expect(server.address).toEqual(home);
    // Nothing of it is acked, so only what cannot wait goes on: a quarter of what the turns would send.
    expect(rig.server.counters.datagramsSent - datagramsSent).toBeGreaterThan(turns(8) / 4);
    const challenges = to(NEW);
    expect(Math.max(...challenges.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(48);
    // Five for each address that is asked, which is asked anew after three seconds.
    expect(challenges.length).toBeLessThanOrEqual(15);
    expect(challenges.length).toBeGreaterThan(8);
  });
});

describe("who only sees packets", () => {
  test("moves nothing by repeating them, late or from elsewhere", () => {
    const { rig, client, server, to, talk } = playing();
    const copies: Uint8Array[] = [];
    const { fate } = rig;
    rig.fate = (bytes, address) => {
      if (address.host === SERVER.host) copies.push(bytes);
      return fate(bytes, address);
    };
    rig.run(100, () => {
      talk();
      for (const copy of copies.slice(0, -2)) rig.inject(copy, THIEF);
      copies.splice(0, Math.max(0, copies.length - 10));
    });
    expect(server.address).toEqual(client.address);
    expect(to(THIEF)).toEqual([]);
    expect(rig.server.counters.pathsAsked).toBe(0);
    expect(rig.server.counters.refusedDuplicate).toBeGreaterThan(100);
  });

  test("an older packet that never arrived counts, and moves nothing", () => {
    const { rig, client, server, to } = playing();
    const late = saidByClient(client, [[0, 0, 0, numbered(7)]], rig.nowMs);
    client.endpoint.connection.acks.sent.begin(rig.nowMs);
    rig.run(60);
    const before = rig.server.counters.accepted;
    rig.inject(late, THIEF);
    expect(rig.server.counters.accepted).toBe(before + 1);
    expect(heard(rig.serverSaw)).toEqual([7]);
    rig.run(10);
    expect([to(THIEF), server.address]).toEqual([[], client.address]);
  });

  test("a copy that overtakes its packet earns a challenge, which the next packet takes back", () => {
    const { rig, client, server, to, talk } = playing();
    const { fate } = rig;
    rig.fate = (bytes, address) => {
      if (address.host !== SERVER.host) return fate(bytes, address);
      rig.inject(bytes, THIEF); // faster than the packet itself
      return [0];
    };
    rig.run(300, talk);
    rig.fate = fate;
    rig.run(20);
    expect(server.address).toEqual(client.address);
    // Each copy was accepted in its packet's place: nothing is lost.
    expect(heard(rig.serverSaw)).toEqual(upTo(300));
    expect(heard(client.saw)).toEqual(upTo(300));
    // About one a second, and small.
    expect(to(THIEF).length).toBeLessThanOrEqual(30);
    expect(Math.max(...to(THIEF).map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(48);
    expect(rig.server.counters.pathsProven).toBe(0);
  });

  test("an answer counts from the address asked, with the bytes asked for", () => {
    const { rig, client, server, to } = playing();
    rig.run(5);
    // The client's packet seems to come from the thief, who then makes the client answer: from where it is.
    rig.inject(saidByClient(client, [[FrameKind.Ping]], rig.nowMs), THIEF);
    rig.run(1);
    const [challenge] = to(THIEF);
    expect(challenge).toBeDefined();
    client.endpoint.receive(challenge!.bytes, SERVER, rig.nowMs);
    rig.run(3);
    expect(server.address).toEqual(client.address);
    expect(rig.server.counters).toMatchObject({ pathsProven: 0, pathAnswersIgnored: 1 });
    // Nor does a guess, though it be sealed and from there.
    const guess = [FrameKind.PathResponse, new Uint8Array(8)];
    rig.inject(saidByClient(client, [guess], rig.nowMs), THIEF);
    expect(server.address).toEqual(client.address);
    expect(rig.server.counters.pathAnswersIgnored).toBe(2);
  });

  test("who forges from new addresses costs a bounded number of openings and earns nothing", () => {
    const { rig, client, server, sent, talk } = playing();
    rig.run(10, talk);
    const { id } = client.endpoint.connection;
    const garbage = new Uint8Array(60).fill(7);
    garbage.set([PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, 0, 200]);
    const before = { ...rig.server.counters };
    rig.run(100, () => {
      talk();
      for (let i = 0; i < 200; i += 1) {
        garbage[6] = 200 + (i % 50);
        rig.inject(garbage, { host: `10.77.${i}.1`, port: 1_000 + i });
      }
    });
    const { refusedForged, refusedAddress } = rig.server.counters;
    const opened = refusedForged - before.refusedForged;
    expect(opened).toBeLessThanOrEqual(256 + 256 * 3.4);
    expect(opened + refusedAddress - before.refusedAddress).toBe(20_000);
    expect(sent.filter(({ to }) => to.host.startsWith("10.77."))).toEqual([]);
    expect(server.address).toEqual(client.address);
    rig.run(20);
    expect(heard(rig.serverSaw)).toEqual(upTo(110));
  });

  test("who has the keys and hops from address to address is asked about once a second", () => {
    const { rig, client, server, sent } = playing();
    const home = client.address;
    rig.run(turns(20), () => {
      client.address = { host: "10.2.0.1", port: 5_000 + Math.floor(rig.random() * 10_000) };
      client.endpoint.connection.queueInput(numbered(1), 2, 1);
    });
    const strange = sent.filter(({ to }) => to.port !== home.port);
    expect(rig.server.counters.pathsAsked).toBeLessThanOrEqual(24);
    expect(strange.length).toBeLessThanOrEqual(48);
    expect(Math.max(...strange.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(48);
    expect(server.address).toEqual(home);
  });
});

describe("what never moves", () => {
  test("a connection in clear: anyone could say so", () => {
    const rig = new Rig({ plaintext: true });
    const client = rig.joined();
    const [server] = [...rig.server.connections()];
    client.address = NEW;
    client.endpoint.send(RELIABLE, numbered(1));
    rig.run(20);
    expect(server!.address.host).toBe("10.1.0.1");
    expect(rig.server.counters.refusedAddress).toBeGreaterThan(0);
    expect(heard(rig.serverSaw)).toEqual([]);
  });

  test("a client's server: packets from elsewhere are refused, sealed or not", () => {
    const { rig, client, server, sent } = playing();
    server.send(RELIABLE, numbered(1));
    rig.fate = (bytes, to) => {
      if (to.host !== SERVER.host) sent.push({ bytes, to });
      return [];
    };
    rig.run(1);
    const { bytes } = sent.at(-1)!;
    client.endpoint.receive(bytes, { host: SERVER.host, port: 7_778 }, rig.nowMs);
    expect(client.endpoint.counters.refusedAddress).toBe(1);
    client.endpoint.receive(bytes, SERVER, rig.nowMs);
    expect(client.endpoint.counters.accepted).toBeGreaterThan(0);
  });

  test("a challenge to the server is answered, by the path that stands", () => {
    const { rig, client, server, to } = playing();
    rig.inject(saidByClient(client, [[FrameKind.PathChallenge, new Uint8Array(8)]], rig.nowMs), THIEF);
    rig.run(2);
    expect(to(THIEF).every(({ bytes }) => bytes.length <= 48)).toBe(true);
    expect(client.endpoint.counters.pathAnswersIgnored).toBe(1);
    expect(server.address).toEqual(client.address);
  });
});
