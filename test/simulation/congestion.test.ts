import { describe, expect, test } from "vitest";
import { greedyGame, greedyRoom } from "../../bench/delivery/greedy-game.ts";
import arenaRoom, { bot } from "../../examples/arena/arena-room.ts";
import { defineRoom } from "../../src/game/schema/define-room.ts";
import { IP_UDP_HEADER_BYTES } from "../../src/net/bytes/datagram-limit.ts";
import type { LinkConditions } from "../../src/runtime-adapters/link-conditions.ts";
import { Simulation } from "../../src/testing-door.ts";

const SERVER = { host: "127.0.0.1", port: 7777 };
const CLIENT = { host: "127.0.0.1", port: 49_152 };

/** One greedy flow to one player, 20 ms each way, and what becomes of it when the link changes. */
class Flow {
  readonly simulation: Simulation<(typeof greedyGame)["~shape"]>;
  readonly #client: Flow["simulation"]["clients"][number];
  readonly #waits: number[] = [];

  constructor(
    down: Partial<LinkConditions>,
    link: Partial<LinkConditions> = {},
    room = greedyRoom,
    seed = 5,
  ) {
    this.simulation = new Simulation(room, { seed, link: { latencyMs: 20, ...link }, linkDown: down });
    this.#client = this.simulation.join();
    this.simulation.network.watchQueue = (_to, _bytes, waitMs) => this.#waits.push(waitMs);
  }

  get client() {
    return this.#client;
  }

  /** kB/s that arrived over so many seconds. */
  run(seconds: number): number {
    this.#waits.length = 0;
    const before = this.#arrived();
    this.simulation.run(seconds);
    return (this.#arrived() - before) / seconds / 1000;
  }

  /** Of the last `run`. */
  get queueP95Ms(): number {
    const waits = this.#waits.filter((waitMs) => waitMs >= 0).sort((a, b) => a - b);
    return waits[Math.floor(waits.length * 0.95)] ?? 0;
  }

  down(conditions: Partial<LinkConditions>): this {
    this.simulation.network.setLink(SERVER, CLIENT, conditions);
    return this;
  }

  both(conditions: Partial<LinkConditions>): this {
    this.simulation.network.setAllLinks(conditions);
    return this;
  }

  #arrived(): number {
    const { bytesReceived, datagramsReceived } = this.#client.counters;
    return bytesReceived + IP_UDP_HEADER_BYTES * datagramsReceived;
  }
}

describe("a path without a bottleneck", () => {
  test.each([0, 3])(
    "is used up to the most a connection may cost, within two seconds (%d percent lost)",
    (lossPercent) => {
      const flow = new Flow({}, { lossPercent });
      flow.run(2);
      expect(flow.run(10)).toBeGreaterThan(900);
    },
  );

  test("costs a game that sends little nothing: every state arrives, none waits", () => {
    const quiet = defineRoom(greedyGame, { ...greedyRoom.hooks, onTick: () => {} });
    const flow = new Flow({}, {}, quiet);
    flow.run(10);
    const { counters } = flow.simulation.server.net;
    expect(counters.blocksDropped).toBe(0);
    expect(flow.client.stats.stateTicks).toBeGreaterThan(280);
  });
});

