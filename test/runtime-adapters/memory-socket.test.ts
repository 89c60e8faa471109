import { describe, expect, it } from "vitest";
import type { DatagramSocket } from "../../src/net/ports/datagram-socket.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import { formatAddress, type PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { LinkConditions } from "../../src/runtime-adapters/link-conditions.ts";
import { MemoryNetwork } from "../../src/runtime-adapters/memory-socket.ts";
import { datagramSocketSuite } from "./datagram-socket-suite.ts";

const shared = new MemoryNetwork({ seed: 1 });
datagramSocketSuite("memory socket", shared.openSocket, {
  advance: () => shared.advanceTo(shared.nowMs + 1),
  isReal: false,
  growsReceiveBuffer: false,
  keepsOrder: true,
});

interface Arrival {
  readonly atMs: number;
  readonly number: number;
}

class Pair {
  readonly network: MemoryNetwork;
  readonly arrivals: Arrival[] = [];
  readonly sender: DatagramSocket;
  readonly receiver: DatagramSocket;
  readonly #outbox = new Outbox();

  constructor(seed: number, link: Partial<LinkConditions>) {
    this.network = new MemoryNetwork({ seed, link });
    const ignore = { onDatagram: (): void => {}, onError: (): void => {} };
    this.sender = this.network.open({ host: "127.0.0.1", port: 1000 }, ignore);
    this.receiver = this.network.open(
      { host: "127.0.0.1", port: 2000 },
      {
        onDatagram: (bytes) => {
          const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
          this.arrivals.push({ atMs: this.network.nowMs, number });
        },
        onError: () => {},
      },
    );
  }

