import { describe, expect, test } from "vitest";
import type { PeerLimits } from "../../src/net/connection/peer-budget.ts";
import { PacketType } from "../../src/net/wire/packet-type.ts";
import { RELIABLE, Rig, SERVER, UNRELIABLE } from "../net/endpoint/rig.ts";

const LIMITS: PeerLimits = {
  messagesPerSecond: 30,
  messagesAtOnce: 60,
  bytesPerSecond: 20_000,
  bytesAtOnce: 40_000,
  parseErrorsPerMinute: 8,
};
type Client = Rig["clients"][number];

/** A player who does as told each turn beside one who plays as usual; both for a minute. */
function play(misbehave: (client: Client, rig: Rig) => void, turns = 1_800) {
  const rig = new Rig({ peerLimits: LIMITS });
  const good = rig.joined();
  const bad = rig.joined();
  let said = 0;
  rig.run(turns, () => {
    if (said % 3 === 0) good.endpoint.send(RELIABLE, new Uint8Array(100));
    said += 1;
    if (bad.endpoint.connection.state === "connected") misbehave(bad, rig);
  });
  rig.run(20);
  const heard = rig.serverSaw.filter(
    ({ kind, connection }) => kind === "message" && connection.id === good.endpoint.connection.id,
  );
  expect(good.endpoint.connection.state).toBe("connected");
  expect(heard).toHaveLength(Math.ceil(said / 3));
  return { rig, bad };
}

describe("a peer that floods is told why, and the others play on", () => {
  test("messages", () => {
    const { rig, bad } = play(({ endpoint }) => {
      for (let i = 0; i < 4; i += 1) endpoint.send(UNRELIABLE, Uint8Array.of(1));
    });
    expect(bad.saw.at(-1)).toMatchObject({ reason: "flooding", detail: "more than a player may send" });
    expect(rig.server.connectionCount).toBe(1);
  });

  test("bytes", () => {
    const { bad } = play(({ endpoint }) => {
      endpoint.connection.queueInput(new Uint8Array(600), 600, 1);
      endpoint.send(UNRELIABLE, new Uint8Array(500));
    });
    expect(bad.saw.at(-1)).toMatchObject({ reason: "flooding", by: "peer" });
  });

  test("broken packets", () => {
    let sent = 0;
    const { rig, bad } = play((client, host) => {
      sent += 1;
      const { connection } = client.endpoint;
      const { number } = connection.acks.sent.begin(host.nowMs);
      const id = connection.id;
      const slot = new Uint8Array(1200);
      slot.set([PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, number >>> 8, number, 0xc1]);
      const length = connection.seal!.seal(slot, 7, 8, number);
      host.inject(slot.slice(0, length), client.address);
    }, 60);
    expect(bad.saw.at(-1)).toMatchObject({ reason: "protocol-error", by: "peer" });
    // The ninth ends it; one more leaves before the news arrives.
    expect(sent).toBeGreaterThanOrEqual(9);
    expect(sent).toBeLessThanOrEqual(10);
    expect(rig.server.counters.refusedBody).toBe(sent);
  });

  test("a broken packet that someone repeats is paid for once", () => {
    const rig = new Rig();
    const client = rig.joined();
    const { connection } = client.endpoint;
    const { id } = connection;
    const number = connection.acks.sent.begin(rig.nowMs).number;
    const slot = new Uint8Array(1200);
    slot.set([PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, number >>> 8, number, 0xc1]);
    const packet = slot.slice(0, connection.seal!.seal(slot, 7, 8, number));
    for (let i = 0; i < 100; i += 1) rig.inject(packet, client.address);
    expect(rig.server.counters).toMatchObject({ refusedBody: 1, refusedDuplicate: 99 });
    client.endpoint.send(RELIABLE, Uint8Array.of(3));
    rig.run(4);
    expect(rig.serverSaw.at(-1)).toMatchObject({ kind: "message", payload: Uint8Array.of(3) });
  });

  test("just below each limit nobody is sent away", () => {
    const { bad } = play(({ endpoint }) => {
      endpoint.connection.queueInput(new Uint8Array(500), 500, 1);
    });
    expect(bad.endpoint.connection.state).toBe("connected");
  });
});