describe("a path that changes", () => {
  test("30 % loss leaves more than a third of the link to what arrives", () => {
    const flow = new Flow({ bandwidthKbps: 512 }, { lossPercent: 30 });
    flow.run(5);
    expect(flow.run(30)).toBeGreaterThan(64 * 0.35);
    flow.both({ lossPercent: 0 }).run(1);
    expect(flow.both({ lossPercent: 30 }).run(30)).toBeGreaterThan(64 * 0.35);
  });

  test("after an outage of 5 s the link is used again within a second", () => {
    const flow = new Flow({ bandwidthKbps: 512 });
    flow.run(10);
    flow.both({ lossPercent: 100 }).run(5);
    flow.both({ lossPercent: 0 }).run(1);
    expect(flow.run(2)).toBeGreaterThan(64 * 0.8);
  });

  test("half a second in which all packets are late costs about a second", () => {
    const flow = new Flow({ bandwidthKbps: 512 });
    flow.run(10);
    flow.down({ latencyMs: 500 }).run(0.5);
    flow.down({ latencyMs: 20 }).run(1);
    expect(flow.run(2)).toBeGreaterThan(64 * 0.8);
  });

  test("a much slower link has its queue worked off, a faster one is found", () => {
    const flow = new Flow({ bandwidthKbps: 512 });
    flow.run(10);
    flow.down({ bandwidthKbps: 64 }).run(5);
    expect(flow.run(5)).toBeGreaterThan(8 * 0.85);
    expect(flow.queueP95Ms).toBeLessThan(100);
    flow.down({ bandwidthKbps: 2_000 }).run(3);
    expect(flow.run(5)).toBeGreaterThan(250 * 0.85);
    expect(flow.queueP95Ms).toBeLessThan(60);
  });

  test("a longer way is told from a queue", () => {
    const flow = new Flow({ bandwidthKbps: 512 });
    flow.run(10);
    flow.down({ latencyMs: 120 }).run(5);
    expect(flow.run(5)).toBeGreaterThan(64 * 0.8);
  });

  test.each([
    [512, 20, 0.85],
    [512, 50, 0.7],
    [4_000, 20, 0.7],
  ])("%d kbit/s with up to %d ms of jitter", (kbps, jitterMs, least) => {
    // One seed may be lucky.
    const used = [5, 6, 7, 8, 9].map((seed) => {
      const flow = new Flow({ bandwidthKbps: kbps, jitterMs }, {}, greedyRoom, seed);
      flow.run(5);
      return flow.run(20);
    });
    expect(used.sort((a, b) => a - b)[2]).toBeGreaterThan((kbps / 8) * least);
  });

  test("who drops what is too much without a queue is found out", () => {
    const flow = new Flow({ bandwidthKbps: 1_000, bufferMs: 1 });
    flow.run(5);
    const { network } = flow.simulation;
    const [sent, dropped] = [network.sent, network.queueDropped];
    expect(flow.run(20)).toBeGreaterThan(125 * 0.8);
    expect((network.queueDropped - dropped) / (network.sent - sent)).toBeLessThan(0.2);
  });
});

describe("what the application sees of it", () => {
  test("the player's link at the server, and the client's own", () => {
    const flow = new Flow({ bandwidthKbps: 128 }, { lossPercent: 2 });
    flow.run(20);
    const [player] = [...flow.simulation.server.room.world.players];
    const { link } = player!;
    expect(link.bytesPerSecond).toBeGreaterThan(10_000);
    expect(link.bytesPerSecond).toBeLessThan(25_000);
    expect(link.deliveredBytesPerSecond).toBeGreaterThan(13_000);
    expect(link.deliveredBytesPerSecond).toBeLessThan(17_000);
    expect(link.queueingDelayMs).toBeLessThan(80);
    expect(link.rttMs).toBeGreaterThan(40);
    expect(link.lossRatio).toBeGreaterThan(0);
    expect([...flow.simulation.server.links()]).toEqual([link]);
    expect(flow.client.stats.bytesPerSecond).toBeGreaterThanOrEqual(2_000);
    // A round trip has both ways in it: the queue on the way down shows at both ends.
    expect(flow.client.stats.queueingDelayMs).toBeLessThan(80);
  });
});

describe("a slow client", () => {
  test("is told of each tick, and of all the world, however large it is", () => {
    const crowded = defineRoom(greedyGame, {
      ...greedyRoom.hooks,
      onCreate(world) {
        for (let i = 0; i < 400; i += 1) world.spawn("drifter", { x: i % 90, y: i / 5, vx: 1, vy: 2 });
      },
    });
    const flow = new Flow({ bandwidthKbps: 512 }, {}, crowded);
    flow.run(5);
    const before = flow.client.stats.stateTicks;
    flow.run(20);
    // Some 3 kB a tick: 90 kB/s would be needed for all.
    expect((flow.client.stats.stateTicks - before) / 20).toBeGreaterThan(29);
    expect(flow.queueP95Ms).toBeLessThan(60);
    expect(flow.client.view.drifter.size).toBe(400);
  });
});

describe("a path that becomes longer", () => {
  test.each([
    { fromMs: 10, toMs: 60, withinSeconds: 3 },
    { fromMs: 20, toMs: 120, withinSeconds: 3 },
    { fromMs: 50, toMs: 250, withinSeconds: 6 },
  ])(
    "$fromMs to $toMs ms one way: each player hears of each tick again",
    ({ fromMs, toMs, withinSeconds }) => {
      const simulation = new Simulation(arenaRoom, { seed: 3, link: { latencyMs: fromMs }, bot });
      const clients = [0, 1, 2, 3].map(() => simulation.join());
      simulation.run(5);
      simulation.network.setAllLinks({ latencyMs: toMs });
      simulation.run(withinSeconds);
      const before = clients.map(({ stats }) => stats.stateTicks);
      simulation.run(10);
      for (const [n, { stats }] of clients.entries()) {
        expect(stats.stateTicks - before[n]!).toBeGreaterThanOrEqual(297);
      }
    },
  );
});
