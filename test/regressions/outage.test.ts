import { expect, test } from "vitest";
import { Survivors } from "./survivors.ts";

test("an outage of 30 s loses and doubles nothing, and the player steers again", () => {
  const survivors = new Survivors({ seed: 21, link: { latencyMs: 50, jitterMs: 5 } });
  const { simulation, client } = survivors;
  simulation.run(5);
  simulation.network.setAllLinks({ lossPercent: 100 });
  simulation.run(12);
  expect([client.state, simulation.server.room.droppedCount]).toEqual(["dropped", 1]);
  const { x } = [...simulation.server.room.world.walker][0]!;
  for (let second = 0; second < 18; second += 1) {
    for (let n = 0; n < 10; n += 1) survivors.say();
    simulation.run(1);
  }
  // Its ship stays where it was and does nothing.
  expect([...simulation.server.room.world.walker].map((walker) => walker.x)).toEqual([x]);
  simulation.network.setAllLinks({ lossPercent: 0 });
  simulation.run(0.5);
  expect([client.state, simulation.server.room.droppedCount]).toEqual(["playing", 0]);
  simulation.run(1.5);
  const { used, neutral } = survivors.steers(5);
  expect(used).toBeGreaterThan(145);
  expect(neutral).toBe(0);
  expect(client.tick - simulation.server.room.tick).toBeLessThan(8);
  survivors.settle();
  expect(survivors.sent.down).toBeGreaterThan(1_000);
  expect(survivors.heard).toEqual(survivors.expected);
  expect(survivors.told).toEqual(["join", "drop false", "reconnect true"]);
  expect(survivors.states).toEqual(["playing", "dropped", "playing"]);
});

test("an outage of 45 s is one too long: the player leaves, and both ends know why", async () => {
  const survivors = new Survivors({ seed: 22 });
  const { simulation, client } = survivors;
  simulation.run(2);
  simulation.network.setAllLinks({ lossPercent: 100 });
  simulation.run(45);
  expect(survivors.told).toEqual(["join", "drop false", "leave timeout"]);
  expect(await client.closed).toMatchObject({ reason: "timeout", by: "network" });
  expect(survivors.states).toEqual(["playing", "dropped", "closed"]);
  expect([...simulation.server.room.world.walker]).toEqual([]);
});

test("an outage and another network after it, at once", () => {
  const survivors = new Survivors({ seed: 23, link: { latencyMs: 50, lossPercent: 10 } });
  const { simulation, client } = survivors;
  simulation.run(5);
  simulation.network.setAllLinks({ lossPercent: 100 });
  simulation.run(25);
  simulation.move(client, { host: "10.40.0.1", port: 1_234 });
  simulation.network.setAllLinks({ lossPercent: 10 });
  simulation.run(2);
  expect(survivors.steers(5).used).toBeGreaterThan(140);
  survivors.settle();
  expect(survivors.heard).toEqual(survivors.expected);
});
