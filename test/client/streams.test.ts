import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { expect, test } from "vitest";

const game = defineGame({
  name: "streams",
  tickRate: 30,
  input: { go: t.bool() },
  entities: { ship: { x: t.int(0, 100) } },
  messages: { count: { from: "server", channel: "reliable-ordered", fields: { n: t.uint(10_000) } } },
  avatar: "ship",
});
const room = defineRoom(game, {
  onJoin(world, player) {
    player.entity = world.spawn("ship");
  },
  onTick(world) {
    world.broadcast("count", { n: world.tick });
  },
});

/** All that a loop gets until it ends. */
async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const value of stream) taken.push(value);
  return taken;
}

test("loops get what handlers get, over a restart, and end with the client", async () => {
  const simulation = new Simulation(room, { seed: 3, client: { rejoin: true } });
  const me = simulation.join();
  const handled: number[] = [];
  me.on("count", ({ n }) => handled.push(n));
  const played: number[] = [];
  me.onTick = (tick) => played.push(tick);
  const [messages, sightings, states] = [me.messages("count"), me.sightings(), me.states()];
  const loops = Promise.all([all(messages), all(sightings), all(states)]);
  simulation.run(2);
  simulation.restart(1);
  simulation.run(3);
  const late = me.messages("count");
  me.leave("done");
  simulation.run(1);
  const [counts, seen, told] = await loops;
  expect(counts.map(({ n }) => n)).toEqual(handled);
  expect(handled.length).toBeGreaterThan(80);
  expect(seen.map(({ what }) => what)).toEqual(["entered", "left", "entered"]);
  expect(told.map(({ state }) => state)).toEqual(["playing", "reconnecting", "playing", "closed"]);
  expect(told.at(-1)).toEqual({ state: "closed", reason: "closed", detail: "done", by: "client" });
  // What was still to be shown is told at the end.
  const last = (await all(late)).map(({ n }) => n);
  expect(last).toEqual(handled.slice(handled.length - last.length));
  // And there is nothing to come any more.
  expect(await all(me.messages("count"))).toEqual([]);
  expect(await all(me.states())).toEqual([]);
});

test("of ticks a busy loop gets the newest", async () => {
  const simulation = new Simulation(room, { seed: 4 });
  const me = simulation.join();
  const ticks = me.ticks();
  simulation.run(2);
  const { value } = await ticks.next();
  expect(value).toBe(me.tick - 1);
  expect(ticks.dropped).toBeGreaterThan(30);
  const next = ticks.next();
  simulation.run(0.2);
  // The first of them: the loop waited for it.
  expect((await next).value).toBe(value! + 1);
  await ticks.return!();
  simulation.run(0.2);
  expect(await ticks.next()).toEqual({ done: true, value: undefined });
});

test("a loop that is too slow for messages loses the oldest, and is told how many", async () => {
  const simulation = new Simulation(room, { seed: 4 });
  const me = simulation.join();
  let count = 0;
  me.on("count", () => {
    count += 1;
  });
  const messages = me.messages("count");
  simulation.run(40);
  expect(count).toBeGreaterThan(1_100);
  expect(messages.dropped).toBe(count - 1_024);
  me.leave("done");
  expect(await all(messages)).toHaveLength(1_024);
});
