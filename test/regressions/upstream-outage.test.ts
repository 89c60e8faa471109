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

test.each([1, 3, 8])(
  "a client's clock does not leap after an outage of %i s, for an ack that was held so long",
  (seconds) => {
    const freshMs: number[] = [];
    const counting = defineGame({
      name: "counting",
      tickRate: 30,
      input: { n: t.uint(1023) },
      entities: { walker: { x: t.fixed(-100, 100, 1 / 64) } },
    });
    let lastInput = -1;
    const room = defineRoom(counting, {
      onTick(world) {
        for (const { input } of world.players) {
          if (input.n !== lastInput) freshMs.push(simulation.nowMs);
          lastInput = input.n;
        }
      },
    });
    const simulation = new Simulation(room, { seed: 5, link: { latencyMs: 40, jitterMs: 5 } });
    const client = simulation.join((me, tick) => me.setInput({ n: tick % 1024 }));
    simulation.run(5);
    simulation.network.setAllLinks({ lossPercent: 100 });
    simulation.run(seconds);
    simulation.network.setAllLinks({ lossPercent: 0 });
    const backMs = simulation.nowMs;
    for (let i = 0; i < 90; i += 1) {
      simulation.run(1 / 30);
      expect(client.tick - simulation.server.room.tick).toBeLessThan(10);
    }
    expect(client.stats.rttMs).toBeLessThan(150);
    const after = freshMs.filter((atMs) => atMs > backMs);
    expect(after[0]! - backMs).toBeLessThan(200);
    expect(after.length).toBeGreaterThan(3 * 30 - 10);
  },
);
