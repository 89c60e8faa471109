import { describe, expect, test } from "vitest";
import { DEFAULT_RATES } from "../../../src/net/congestion/rate-limits.ts";
import type { Connection } from "../../../src/net/connection/connection.ts";
import { QueuedBlocks } from "../queued-blocks.ts";
import { RELIABLE, Rig, SEQUENCED, SERVER, type Seen, TURN_MS, UNRELIABLE } from "./rig.ts";

const turns = (seconds: number): number => Math.ceil((seconds * 1000) / TURN_MS);
const numbered = (n: number): Uint8Array => Uint8Array.of(n >>> 8, n);
const heard = (saw: readonly Seen[], channel = RELIABLE): number[] =>
  saw
    .filter((event) => event.kind === "message" && event.channel === channel)
    .map(({ payload }) => payload[0]! * 256 + payload[1]!);
const kinds = (saw: readonly Seen[]): string[] =>
  saw.map(({ kind }) => kind).filter((kind) => kind !== "message");
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

function playing(rates = DEFAULT_RATES): { rig: Rig; client: Rig["clients"][number]; server: Connection } {
  const rig = new Rig({ rates });
  const client = rig.joined();
  return { rig, client, server: [...rig.server.connections()][0]! };
}

/** Everything is lost for so long, and all is well again. */
function outage(rig: Rig, seconds: number, eachTurn = (): void => {}): void {
  const { fate } = rig;
  rig.fate = () => [];
  rig.run(turns(seconds), eachTurn);
  rig.fate = fate;
}

describe("a silent peer", () => {
  test("is dropped, told once, and comes back within a fraction of a second", () => {
    const { rig, client, server } = playing();
    outage(rig, 25);
    expect([client.endpoint.connection.state, server.state]).toEqual(["dropped", "dropped"]);
    const noticedAfter = (): number => {
      for (let n = 1; ; n += 1) {
        rig.run(1);
        if (client.endpoint.connection.state === "connected" && server.state === "connected") return n;
      }
    };
    expect(noticedAfter() * TURN_MS).toBeLessThan(400);
    rig.run(turns(60));
    expect(kinds(client.saw)).toEqual(["connected", "dropped", "resumed"]);
    expect(kinds(rig.serverSaw)).toEqual(["connected", "dropped", "resumed"]);
    expect(rig.server.counters).toMatchObject({
      ...{ connectionsOpened: 1, connectionsDropped: 1, connectionsResumed: 1, connectionsTimedOut: 0 },
    });
  });

  test("is waited for again after each time it came back, and not for ever", () => {
    const { rig, client, server } = playing();
    for (let i = 0; i < 3; i += 1) {
      outage(rig, 39);
      expect([client.endpoint.connection.state, server.state]).toEqual(["dropped", "dropped"]);
      rig.run(20);
      expect([client.endpoint.connection.state, server.state]).toEqual(["connected", "connected"]);
    }
    outage(rig, 41);
    expect([client.endpoint.connection.state, server.state]).toEqual(["closed", "closed"]);
    expect(client.saw.at(-1)).toMatchObject({ kind: "disconnected", reason: "timeout", by: "network" });
    expect(rig.server.connectionCount).toBe(0);
  });

  test("as long as the owner says: none at all ends it at once", () => {
    const rig = new Rig({ reconnectMs: 0 });
    const client = rig.join({ reconnectMs: 2_000 });
    rig.run(10);
    outage(rig, 11);
    expect(rig.server.connectionCount).toBe(0);
    expect(client.endpoint.connection.state).toBe("dropped");
    outage(rig, 2);
    expect(client.endpoint.connection.state).toBe("closed");
  });

  test("hears little: a ping a second from the server, four from the client, whatever their owners queue", () => {
    const { rig, client, server } = playing();
    const blocks = new QueuedBlocks(server);
    const block = new Uint8Array(1000);
    const busy = (): void => {
      blocks.tell(...upTo(8).map(() => block));
      client.endpoint.connection.queueInput(block.subarray(0, 600), 600, 1);
      server.send(RELIABLE, numbered(0));
      client.endpoint.send(RELIABLE, numbered(0));
    };
    outage(rig, 11, busy);
    expect(server.state).toBe("dropped");
    const before = { up: client.endpoint.counters.datagramsSent, down: rig.server.counters.datagramsSent };
    outage(rig, 20, busy);
    expect(rig.server.counters.datagramsSent - before.down).toBeLessThanOrEqual(21);
    expect(rig.server.counters.datagramsSent - before.down).toBeGreaterThanOrEqual(18);
    expect(client.endpoint.counters.datagramsSent - before.up).toBeLessThanOrEqual(81);
    expect(client.endpoint.counters.datagramsSent - before.up).toBeGreaterThanOrEqual(70);
  });

  test("one way is enough to be there: who still hears goes on", () => {
    const { rig, client, server } = playing();
    rig.fate = (_bytes, to) => (to === SERVER ? [0] : []);
    rig.run(turns(39));
    expect([client.endpoint.connection.state, server.state]).toEqual(["dropped", "connected"]);
    expect(kinds(rig.serverSaw)).toEqual(["connected"]);
    rig.fate = () => [0];
    rig.run(turns(1));
    expect(kinds(client.saw)).toEqual(["connected", "dropped", "resumed"]);
  });
});

