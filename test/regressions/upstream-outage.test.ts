import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { expect, test } from "vitest";

const game = defineGame({
  name: "outage",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: { walker: { x: t.fixed(-100, 100, 1 / 64) } },
});
const SERVER = { host: "127.0.0.1", port: 7777 };
/** The first that the network in memory gives away. */
const CLIENT = { host: "127.0.0.1", port: 49_152 };

test.each([
  ["the way up", [[CLIENT, SERVER]]],
  ["the way down", [[SERVER, CLIENT]]],
  [
    "both ways",
    [
      [CLIENT, SERVER],
      [SERVER, CLIENT],
    ],
  ],
] as const)("a client steers again after an outage of %s", (_name, ways) => {
  const simulation = new Simulation(defineRoom(game, {}), { seed: 5, link: { latencyMs: 40, jitterMs: 5 } });
  const client = simulation.join();
  simulation.run(5);
  const set = (lossPercent: number): void => {
    for (const [from, to] of ways) simulation.network.setLink(from, to, { lossPercent });
  };
  set(100);
  simulation.run(2);
  set(0);
  simulation.run(2);
  expect(client.state).toBe("playing");
  const before = { ...simulation.server.room.counters };
  simulation.run(5);
  const { inputsBuffered, inputsTooEarly, inputsNeutral, inputsRepeated } = simulation.server.room.counters;
  expect(inputsTooEarly - before.inputsTooEarly).toBe(0);
  expect(inputsNeutral - before.inputsNeutral).toBe(0);
  expect(inputsRepeated - before.inputsRepeated).toBeLessThan(5);
  expect(inputsBuffered - before.inputsBuffered).toBeGreaterThan(5 * 30 - 5);
  // A round trip of 80 ms and the lead: no more ahead than that asks for.
  expect(client.tick - simulation.server.room.tick).toBeLessThan(8);
});
