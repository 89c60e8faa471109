import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { LinkOptions } from "../../client/load/link-profiles.ts";
import type { DirectionCounters, ProxyCounters } from "../../client/load/proxy-counters.ts";
import { SocketError } from "../../src/net/ports/datagram-socket.ts";
import { numbered, numberOf, ProxiedStage } from "./proxied-stage.ts";

/** What two hops in memory and the waits for a socket add at most. */
const HOPS_MS = 0.1;

function accountFor(counters: ProxyCounters): void {
  const rest = ({
    received,
    duplicated,
    forwarded,
    lost,
    queueDropped,
    refused,
    unsent,
  }: DirectionCounters) => received + duplicated - forwarded - lost - queueDropped - refused - unsent;
  expect(rest(counters.up) + rest(counters.down)).toBe(counters.underWay);
}

/** Two clients and a server that answers each datagram, for a second. */
async function converse(link: LinkOptions, seed: number) {
  const stage = await ProxiedStage.open(link, seed);
  const clients = [stage.client(), stage.client()];
  let answered = 0;
  for (let number = 0; number < 60; number += 1) {
    for (const { socket } of clients) stage.send(socket, stage.proxy.address, numbered(number));
    await stage.run(16);
    for (const { bytes, from } of stage.atServer.slice(answered)) {
      const [host, port] = from.split(":");
      stage.send(stage.server, { host: host!, port: Number(port) }, bytes);
    }
    answered = stage.atServer.length;
  }
  await stage.run(5_000);
  const { counters } = stage.proxy;
  await stage.proxy.close();
  return { atServer: stage.atServer, atClients: clients.map(({ arrivals }) => arrivals), answered, counters };
}

