import { Simulation } from "tickwire/testing";
import { describe, expect, test } from "vitest";
import { greedyRoom } from "../../bench/delivery/greedy-game.ts";

/** A server with more to send than the link carries, for a minute. */
function pushed(kbps: number) {
  const simulation = new Simulation(greedyRoom, {
    seed: 5,
    link: { latencyMs: 40 },
    linkDown: { bandwidthKbps: kbps, bottleneck: "down" },
  });
  const client = simulation.join();
  simulation.run(60);
  const { stats, counters, state } = client;
  const { queueDropped, sent } = simulation.network;
  const [player] = simulation.server.room.players;
  return { stats, counters, state, link: player!.link, lostShare: queueDropped / sent };
}

describe("bandwidth is found out: nobody has to guess it, and nobody is cut off for want of it", () => {
  test("a client that is sent more than 200 kB/s does not silently time out", () => {
    const { stats, state, link, lostShare } = pushed(4_000);
    expect(state).toBe("playing");
    expect(stats.bytesDown / 60).toBeGreaterThan(300_000);
    expect(link.bytesPerSecond).toBeGreaterThan(300_000);
    expect(lostShare).toBeLessThan(0.01);
  });

  test.each([64, 128, 1_000])("a link of %i kbit/s is filled, not flooded", (kbps) => {
    const { stats, state, link, lostShare } = pushed(kbps);
    expect(state).toBe("playing");
    expect(stats.stateTicks).toBeGreaterThan(60 * 10);
    expect(lostShare).toBeLessThan(0.01);
    expect(link.bytesPerSecond).toBeGreaterThan(kbps * 125 * 0.7);
    expect(link.bytesPerSecond).toBeLessThan(kbps * 125 * 1.5);
    expect(link.queueingDelayMs).toBeLessThan(120);
  });
});
