import { afterEach, describe, expect, it } from "vitest";
import { linkPlan } from "../../client/load/link-profiles.ts";
import { ProxyProgram } from "../../client/load/proxy-program.ts";
import type { DatagramSocket } from "../../src/net/ports/datagram-socket.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import { openDatagramSocket } from "../../src/runtime-adapters/open-socket.ts";

const CLIENTS = 5;
const TURNS = 100;
/** Of each client in each turn: small enough for any socket's buffer. */
const BURST = 4;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function socket(onDatagram: (bytes: Uint8Array, from: PeerAddress) => void): Promise<DatagramSocket> {
  const opened = await openDatagramSocket({ host: "127.0.0.1", port: 0 }, { onDatagram, onError() {} });
  ends.push(() => opened.close());
  return opened;
}

async function start(target: PeerAddress, seed: number): Promise<ProxyProgram> {
  const plan = linkPlan({ lossPercent: { up: 20, down: 0 }, latencyMs: 3 });
  const proxy = await ProxyProgram.start({ target, plan, seed });
  ends.push(() => proxy.close());
  return proxy;
}

/** Numbers of each client that reached the server, by the seed. */
async function numbersThrough(seed: number) {
  const heard: number[][] = Array.from({ length: CLIENTS }, () => []);
  const seenAs = new Set<number>();
  const server = await socket((bytes, from) => {
    heard[bytes[0]!]!.push(bytes[1]! * 256 + bytes[2]!);
    seenAs.add(from.port);
  });
  const proxy = await start(server.address, seed);
  const clients: DatagramSocket[] = [];
  for (let n = 0; n < CLIENTS; n += 1) clients.push(await socket(() => {}));
  const outbox = new Outbox();
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [client, from] of clients.entries()) {
      outbox.clear();
      for (let i = turn * BURST; i < (turn + 1) * BURST; i += 1) {
        outbox.open().set([client, i >> 8, i & 255]);
        outbox.commit(3, proxy.address);
      }
      from.sendMany(outbox);
      // The proxy meets its clients in the same order each time.
      if (turn === 0) await wait(20);
    }
    await wait(2);
  }
  // However long the proxy has no core.
  await until(async () => {
    const { up } = await proxy.counters();
    return up.forwarded + up.lost === CLIENTS * TURNS * BURST && heard.flat().length === up.forwarded;
  });
  return { heard, seenAs, counters: await proxy.counters() };
}

/** Or for ten seconds: what is then missing the test will find. */
async function until(isDone: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!(await isDone()) && performance.now() < endMs) await wait(2);
}

describe("ProxyProgram", () => {
  it("loses the same of each client's datagrams for the same seed, over real sockets", async () => {
    const first = await numbersThrough(5);
    const { up } = first.counters;
    const sent = CLIENTS * TURNS * BURST;
    expect([up.received, up.forwarded + up.lost]).toEqual([sent, sent]);
    expect(first.heard.flat().length).toBe(up.forwarded);
    expect(Math.abs(up.lost - sent * 0.2)).toBeLessThan(5 * Math.sqrt(sent * 0.2 * 0.8));
    expect(first.seenAs.size).toBe(CLIENTS);
    expect(first.counters).toMatchObject({ clients: CLIENTS, underWay: 0 });
    expect(first.counters.cpuSeconds).toBeGreaterThan(0);

    expect((await numbersThrough(5)).heard).toEqual(first.heard);
    expect((await numbersThrough(6)).heard).not.toEqual(first.heard);
  });

  it("begins its lateness anew when asked, and answers nothing once it is over", async () => {
    const server = await socket(() => {});
    const proxy = await start(server.address, 1);
    await wait(100);
    await proxy.forgetLateness();
    const { p50, max } = (await proxy.counters()).lateMs;
    expect(max).toBeGreaterThanOrEqual(p50);
    await proxy.close();
    expect((await proxy.ended).code).toBe(0);
    await expect(proxy.counters()).rejects.toThrow("the proxy has ended");
  });

  it("says in one sentence why it could not start", async () => {
    const taken = await socket(() => {});
    const start = ProxyProgram.start({
      ...{ target: { host: "127.0.0.1", port: 9 }, plan: linkPlan({}), seed: 1 },
      bind: { host: "127.0.0.1", port: taken.address.port },
    });
    await expect(start).rejects.toThrow(`UDP port 127.0.0.1:${taken.address.port} is already in use`);
  });
});
