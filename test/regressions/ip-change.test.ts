import { expect, test } from "vitest";
import { Survivors } from "./survivors.ts";

const LINK = { latencyMs: 60, jitterMs: 10, lossPercent: 5, duplicatePercent: 5, reorderPercent: 5 };

test("IP change keeps the queue: a player on a bad network moves again and again, and nothing is lost or doubled", () => {
  const survivors = new Survivors({ seed: 11, link: LINK });
  const { simulation, client } = survivors;
  simulation.run(5);
  for (let i = 0; i < 8; i += 1) {
    const host = i % 2 === 0 ? "10.20.0.7" : "10.30.0.7";
    simulation.move(client, { host, port: 6_000 + i });
    simulation.run(1);
    // Play goes on within a second.
    const before = client.stats.stateTicks;
    simulation.run(1);
    expect(client.stats.stateTicks - before).toBeGreaterThan(20);
    simulation.run(3);
  }
  expect(survivors.steers(5).used).toBeGreaterThan(140);
  survivors.settle();
  expect(survivors.sent.up).toBeGreaterThan(1_000);
  expect(survivors.sent.down).toBeGreaterThan(1_000);
  expect(survivors.heard).toEqual(survivors.expected);
  expect(survivors.told).toEqual(["join"]);
  expect(survivors.states).toEqual(["playing"]);
  expect(simulation.server.net.counters.pathsProven).toBe(8);
});

test("another port alone, as a NAT that forgets gives it, disturbs nobody for longer than a round trip", () => {
  const survivors = new Survivors({ seed: 12, link: { latencyMs: 40 } });
  const { simulation, client } = survivors;
  simulation.run(5);
  const gaps: number[] = [];
  let lastAtMs = simulation.nowMs;
  client.onState = () => {
    gaps.push(simulation.nowMs - lastAtMs);
    lastAtMs = simulation.nowMs;
  };
  simulation.run(1);
  simulation.move(client, { host: Survivors.home.host, port: 50_000 });
  simulation.run(2);
  // Up, down with the challenge, up with the answer, down again; each end sends on its ticks, the server states too.
  expect(Math.max(...gaps)).toBeLessThan(2 * 80 + 5 * 34);
  survivors.settle();
  expect(survivors.heard).toEqual(survivors.expected);
});
