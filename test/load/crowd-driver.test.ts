import { describe, expect, test } from "vitest";
import type { DrivenClient } from "../../client/client-driver.ts";
import { CrowdDriver } from "../../client/load/crowd-driver.ts";
import type { DatagramEvents } from "../../src/net/ports/datagram-socket.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";

const SERVER: PeerAddress = { host: "127.0.0.1", port: 7777 };
const TICK_MS = 33;

/** Two clients on a driver with clock, ticker and sockets of ours. */
class Bench {
  nowMs = 1_000;
  wakeAtMs = Number.POSITIVE_INFINITY;
  readonly turns: string[] = [];
  readonly events: DatagramEvents[] = [];
  closed = 0;
  readonly driver = new CrowdDriver({
    clock: { nowMs: () => this.nowMs },
    ticker: {
      wakeAt: (dueMs, onWake) => {
        this.wakeAtMs = dueMs;
        this.#onWake = onWake;
      },
      cancel: () => {},
    },
    openSocket: (_bind, events) => {
      this.events.push(events);
      return Promise.resolve({
        address: SERVER,
        receiveBufferBytes: undefined,
        sendMany: (outbox) => outbox.length,
        close: () => {
          this.closed += 1;
          return Promise.resolve();
        },
      });
    },
  });
  #onWake: () => void = () => {};

  client(name: string, dueMs: number): DrivenClient & { isTurning: boolean; nextDueMs: number } {
    const turned = (nowMs: number): void => {
      this.turns.push(`${name} ${nowMs}`);
      client.nextDueMs = nowMs + TICK_MS;
    };
    const client = {
      ...{ isTurning: true, nextDueMs: dueMs },
      ...{ start() {}, receive() {}, noteUnsent() {}, turn: turned },
    };
    return client;
  }

  wake(): void {
    this.nowMs = this.wakeAtMs;
    this.#onWake();
  }

  hear(client: number): void {
    this.events[client]!.onDatagram(new Uint8Array(1), SERVER);
  }
}

describe("a driver of crowds", () => {
  test("turns each client when it is due, and who is due with what it receives", async () => {
    const bench = new Bench();
    await bench.driver.add(bench.client("a", 1_010), SERVER);
    await bench.driver.add(bench.client("b", 1_020), SERVER);
    bench.hear(0);
    expect(bench.turns).toEqual([]);
    bench.wake();
    expect(bench.turns).toEqual(["a 1010"]);
    bench.nowMs = 1_022;
    bench.hear(1);
    expect(bench.turns).toEqual(["a 1010", "b 1022"]);
    // What wakes it finds nobody to turn before the next tick of "a".
    bench.wake();
    expect(bench.turns).toHaveLength(2);
    bench.wake();
    bench.wake();
    expect(bench.turns.slice(2)).toEqual(["a 1043", "b 1055"]);
  });

  test("closes the socket of a client that ended with what it received", async () => {
    const bench = new Bench();
    const a = bench.client("a", 1_010);
    await bench.driver.add(a, SERVER);
    await bench.driver.add(bench.client("b", 1_020), SERVER);
    a.isTurning = false;
    a.nextDueMs = Number.POSITIVE_INFINITY;
    bench.hear(0);
    bench.wake();
    expect([bench.nowMs, bench.closed]).toEqual([1_000, 1]);
    bench.wake();
    expect(bench.turns).toEqual(["b 1020"]);
  });
});