  send(number: number, to: PeerAddress = this.receiver.address): void {
    this.#outbox.clear();
    const slot = this.#outbox.open();
    new DataView(slot.buffer).setUint32(0, number);
    this.#outbox.commit(4, to);
    this.sender.sendMany(this.#outbox);
  }

  /** One datagram every 50 ms, then time for all to arrive. */
  run(count: number): this {
    for (let number = 0; number < count; number += 1) {
      this.send(number);
      this.network.advanceTo(this.network.nowMs + 50);
    }
    this.network.advanceTo(this.network.nowMs + 10_000);
    return this;
  }
}

function expectAllAccountedFor(network: MemoryNetwork): void {
  expect(
    network.delivered + network.lost + network.queueDropped + network.unreachable + network.underWay,
  ).toBe(network.sent + network.duplicated);
}

const ROUGH: Partial<LinkConditions> = {
  lossPercent: 10,
  latencyMs: 40,
  jitterMs: 20,
  duplicatePercent: 5,
  reorderPercent: 8,
};

describe("MemoryNetwork", () => {
  it("delivers after the latency, and says when", () => {
    const pair = new Pair(1, { latencyMs: 50 });
    expect(pair.network.nextDueMs()).toBe(Number.POSITIVE_INFINITY);
    pair.send(1);
    expect(pair.network.nextDueMs()).toBe(50);
    pair.network.advanceTo(49.9);
    expect(pair.arrivals).toEqual([]);
    pair.network.advanceTo(60);
    expect(pair.arrivals).toEqual([{ atMs: 50, number: 1 }]);
    expect(pair.network.nowMs).toBe(60);
    expect(() => pair.network.advanceTo(59)).toThrow(RangeError);
  });

  it("keeps the order of ties and of jitter", () => {
    const pair = new Pair(5, { latencyMs: 10, jitterMs: 30 });
    for (let number = 0; number < 500; number += 1) pair.send(number);
    pair.network.advanceTo(100);
    expect(pair.arrivals.map(({ number }) => number)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(pair.arrivals.every(({ atMs }) => atMs >= 10 && atMs <= 40)).toBe(true);
  });

  it("loses, duplicates and reorders about as often as asked", () => {
    const count = 20_000;
    const { network, arrivals } = new Pair(42, ROUGH).run(count);
    // Five standard deviations of each binomial count.
    expect(Math.abs(network.lost - count * 0.1)).toBeLessThan(5 * Math.sqrt(count * 0.1 * 0.9));
    const kept = count - network.lost;
    expect(Math.abs(network.duplicated - kept * 0.05)).toBeLessThan(5 * Math.sqrt(kept * 0.05 * 0.95));
    const copies = kept + network.duplicated;
    expect(Math.abs(network.reordered - copies * 0.08)).toBeLessThan(5 * Math.sqrt(copies * 0.08 * 0.92));
    const overtaken = arrivals.filter(({ number }, i) => i > 0 && number < arrivals[i - 1]!.number).length;
    // A detour is longer than the 50 ms between two sends, but the next one may be lost, late or on one too.
    expect(overtaken).toBeGreaterThan(network.reordered * 0.5);
    expect(overtaken).toBeLessThanOrEqual(network.reordered);
    expect(network.underWay).toBe(0);
    expectAllAccountedFor(network);
  });

  it("changes one byte of what it damages, and the sender's own memory never", () => {
    const network = new MemoryNetwork({ seed: 2, link: { corruptPercent: 40 } });
    const heard: Uint8Array[] = [];
    const to = { host: "127.0.0.1", port: 2000 };
    network.open(to, { onDatagram: (bytes) => heard.push(bytes.slice()), onError() {} });
    const sender = network.open({ host: "127.0.0.1", port: 1000 }, { onDatagram() {}, onError() {} });
    const outbox = new Outbox();
    outbox.open().fill(7);
    outbox.commit(1_200, to);
    for (let n = 0; n < 1_000; n += 1) sender.sendMany(outbox);
    network.advanceTo(1);
    const wrongBytes = heard.map((bytes) => bytes.filter((byte) => byte !== 7).length);
    expect(wrongBytes).toHaveLength(1_000);
    expect(wrongBytes.filter((count) => count === 1).length).toBe(network.corrupted);
    expect(wrongBytes.every((count) => count <= 1)).toBe(true);
    expect(network.corrupted).toBeGreaterThan(300);
    expect(outbox.bytesOf(0).every((byte) => byte === 7)).toBe(true);
    expectAllAccountedFor(network);
  });

  it("repeats itself for a seed, and only for it", () => {
    const trace = new Pair(7, ROUGH).run(2_000).arrivals;
    expect(new Pair(7, ROUGH).run(2_000).arrivals).toEqual(trace);
    expect(new Pair(8, ROUGH).run(2_000).arrivals).not.toEqual(trace);
  });

  it("changes a link in mid-run, one direction only", () => {
    const pair = new Pair(3, { latencyMs: 5 });
    const { network, sender, receiver } = pair;
    network.setLink(sender.address, receiver.address, { lossPercent: 100 });
    for (let number = 0; number < 100; number += 1) pair.send(number);
    expect(network.lost).toBe(100);
    network.setLink(sender.address, receiver.address, { lossPercent: 0, latencyMs: 80 });
    network.setAllLinks({ latencyMs: 500 });
    pair.send(100);
    expect(network.nextDueMs()).toBe(80);
    const back = new Outbox();
    back.open();
    back.commit(4, sender.address);
    receiver.sendMany(back);
    network.advanceTo(499);
    expect(network.underWay).toBe(1);
    network.advanceTo(500);
    expect(network.delivered).toBe(2);
    expectAllAccountedFor(network);
  });

  it("counts what finds no socket, closed on the way included", async () => {
    const pair = new Pair(3, { latencyMs: 5 });
    pair.send(1, { host: "127.0.0.1", port: 9 });
    pair.send(2);
    await pair.receiver.close();
    pair.network.advanceTo(10);
    expect(pair.network.unreachable).toBe(2);
    expect(pair.arrivals).toEqual([]);
    expectAllAccountedFor(pair.network);
  });

  it("finds wildcard sockets at any host, and answers come from loopback", () => {
    const network = new MemoryNetwork({ seed: 1 });
    const seen: string[] = [];
    const server = network.open(
      { host: "0.0.0.0", port: 7777 },
      {
        onDatagram: (_bytes, from) => {
          const answer = new Outbox();
          answer.open();
          answer.commit(1, from);
          server.sendMany(answer);
        },
        onError: () => {},
      },
    );
    const client = network.open(
      { host: "10.0.0.1", port: 0 },
      { onDatagram: (_bytes, from) => seen.push(`${from.host}:${from.port}`), onError: () => {} },
    );
    const outbox = new Outbox();
    outbox.open();
    outbox.commit(1, { host: "10.9.9.9", port: 7777 });
    client.sendMany(outbox);
    network.advanceTo(1);
    expect(seen).toEqual(["127.0.0.1:7777"]);
    expect(() => network.open({ host: "127.0.0.1", port: 7777 }, { onDatagram() {}, onError() {} })).toThrow(
      "UDP port 127.0.0.1:7777 is already in use",
    );
  });

  it("moves a socket to another address, as a NAT that has forgotten does", () => {
    const network = new MemoryNetwork({ seed: 1, link: { latencyMs: 10 } });
    const heard: string[] = [];
    const events = (name: string) => ({
      onDatagram: (_bytes: Uint8Array, from: PeerAddress) => heard.push(`${name} < ${formatAddress(from)}`),
      onError: () => {},
    });
    const [home, away, taken] = [1, 2, 3].map((n) => ({ host: `10.0.0.${n}`, port: n }));
    const client = network.open({ host: "0.0.0.0", port: 1 }, events("client"));
    const server = network.open(taken!, events("server"));
    const send = (socket: DatagramSocket, to: PeerAddress): void => {
      const outbox = new Outbox();
      outbox.open();
      outbox.commit(1, to);
      socket.sendMany(outbox);
    };
    send(client, taken!);
    send(server, home!);
    network.rebind(home!, away!);
    send(client, taken!);
    network.advanceTo(20);
    // What was on its way to the former address is lost; what was on its way from it is not.
    expect(heard.splice(0)).toEqual(["server < 127.0.0.1:1", "server < 10.0.0.2:2"]);
    expect([network.unreachable, client.address]).toEqual([1, { host: "0.0.0.0", port: 1 }]);
    send(server, away!);
    network.advanceTo(40);
    expect(heard).toEqual(["client < 10.0.0.3:3"]);
    expect(() => network.rebind(home!, away!)).toThrow("No socket is at 10.0.0.1:1");
    expect(() => network.rebind(away!, taken!)).toThrow("10.0.0.3:3 is taken");
    void client.close();
    expect(() => network.rebind(away!, home!)).toThrow("No socket is at 10.0.0.2:2");
    network.open(home!, events("another"));
    expectAllAccountedFor(network);
  });

  it("accounts for hundreds of thousands under way at once", () => {
    const pair = new Pair(11, { ...ROUGH, latencyMs: 1_000 });
    for (let number = 0; number < 200_000; number += 1) pair.send(number);
    expect(pair.network.underWay).toBeGreaterThan(150_000);
    expectAllAccountedFor(pair.network);
    pair.network.advanceTo(1_050);
    expectAllAccountedFor(pair.network);
    pair.network.advanceTo(5_000);
    expect(pair.network.underWay).toBe(0);
    expectAllAccountedFor(pair.network);
    const times = pair.arrivals.map(({ atMs }) => atMs);
    expect(times.every((atMs, i) => i === 0 || atMs >= times[i - 1]!)).toBe(true);
  });

  it("sends at its bandwidth, one after the other, headers counted", () => {
    const pair = new Pair(1, { latencyMs: 20, bandwidthKbps: 64 });
    const waits: number[] = [];
    pair.network.watchQueue = (_to, _bytes, waitMs) => waits.push(waitMs);
    for (let number = 0; number < 3; number += 1) pair.send(number);
    pair.network.advanceTo(1_000);
    // 4 bytes and 28 of IP and UDP take 4 ms at 8 bytes a millisecond.
    expect(pair.arrivals.map(({ atMs }) => atMs)).toEqual([24, 28, 32]);
    expect(waits).toEqual([0, 4, 8]);
  });

  it("drops what its buffer has no room for, and counts it", () => {
    const pair = new Pair(1, { bandwidthKbps: 64, bufferMs: 50 });
    const waits: number[] = [];
    pair.network.watchQueue = (_to, _bytes, waitMs) => waits.push(waitMs);
    for (let number = 0; number < 100; number += 1) pair.send(number);
    expect(pair.network.underWay).toBe(93); // 50 ms are 400 bytes, but 3,000 is the least: 93 of 32 bytes
    expect(pair.network.queueDropped).toBe(7);
    expect(waits.slice(92)).toEqual([368, -1, -1, -1, -1, -1, -1, -1]);
    pair.network.setAllLinks({ bandwidthKbps: 640, bufferMs: 100 });
    pair.network.advanceTo(500);
    for (let number = 0; number < 400; number += 1) pair.send(number);
    expect(pair.network.queueDropped).toBe(7 + 150); // 100 ms are 8,000 bytes: 250 of 32
    expectAllAccountedFor(pair.network);
  });

  it("has ways that name one bottleneck share it, and no others", () => {
    const pair = new Pair(1, { bandwidthKbps: 64 });
    const { sender, receiver, network } = pair;
    const other = network.open({ host: "127.0.0.1", port: 3000 }, { onDatagram() {}, onError() {} });
    const waitsAtSecond = (): number => {
      let last = 0;
      network.watchQueue = (_to, _bytes, waitMs) => {
        last = waitMs;
      };
      pair.send(1);
      pair.send(2, other.address);
      network.advanceTo(network.nowMs + 100);
      return last;
    };
    expect(waitsAtSecond()).toBe(0);
    network.setLink(sender.address, receiver.address, { bottleneck: "dsl" });
    expect(waitsAtSecond()).toBe(0);
    network.setLink(sender.address, other.address, { bottleneck: "dsl" });
    expect(waitsAtSecond()).toBe(4);
    network.setLink(sender.address, other.address, { bottleneck: "" });
    expect(waitsAtSecond()).toBe(0);
  });

  it("counts what is lost behind a bottleneck as passed through it", () => {
    const pair = new Pair(3, { ...ROUGH, bandwidthKbps: 64, bufferMs: 60_000 });
    for (let number = 0; number < 1_000; number += 1) pair.send(number);
    pair.network.advanceTo(20_000);
    expect(pair.network.lost).toBeGreaterThan(50);
    // All thousand took their 4 ms, the lost ones too.
    expect(pair.arrivals.at(-1)!.atMs).toBeGreaterThan(4_000);
    expectAllAccountedFor(pair.network);
  });
});

describe("loss in bursts", () => {
  it("takes the share it is told to, in runs of the length it is told to, the same for the same seed", () => {
    const lostRuns = (seed: number): number[] => {
      const pair = new Pair(seed, { lossPercent: 10, burstMs: 500 });
      const came = new Set(pair.run(20_000).arrivals.map(({ number }) => number));
      const runs: number[] = [];
      for (let number = 0, run = 0; number <= 20_000; number += 1) {
        if (number < 20_000 && !came.has(number)) run += 1;
        else if (run > 0) {
          runs.push(run);
          run = 0;
        }
      }
      return runs;
    };
    const runs = lostRuns(4);
    const lost = runs.reduce((sum, run) => sum + run, 0);
    expect(lost / 20_000).toBeGreaterThan(0.08);
    expect(lost / 20_000).toBeLessThan(0.12);
    // One datagram every 50 ms; the shortest bursts fall between two.
    expect(lost / runs.length).toBeGreaterThan(8);
    expect(lost / runs.length).toBeLessThan(13);
    expect(lostRuns(4)).toEqual(runs);
    expect(lostRuns(5)).not.toEqual(runs);
  });
});