describe("ImpairingProxy", () => {
  it("carries both ways, each in its own time, and shows the server each client as an address of its own", async () => {
    const stage = await ProxiedStage.open({ latencyMs: { up: 40, down: 25 } });
    const [one, two] = [stage.client(), stage.client()];
    stage.send(one.socket, stage.proxy.address, numbered(1));
    stage.send(two.socket, stage.proxy.address, numbered(2));
    await stage.run(39.9);
    expect(stage.atServer).toEqual([]);
    await stage.run(0.2);
    expect(stage.atServer.map(({ bytes }) => bytes)).toEqual([numbered(1), numbered(2)]);
    const seenAs = stage.atServer.map(({ from }) => from);
    expect(new Set([...seenAs, `127.0.0.1:${stage.proxy.address.port}`]).size).toBe(3);

    const port = Number(seenAs[1]!.split(":")[1]);
    stage.send(stage.server, { host: "127.0.0.1", port }, numbered(3, 7));
    await stage.run(100);
    expect(one.arrivals).toEqual([]);
    expect(two.arrivals).toHaveLength(1);
    expect(two.arrivals[0]!.bytes).toEqual(numbered(3, 7));
    expect(two.arrivals[0]!.from).toBe(`127.0.0.1:${stage.proxy.address.port}`);
    expect(two.arrivals[0]!.atMs - 40.1 - 25).toBeLessThan(HOPS_MS);
    const { up, down, clients } = stage.proxy.counters;
    expect(up).toMatchObject({ received: 2, receivedBytes: 200, forwarded: 2, forwardedBytes: 200 });
    expect(down).toMatchObject({ received: 1, receivedBytes: 7, forwarded: 1, forwardedBytes: 7 });
    expect(clients).toBe(2);
  });

  test("the same seed does the same again, and accounts for all", async () => {
    const percent = fc.constantFrom(0, 20);
    const links = fc.record({
      ...{
        lossPercent: percent,
        duplicatePercent: percent,
        reorderPercent: percent,
        corruptPercent: percent,
      },
      ...{ burstMs: fc.constantFrom(0, 50), bandwidthKbit: fc.constantFrom(40, 1_000) },
      ...{ latencyMs: fc.constantFrom(10, 60), jitterMs: fc.constantFrom(0, 10) },
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(), links, async (seed, link) => {
        const first = await converse(link, seed);
        expect(await converse(link, seed)).toEqual(first);
        accountFor(first.counters);
        expect(first.counters.up.received).toBe(120);
        expect(first.counters.down.received).toBe(first.answered);
        expect(first.answered).toBeGreaterThan(20);
        expect(first.counters.underWay).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  test("another seed does something else", async () => {
    const lossy = { lossPercent: 20 };
    expect((await converse(lossy, 1)).atServer).not.toEqual((await converse(lossy, 2)).atServer);
  });

  it("changes one byte of what it damages, and nothing of the rest", async () => {
    const stage = await ProxiedStage.open({ corruptPercent: 30, latencyMs: 5 });
    const { socket } = stage.client();
    for (let number = 0; number < 500; number += 1) {
      stage.send(socket, stage.proxy.address, numbered(1, 1_200));
      await stage.run(1);
    }
    await stage.run(100);
    const wrongBytes = stage.atServer.map(
      ({ bytes }) => bytes.filter((byte, at) => byte !== numbered(1, 1_200)[at]).length,
    );
    expect(wrongBytes).toHaveLength(500);
    expect(wrongBytes.filter((count) => count === 1).length).toBe(stage.proxy.counters.up.corrupted);
    expect(wrongBytes.every((count) => count <= 1)).toBe(true);
    expect(stage.proxy.counters.up.corrupted).toBeGreaterThan(100);
  });

  it("waits for a client's socket, and loses nothing and no order meanwhile", async () => {
    const stage = await ProxiedStage.open({});
    let open = (): void => {};
    stage.opening = new Promise((resolve) => {
      open = resolve;
    });
    const { socket } = stage.client();
    for (let number = 0; number < 20; number += 1) stage.send(socket, stage.proxy.address, numbered(number));
    await stage.run(30);
    expect(stage.atServer).toEqual([]);
    expect(stage.proxy.counters.underWay).toBe(20);
    open();
    await stage.run(5);
    expect(stage.atServer.map(({ bytes }) => numberOf(bytes))).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  it("forgets who has been silent for a minute, and gives the next a new address", async () => {
    const stage = await ProxiedStage.open({ latencyMs: 1 });
    const { socket } = stage.client();
    const { socket: talker } = stage.client();
    stage.send(socket, stage.proxy.address, numbered(1));
    for (let second = 0; second < 62; second += 1) {
      stage.send(talker, stage.proxy.address, numbered(2));
      await stage.run(1_000);
      if (second === 58) expect(stage.proxy.counters.clients).toBe(2);
    }
    expect(stage.proxy.counters.clients).toBe(1);
    stage.send(socket, stage.proxy.address, numbered(3));
    await stage.run(10);
    const [before] = stage.atServer.filter(({ bytes }) => numberOf(bytes) === 1);
    const [after] = stage.atServer.filter(({ bytes }) => numberOf(bytes) === 3);
    expect(after!.from).not.toBe(before!.from);
    accountFor(stage.proxy.counters);
  });

  it("lets in as many clients as it may, and counts what others send", async () => {
    const stage = await ProxiedStage.open({}, 1, { maxClients: 2 });
    for (let n = 0; n < 3; n += 1) stage.send(stage.client().socket, stage.proxy.address, numbered(n));
    await stage.run(10);
    expect(stage.proxy.counters.clients).toBe(2);
    expect(stage.proxy.counters.up).toMatchObject({ received: 3, forwarded: 2, refused: 1 });
    accountFor(stage.proxy.counters);
  });

  it("hears nobody but the server at a client's socket", async () => {
    const stage = await ProxiedStage.open({});
    const { socket, arrivals } = stage.client();
    stage.send(socket, stage.proxy.address, numbered(1));
    await stage.run(10);
    const port = Number(stage.atServer[0]!.from.split(":")[1]);
    stage.send(stage.client().socket, { host: "127.0.0.1", port }, numbered(2));
    await stage.run(10);
    expect(arrivals).toEqual([]);
    expect(stage.proxy.counters.down.received).toBe(0);
  });

  it("says how late it was itself, with datagrams and without", async () => {
    const stage = await ProxiedStage.open({ latencyMs: 10 });
    const { socket } = stage.client();
    stage.send(socket, stage.proxy.address, numbered(1));
    await stage.run(100);
    expect(stage.proxy.counters.lateMs.max).toBeLessThan(1);
    stage.send(socket, stage.proxy.address, numbered(2));
    stage.stalledUntilMs = stage.network.nowMs + 50;
    await stage.run(100);
    expect(stage.proxy.counters.lateMs.max).toBeCloseTo(40, 0);
    stage.proxy.forgetLateness();
    expect(stage.proxy.counters.lateMs.max).toBe(0);
    stage.stalledUntilMs = stage.network.nowMs + 200;
    await stage.run(300);
    expect(stage.proxy.counters.lateMs.max).toBeGreaterThan(150);
  });

  it("says in one sentence that its address is taken", async () => {
    const taken = ProxiedStage.open({}, 1, { bind: { host: "127.0.0.1", port: 7777 } });
    await expect(taken).rejects.toThrow(SocketError);
    await expect(taken).rejects.toThrow("UDP port 127.0.0.1:7777 is already in use");
  });
});
