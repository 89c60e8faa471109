import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { describe, expect, test } from "vitest";
import { Survivors } from "./survivors.ts";

describe("level-load pause does not time out", () => {
  test.each([3, 12, 20, 38])("a client whose program does nothing for %d s", (seconds) => {
    const survivors = new Survivors({ seed: 31, link: { latencyMs: 40, jitterMs: 5 } });
    const { simulation, client } = survivors;
    simulation.run(5);
    simulation.freeze(client, seconds);
    simulation.run(seconds + 2);
    expect(client.state).toBe("playing");
    const { used, neutral } = survivors.steers(5);
    expect(used).toBeGreaterThan(145);
    expect(neutral).toBe(0);
    survivors.settle();
    expect(survivors.heard).toEqual(survivors.expected);
    const isLong = seconds > 10;
    expect(survivors.told).toEqual(isLong ? ["join", "drop false", "reconnect true"] : ["join"]);
  });

  test.each([3, 8, 20, 35])("players of a server that does nothing for %d s", (seconds) => {
    const survivors = new Survivors({ seed: 32, link: { latencyMs: 40, jitterMs: 5 } });
    const { simulation, client } = survivors;
    simulation.run(5);
    simulation.freeze(simulation.server, seconds);
    simulation.run(seconds + 3);
    expect(client.state).toBe("playing");
    // Its clock went on while the server's stood still: it follows within these three seconds.
    const { used, neutral } = survivors.steers(5);
    expect(used).toBeGreaterThan(145);
    expect(neutral).toBe(0);
    expect(client.tick - simulation.server.room.tick).toBeLessThan(8);
    survivors.settle();
    expect(survivors.heard).toEqual(survivors.expected);
  });

  test("what a client says between two ticks far apart leaves at once, and so do its signs of life", () => {
    const slow = defineGame({
      name: "slow",
      tickRate: 1,
      input: { move: t.vec2(-1, 1, 1 / 64) },
      entities: { walker: { x: t.fixed(-100, 100, 1 / 64) } },
      messages: { up: { from: "client", fields: { n: t.uint(9) } } },
    });
    const heard: number[] = [];
    const room = defineRoom(slow, { onMessage: { up: (_world, _player, { n }) => heard.push(n) } });
    const simulation = new Simulation(room, { seed: 34, link: { latencyMs: 10 } });
    const client = simulation.join();
    simulation.run(5.3);
    for (let n = 0; n < 8; n += 1) {
      client.send("up", { n });
      simulation.run(0.12);
      expect(heard.at(-1)).toBe(n);
      expect(client.nextDueMs - simulation.nowMs).toBeLessThanOrEqual(100);
    }
  });
});
