import { describe, expect, test } from "vitest";
import { describeSnapshot } from "../../src/game/replication/snapshot.ts";
import { defineGame, defineRoom, t } from "../../src/mod.ts";
import { Simulation } from "../../src/testing-door.ts";

const game = defineGame({
  name: "narrow",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: {
    walker: { x: t.fixed(-2_000, 2_000, 1 / 64), y: t.fixed(-2_000, 2_000, 1 / 64) },
    clock: { tick: t.uint(100_000), noise: t.uint(2 ** 30), more: t.uint(2 ** 30) },
  },
  messages: {},
  avatar: "walker",
});

/** What nobody can foresee: the avatar, and clocks that strike every so many ticks. */
function served({ clocks, everyTicks, bytesPerSecond }: Record<string, number>) {
  const room = defineRoom(game, {
    onCreate(world) {
      for (let i = 0; i < clocks!; i += 1) world.spawn("clock", {});
    },
    onJoin(world, player) {
      player.entity = world.spawn("walker", {});
    },
    onTick(world) {
      for (const walker of world.walker) {
        walker.x = Math.round(1_500 * Math.sin(world.tick * world.tick));
        walker.y = world.tick;
      }
      for (const clock of world.clock) {
        if (world.tick % everyTicks! > 0) continue;
        clock.tick = world.tick;
        clock.noise = (world.tick * 7_919 + clock.id) % 2 ** 30;
        clock.more = (world.tick * 104_729 + clock.id) % 2 ** 30;
      }
    },
  });
  const rates = {
    startBytesPerSecond: bytesPerSecond!,
    minBytesPerSecond: bytesPerSecond!,
    maxBytesPerSecond: bytesPerSecond!,
  };
  const simulation = new Simulation(room, { seed: 4, link: { latencyMs: 30 }, net: { rates } });
  const client = simulation.join();
  simulation.run(5);
  return { simulation, client, server: simulation.server };
}

describe("on a path too narrow for the world", () => {
  test("the own block leaves with each tick, and with it what the player steers", () => {
    // All clocks together would take some 20 kB a second.
    const { simulation, client, server } = served({ clocks: 50, everyTicks: 1, bytesPerSecond: 3_200 });
    const shown: [tick: number, y: number][] = [];
    // What was told, not what is predicted from it.
    const toldY = (): number =>
      Number(describeSnapshot(client.snapshot()).entities.find(({ kind }) => kind === "walker")!.fields.y);
    client.onState = (tick) => shown.push([tick, toldY()]);
    const { blocksDropped } = server.net.counters;
    const before = server.room.tick;
    simulation.run(20);
    const ticks = server.room.tick - before;
    expect(server.net.counters.blocksDropped).toBe(blocksDropped);
    expect(shown.length).toBeGreaterThanOrEqual(ticks - 1);
    // The state of tick n is that after n ticks: the rules of the last one saw n − 1.
    expect(shown.filter(([tick, y]) => y !== tick - 1)).toEqual([]);
    // Some of the rest does get through.
    const told = new Set([...client.view.clock].map(({ tick }) => tick));
    expect(client.view.clock.size).toBe(50);
    expect(Math.min(...told)).toBeGreaterThan(server.room.tick - 30 * 15);
  });

  test("what the player does not steer is told now and then, though the rest uses all of it up", () => {
    const { simulation, client, server } = served({ clocks: 4, everyTicks: 30, bytesPerSecond: 2_000 });
    const late: number[] = [];
    for (let second = 0; second < 10; second += 1) {
      simulation.run(1);
      for (const { tick } of client.view.clock) late.push(server.room.tick - tick);
    }
    expect(late).toHaveLength(40);
    // A strike is told within a second of it, and half of the time there has been none for a second.
    expect(Math.max(...late)).toBeLessThan(60);
  });
});
