import { Simulation } from "tickwire/testing";
import { expect, test } from "vitest";
import arenaRoom, { bot } from "../../examples/arena/arena-room.ts";
import { describeSnapshot, type Snapshot } from "../../src/game/replication/snapshot.ts";

const LINK = { latencyMs: 30, jitterMs: 5, lossPercent: 2 };

const has = (snapshot: Snapshot, id: number): boolean =>
  describeSnapshot(snapshot).entities.some((entity) => entity.id === id);

/** An arena in which the server may be made to believe what is not so. */
function arena(players: number) {
  const snapshots = new Map<number, Snapshot>();
  const simulation = new Simulation(arenaRoom, {
    seed: 3,
    bot,
    link: LINK,
    hooks: { onSnapshot: (snapshot) => void snapshots.set(snapshot.tick, snapshot) },
  });
  const client = simulation.join();
  for (let n = 0; n < players - 1; n += 1) simulation.join();
  simulation.run(5);
  const connection = [...simulation.server.net.connections()].find(({ name }) => name === "player 1")!;
  let deceivedTick = 0;
  /** For so long nothing reaches the client, and the server takes all of it for received. */
  const deceive = (seconds: number): void => {
    const { acks, address } = connection;
    const server = { host: "127.0.0.1", port: 7777 };
    simulation.network.setLink(server, address, { lossPercent: 100 });
    let told = acks.sent.newest;
    for (let step = 0; step < seconds * 20; step += 1) {
      simulation.run(0.05);
      for (; told < acks.sent.newest; told += 1) acks.state!.acked(told + 1);
    }
    simulation.network.setLink(server, address, LINK);
    deceivedTick = Math.max(...snapshots.keys());
  };
  const asTold = () => {
    const told = describeSnapshot(client.snapshot()).entities;
    const seen = new Set(told.map(({ id }) => id));
    const truth = describeSnapshot(snapshots.get(client.stateTick)!).entities;
    const exists = new Set(truth.map(({ id }) => id));
    return {
      told: told.filter(({ id }) => exists.has(id)),
      truth: truth.filter(({ id }) => seen.has(id)),
      /** What is not there any more, with its last tick. */
      ghosts: told
        .filter(({ id }) => !exists.has(id))
        .map(({ id }) => Math.max(...[...snapshots.values()].filter((s) => has(s, id)).map((s) => s.tick))),
      deceivedTick,
    };
  };
  return { simulation, client, deceive, asTold };
}

test("a client that is sent deltas to what it has not asks for everything, and the game goes on", () => {
  const { simulation, client, deceive, asTold } = arena(13);
  const { counters } = simulation.server.net;
  expect(counters.resyncs).toBe(0);
  // Until there is a newcomer among what it has not.
  for (let n = 0; n < 10 && client.refusals.blocksUnknownBaseline === 0; n += 1) {
    deceive(0.3);
    simulation.run(0.3);
  }
  expect(client.refusals.blocksUnknownBaseline).toBeGreaterThan(0);
  expect(client.counters.refusedBlock).toBe(client.refusals.blocksUnknownBaseline);
  simulation.run(2);
  expect(counters.resyncs).toBeGreaterThan(0);
  const refused = client.counters.refusedBlock;
  simulation.run(5);
  expect(client.counters.refusedBlock).toBe(refused);
  expect(client.state).toBe("playing");
  const { told, truth, ghosts, deceivedTick } = asTold();
  expect(told.length).toBeGreaterThan(3);
  expect(told).toEqual(truth);
  // The client cannot know of those that went while it was kept in the dark, but it knows of all that went since.
  for (const lastTick of ghosts) expect(lastTick).toBeLessThanOrEqual(deceivedTick);
});

test("and no more than once a second is it answered", () => {
  const { simulation, deceive } = arena(13);
  const { counters } = simulation.server.net;
  for (let n = 0; n < 10; n += 1) {
    deceive(0.3);
    simulation.run(0.3);
  }
  expect(counters.resyncs).toBeGreaterThan(1);
  expect(counters.resyncs).toBeLessThanOrEqual(7);
});