describe("what waits for a dropped peer", () => {
  test("reliable messages from before, during and after arrive once and in order", () => {
    const { rig, client, server } = playing();
    let sent = 0;
    const say = (): void => {
      client.endpoint.send(RELIABLE, numbered(sent));
      server.send(RELIABLE, numbered(sent));
      sent += 1;
    };
    rig.run(50, say);
    outage(rig, 35, () => sent < 900 && say());
    expect(client.endpoint.connection.state).toBe("dropped");
    rig.run(50, say);
    rig.run(turns(10));
    expect(sent).toBeGreaterThan(900);
    expect(heard(rig.serverSaw)).toEqual(upTo(sent));
    expect(heard(client.saw)).toEqual(upTo(sent));
    expect(server.unackedMessages + client.endpoint.connection.unackedMessages).toBe(0);
  });

  test("send() queues what is reliable up to its bound, and lets go of the rest", () => {
    const { rig, client, server } = playing();
    outage(rig, 12);
    expect(server.state).toBe("dropped");
    const blocks = new QueuedBlocks(server);
    const answers = upTo(4_200).map((n) => server.send(RELIABLE, numbered(n)));
    expect(answers.slice(0, 4_096)).toEqual(Array(4_096).fill("queued"));
    expect(answers.slice(4_096)).toEqual(Array(104).fill("queue-full"));
    outage(rig, 10, () => {
      expect(server.send(UNRELIABLE, numbered(1))).toBe("queued");
      expect(server.send(SEQUENCED, numbered(2))).toBe("queued");
      server.queueOwn(new Uint8Array(9), 9);
      blocks.tell(new Uint8Array(9));
    });
    expect(rig.server.counters.messagesDiscarded).toBe(2 * turns(10));
    expect(rig.server.counters.blocksDropped).toBe(turns(10));
    expect(blocks.carried).toEqual([]);
    blocks.tell();
    rig.run(turns(10));
    expect(heard(client.saw)).toEqual(upTo(4_096));
    expect([...heard(client.saw, UNRELIABLE), ...heard(client.saw, SEQUENCED)]).toEqual([]);
    expect(client.saw.filter(({ kind }) => kind === "state" || kind === "own")).toEqual([]);
  });

  test("a message is not lost with the record of the packet that carried it", () => {
    const { rig, client, server } = playing();
    const blocks = new QueuedBlocks(server);
    const block = new Uint8Array(1000);
    rig.fate = () => [];
    server.send(RELIABLE, numbered(0));
    // 16 packets a turn for nine seconds: four times what is remembered of packets under way.
    rig.run(turns(9), () => blocks.tell(...upTo(16).map(() => block)));
    expect(server.state).toBe("connected");
    outage(rig, 20);
    expect(server.state).toBe("dropped");
    rig.fate = () => [0];
    rig.run(turns(5));
    expect(heard(client.saw)).toEqual([0]);
  });

  test("no flood before the drop silences it for good", () => {
    // No path is so wide; the bound holds whatever the rate is.
    const { rig, client, server } = playing({
      startBytesPerSecond: 1e9,
      minBytesPerSecond: 1e9,
      maxBytesPerSecond: 1e9,
    });
    const blocks = new QueuedBlocks(server);
    const block = new Uint8Array(1000);
    const flood = (): void => blocks.tell(...upTo(64).map(() => block));
    outage(rig, 9.9, flood);
    // So much is unacked that nothing but a knock may leave.
    expect(server.acks.mayStillSend()).toBe(false);
    outage(rig, 25, flood);
    expect(server.acks.mayKnock()).toBe(true);
    server.send(RELIABLE, numbered(0));
    rig.run(turns(3), flood);
    expect([client.endpoint.connection.state, server.state]).toEqual(["connected", "connected"]);
    expect(heard(client.saw)).toEqual([0]);
    expect(server.acks.mayStillSend()).toBe(true);
    expect(client.saw.filter(({ kind }) => kind === "state").length).toBeGreaterThan(100);
  });

  test("keys follow their rules through an outage", () => {
    const rule = { packets: 5, ms: Number.POSITIVE_INFINITY };
    const rig = new Rig({ rekey: rule });
    const client = rig.join({ rekey: rule });
    rig.run(10);
    const [server] = [...rig.server.connections()];
    let sent = 0;
    const say = (): void => {
      client.endpoint.send(RELIABLE, numbered(sent));
      server!.send(RELIABLE, numbered(sent));
      sent += 1;
    };
    for (let i = 0; i < 4; i += 1) {
      rig.run(40, say);
      outage(rig, 15, () => sent % 200 !== 0 && say());
    }
    rig.run(turns(5));
    expect(heard(rig.serverSaw)).toEqual(upTo(sent));
    expect(heard(client.saw)).toEqual(upTo(sent));
    expect(server!.seal!.keyChanges).toBeGreaterThan(20);
    expect(rig.server.counters.refusedForged + client.endpoint.counters.refusedForged).toBe(0);
  });

  test("an outage is no round trip", () => {
    const { rig, client, server } = playing();
    rig.fate = () => [40];
    const blocks = new QueuedBlocks(server);
    const talk = (): void => {
      client.endpoint.connection.queueInput(numbered(1), 2, 1);
      blocks.tell(numbered(1));
    };
    rig.run(200, talk);
    const before = [client.endpoint.connection.acks.rtt.smoothedMs!, server.acks.rtt.smoothedMs!];
    // What the server has acked last gets lost, so that the first ack after the outage is of before it.
    rig.fate = (_bytes, to) => (to === SERVER ? [40] : []);
    rig.run(3, talk);
    outage(rig, 20, talk);
    rig.fate = () => [40];
    rig.run(60, talk);
    const after = [client.endpoint.connection.acks.rtt.smoothedMs!, server.acks.rtt.smoothedMs!];
    for (const i of [0, 1]) expect(Math.abs(after[i]! - before[i]!)).toBeLessThan(60);
  });
});