test("HELLO flood: replies are bounded, nothing is kept of strangers, players inside are unaffected", () => {
  const rig = new Rig();
  const inside = [rig.joined(), rig.joined()];
  let hello: Uint8Array | undefined;
  rig.fate = (bytes) => {
    if (bytes[0] === PacketType.Hello) hello ??= bytes;
    return [];
  };
  rig.join();
  rig.run(2);
  expect(hello).toHaveLength(1200);

  const insiders = new Set(inside.map(({ address }) => address.host));
  let [replies, replyBytes, mostInATurn, inThisTurn] = [0, 0, 0, 0];
  rig.fate = (bytes, to) => {
    if (to === SERVER) return bytes[0] === PacketType.Hello ? [] : [0];
    if (insiders.has(to.host)) return [0];
    replies += 1;
    inThisTurn += 1;
    replyBytes += bytes.length;
    return [];
  };
  const before = { ...rig.server.counters };
  const TURNS = 300; // about ten seconds
  const PER_TURN = 400;
  rig.run(TURNS, () => {
    mostInATurn = Math.max(mostInATurn, inThisTurn);
    inThisTurn = 0;
    for (let i = 0; i < PER_TURN; i += 1) {
      const host = `${20 + Math.floor(rig.random() * 200)}.${Math.floor(rig.random() * 256)}.7.${i % 256}`;
      rig.inject(hello!, { host, port: 1_024 + i });
    }
    for (const { endpoint } of inside) endpoint.send(RELIABLE, Uint8Array.of(1));
  });
  const { counters } = rig.server;
  expect(counters.datagramsReceived - before.datagramsReceived).toBeGreaterThan(TURNS * PER_TURN);
  // 2,000 at once and 2,000 a second; what all asked together is 120,000.
  expect(replies).toBeLessThanOrEqual(2_000 + 2_000 * ((TURNS * 33) / 1_000));
  expect(replies).toBeGreaterThan(15_000);
  expect(counters.refusedBudget - before.refusedBudget).toBe(TURNS * PER_TURN - replies);
  expect(mostInATurn).toBeLessThanOrEqual(1_024);
  expect(replyBytes / replies).toBeLessThanOrEqual(64);
  expect(rig.server.connectionCount).toBe(2);

  rig.run(5);
  for (const { endpoint } of inside) {
    const heard = rig.serverSaw.filter(
      ({ kind, connection }) => kind === "message" && connection.id === endpoint.connection.id,
    );
    expect(endpoint.connection.state).toBe("connected");
    expect(heard).toHaveLength(TURNS);
    expect(endpoint.counters.messagesResent).toBe(0);
  }
  // What the flood had used up is back within a second.
  rig.fate = () => [0];
  rig.run(30);
  rig.joined();
});

/** Bytes that cost a flooder little: a stranger's DATA, and a CONNECT that is nothing of the kind. */
test.each([
  ["DATA of no connection", Uint8Array.from({ length: 24 }, (_, i) => (i === 0 ? PacketType.Data : i))],
  ["CONNECT of noise", Uint8Array.from({ length: 24 }, (_, i) => (i === 0 ? PacketType.Connect : i))],
])("%s from everywhere does not use up what newcomers need", (_name, noise) => {
  const rig = new Rig();
  const resets: number[] = [];
  let thisTurn = 0;
  rig.fate = (bytes) => {
    if (bytes[0] === PacketType.Reset) thisTurn += 1;
    return [0];
  };
  const flood = (): void => {
    resets.push(thisTurn);
    thisTurn = 0;
    for (let i = 0; i < 1_000; i += 1) {
      const host = `${20 + Math.floor(rig.random() * 200)}.${Math.floor(rig.random() * 256)}.7.9`;
      rig.inject(noise, { host, port: 1_024 });
    }
  };
  rig.run(30, flood);
  const newcomer = rig.join();
  rig.run(6, flood);
  expect(newcomer.endpoint.connection.state).toBe("connected");
  expect(rig.server.counters.refusedBudget).toBe(0);
  expect(Math.max(...resets)).toBeLessThanOrEqual(256);
});