describe("the end of a dropped connection", () => {
  test.each([
    ["kicked", "kicked"],
    ["the server drains", "draining"],
  ] as const)("%s: the goodbye is said and heard, and the place given back at once", (_name, reason) => {
    const { rig, client, server } = playing();
    outage(rig, 12);
    server.send(RELIABLE, numbered(0));
    server.close(reason, "bye", rig.nowMs);
    expect(server.state).toBe("closing");
    rig.run(20);
    expect(rig.serverSaw.at(-1)).toMatchObject({ kind: "disconnected", reason, by: "us" });
    expect(client.saw.at(-1)).toMatchObject({ kind: "disconnected", reason, by: "peer" });
    expect(rig.server.connectionCount).toBe(0);
  });

  test("with nobody there it takes seven goodbyes and no more", () => {
    const { rig, server } = playing();
    outage(rig, 12);
    for (let n = 0; n < 1_000; n += 1) server.send(RELIABLE, numbered(n));
    const before = rig.server.counters.datagramsSent;
    server.close("draining", "bye", rig.nowMs);
    outage(rig, 0.3);
    expect(rig.server.connectionCount).toBe(0);
    expect(rig.server.counters.datagramsSent - before).toBeLessThanOrEqual(8);
  });

  test("a client may leave while it is dropped", () => {
    const { rig, client, server } = playing();
    outage(rig, 12);
    client.endpoint.close("closed", "enough", rig.nowMs);
    rig.run(10);
    expect(server.state).toBe("closed");
    expect(rig.serverSaw.at(-1)).toMatchObject({ kind: "disconnected", reason: "closed", by: "peer" });
  });

  test("the same player connecting anew takes its place", () => {
    const rig = new Rig({ maxConnections: 1 });
    const first = rig.join({ token: rig.token({ playerId: "ada" }) });
    rig.run(10);
    outage(rig, 12);
    const stranger = rig.join();
    rig.run(10);
    expect(stranger.saw.at(-1)).toMatchObject({ kind: "disconnected", reason: "full" });
    rig.fate = (_bytes, to) => (to.host === first.address.host ? [] : [0]);
    const again = rig.join({ token: rig.token({ playerId: "ada" }) });
    rig.run(10);
    expect(again.endpoint.connection.state).toBe("connected");
    const ends = rig.serverSaw.filter(({ kind }) => kind === "disconnected");
    expect(ends).toMatchObject([{ reason: "replaced", by: "us" }]);
  });

  test("a server that was restarted meanwhile says so", () => {
    const { rig, client } = playing();
    outage(rig, 12);
    const restarted = new Rig();
    // The rig's own server forgets everyone: its answer to knocks is RESET.
    Object.defineProperty(rig, "server", { value: restarted.server });
    rig.run(20);
    expect(client.saw.at(-1)).toMatchObject({ kind: "disconnected", reason: "server-restarted" });
  });
});

describe("whoever has no keys", () => {
  test("can neither wake a dropped connection nor keep one awake", () => {
    const { rig, client, server } = playing();
    let copy: Uint8Array | undefined;
    rig.fate = (bytes, to) => {
      if (to === SERVER) copy = bytes;
      return [0];
    };
    rig.run(turns(2));
    const forged = copy!.slice();
    forged[5]! ^= 1;
    outage(rig, 12, () => {
      rig.inject(copy!, client.address);
      rig.inject(forged, client.address);
    });
    expect(server.state).toBe("dropped");
    outage(rig, 30, () => {
      rig.inject(copy!, client.address);
      rig.inject(forged, client.address);
    });
    expect(server.state).toBe("closed");
    expect(rig.server.counters.refusedForged).toBeGreaterThan(500);
    expect(rig.server.counters.connectionsResumed).toBe(0);
  });
});
