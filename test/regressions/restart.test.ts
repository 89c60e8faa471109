import { defineGame, defineRoom, type StateChange, t } from "tickwire";
import { Simulation, type SimulationOptions } from "tickwire/testing";
import { expect, test } from "vitest";

const gameAt = (tickRate: number) =>
  defineGame({
    name: "phoenix",
    tickRate,
    input: { move: t.vec2(-1, 1, 1 / 64) },
    entities: {
      walker: { x: t.fixed(-1_000, 1_000, 1 / 64), life: t.uint(100) },
      stone: { life: t.uint(100) },
    },
    messages: {
      hail: {
        from: "server",
        channel: "reliable-ordered",
        fields: { life: t.uint(100), n: t.uint(1_000_000) },
      },
      say: { from: "client", channel: "reliable-ordered", fields: { n: t.uint(1_000_000) } },
    },
    avatar: "walker",
    step: {
      walker(walker, input, world) {
        walker.x += input.move.x * 10 * world.dt;
      },
    },
  });
const game = gameAt(30);
type Phoenix = (typeof game)["~shape"];

/** Each life of the server marks what it makes, and hails everyone once a second. */
function room(life: number, of = game) {
  return defineRoom(of, {
    onCreate(world) {
      for (let i = 0; i < 3 + life; i += 1) world.spawn("stone", { life });
    },
    onJoin(world, player) {
      player.entity = world.spawn("walker", { life });
    },
    onTick(world) {
      if (world.tick % 30 === 0) world.broadcast("hail", { life, n: world.tick / 30 });
    },
    onMessage: {
      say(_world, player, { n }) {
        if (n === 99) player.kick("asked for it");
      },
    },
  });
}

interface Watched {
  readonly changes: StateChange[];
  readonly hails: string[];
  /** By id, what of the world is in sight, as far as sightings told. */
  readonly seen: Map<number, string>;
}

function play(options: Partial<SimulationOptions<Phoenix>> & { readonly players?: number } = {}) {
  const { players = 1, client, ...others } = options;
  const simulation = new Simulation(room(1), { seed: 5, ...others, client: { rejoin: true, ...client } });
  const watched: Watched[] = [];
  for (let i = 0; i < players; i += 1) {
    const me = simulation.join(() => me.setInput({ move: { x: 1, y: 0 } }));
    const watch: Watched = { changes: [], hails: [], seen: new Map() };
    me.onStateChange((change) => watch.changes.push(change));
    me.on("hail", ({ life, n }) => watch.hails.push(`${life}.${n}`));
    me.onSight(({ what, id, kind }) => {
      if (what === "entered") {
        expect(watch.seen.has(id)).toBe(false);
        watch.seen.set(id, kind);
      } else expect(watch.seen.delete(id)).toBe(true);
    });
    watched.push(watch);
  }
  const me = simulation.clients[0]!;
  return { simulation, me, watch: watched[0]!, watched };
}

const statesOf = ({ changes }: Watched): string[] => changes.map(({ state }) => state);

test("a server that is back after a moment: the player is in the new world within a second", () => {
  const { simulation, me, watch } = play();
  simulation.run(5);
  const { view } = me;
  const { stone, walker } = view;
  const before = me.stats;
  expect([stone.size, walker.size, me.entity!.life]).toEqual([4, 1, 1]);
  simulation.restart(0.5, room(2));
  simulation.run(0.45);
  // Nothing has come to tell it yet.
  expect([me.state, stone.size]).toEqual(["playing", 4]);
  simulation.run(1.05);
  expect(statesOf(watch)).toEqual(["playing", "reconnecting", "playing"]);
  expect(watch.changes[1]).toEqual({
    state: "reconnecting",
    reason: "server-restarted",
    detail: "the server knows nothing of this connection",
    by: "server",
  });
  // The same lists, which show nothing of the old world.
  expect(me.view).toBe(view);
  expect([...stone].map(({ life }) => life)).toEqual([2, 2, 2, 2, 2]);
  expect([...walker].map(({ life }) => life)).toEqual([2]);
  expect([...watch.seen.keys()].sort()).toEqual([...stone, ...walker].map(({ id }) => id).sort());
  expect(me.playerId).toBe(1);
  // It is steered by what was wanted before, and ahead of what was told.
  const { x } = me.entity!;
  simulation.run(3);
  expect(me.entity!.x - x).toBeCloseTo(30, 0);
  const { corrections, rejoins, messagesLost, stateTicks, bytesUp } = me.stats;
  expect({ corrections, rejoins, messagesLost }).toEqual({ corrections: 0, rejoins: 1, messagesLost: 0 });
  expect(stateTicks).toBeGreaterThan(before.stateTicks + 90);
  expect(bytesUp).toBeGreaterThan(before.bytesUp);
  // Each hail is heard once, in each life.
  expect(watch.hails).toEqual(["1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3"]);
});

test("twenty players on a bad link are all back within two seconds, and in no world twice", () => {
  const link = { latencyMs: 100, jitterMs: 20, lossPercent: 5 };
  const { simulation, watched } = play({ players: 20, link });
  simulation.run(5);
  simulation.restart(3, room(2));
  simulation.run(5);
  expect(simulation.clients.map(({ state }) => state)).toEqual(simulation.clients.map(() => "playing"));
  expect(simulation.server.room.playerCount).toBe(20);
  simulation.run(2);
  for (const [i, { seen, changes, hails }] of watched.entries()) {
    const me = simulation.clients[i]!;
    expect([...me.view.walker, ...me.view.stone].map(({ life }) => life)).toEqual(Array(25).fill(2));
    expect([...seen.keys()].sort()).toEqual([...me.view.walker, ...me.view.stone].map(({ id }) => id).sort());
    expect(changes.map(({ state }) => state)).toEqual(["playing", "reconnecting", "playing"]);
    expect(new Set(hails).size).toBe(hails.length);
  }
});

test("while there is no connection nothing is queued, and what was under way is counted as lost", () => {
  const { simulation, me } = play();
  simulation.run(2);
  simulation.restart(1, room(2));
  for (let n = 0; n < 5; n += 1) expect(me.send("say", { n })).toBe("queued");
  // The view stands still meanwhile, rather than go dark.
  let sizes = 0;
  me.onStateChange(({ state }) => {
    if (state !== "reconnecting") return;
    expect(me.send("say", { n: 5 })).toBe("queue-full");
    sizes = me.view.stone.size + me.view.walker.size;
  });
  simulation.run(1.5);
  expect([me.state, sizes]).toEqual(["playing", 5]);
  expect(me.stats.messagesLost).toBe(5);
  expect(me.send("say", { n: 6 })).toBe("queued");
});

test("a server that says that it goes, and is back: its last word, then its successor", () => {
  const { simulation, me, watch } = play();
  simulation.run(2);
  simulation.server.close("an update");
  simulation.run(2);
  expect([me.state, simulation.server.isOver]).toEqual(["reconnecting", true]);
  expect(watch.changes.at(-1)).toEqual({
    ...{ state: "reconnecting", reason: "draining", detail: "an update", by: "server" },
  });
  simulation.restart(4, room(2));
  simulation.run(6);
  expect(statesOf(watch)).toEqual(["playing", "reconnecting", "playing"]);
  expect([...me.view.stone].map(({ life }) => life)).toEqual([2, 2, 2, 2, 2]);
});

test("a silence too long for the connection: a new one, once there is an answer", () => {
  const { simulation, me, watch } = play({ client: { reconnectMs: 5_000 }, net: { reconnectMs: 2_000 } });
  simulation.run(2);
  simulation.network.setAllLinks({ lossPercent: 100 });
  simulation.run(17);
  expect(statesOf(watch)).toEqual(["playing", "dropped", "reconnecting"]);
  expect(watch.changes.map(({ reason }) => reason)).toEqual([undefined, "timeout", "timeout"]);
  expect(simulation.server.room.playerCount).toBe(0);
  simulation.network.setAllLinks({ lossPercent: 0 });
  simulation.run(2);
  expect([me.state, me.stats.rejoins, simulation.server.room.playerCount]).toEqual(["playing", 1, 1]);
});

test("a server that stays away: the player knocks ever so often, and is told the last that was said", async () => {
  const { simulation, me, watch } = play({ client: { reconnectMs: 20_000 } });
  simulation.run(2);
  simulation.server.close("for good");
  simulation.run(1);
  const before = me.counters.datagramsSent;
  simulation.run(18);
  expect(me.state).toBe("reconnecting");
  // 250 ms apart it would be 72.
  expect(me.counters.datagramsSent - before).toBeGreaterThan(20);
  expect(me.counters.datagramsSent - before).toBeLessThan(60);
  simulation.run(2);
  const closed = { reason: "draining", detail: "for good", by: "server" };
  expect(await me.closed).toEqual(closed);
  expect([me.closedInfo, me.isTurning, me.nextDueMs]).toEqual([closed, false, Number.POSITIVE_INFINITY]);
  expect(statesOf(watch)).toEqual(["playing", "reconnecting", "closed"]);
  simulation.run(5);
  expect(watch.changes).toHaveLength(3);
});

test("a server that dies each time that someone is in is not tried for ever", () => {
  const { simulation, me, watch } = play({ client: { reconnectMs: 10_000 } });
  simulation.run(10);
  for (let i = 0; i < 10; i += 1) {
    simulation.restart(0.5);
    simulation.run(2);
  }
  expect(me.state).toBe("closed");
  expect(me.closedInfo).toMatchObject({ reason: "server-restarted" });
  const times = statesOf(watch).filter((state) => state === "playing").length;
  expect(times).toBeGreaterThan(3);
  expect(times).toBeLessThan(8);
});

test("a kick is for good", async () => {
  const { simulation, me, watch } = play();
  simulation.run(2);
  me.send("say", { n: 99 });
  simulation.run(5);
  expect(await me.closed).toEqual({ reason: "kicked", detail: "asked for it", by: "server" });
  expect(statesOf(watch)).toEqual(["playing", "closed"]);
});

test("so is another version of the game", async () => {
  const { simulation, me, watch } = play();
  simulation.run(2);
  simulation.restart(1, room(2, gameAt(20)));
  simulation.run(4);
  expect(await me.closed).toMatchObject({ reason: "definition-mismatch", by: "server" });
  expect(statesOf(watch)).toEqual(["playing", "reconnecting", "closed"]);
});

test("of two that are the same player, the former does not fight for its place", () => {
  const { simulation } = play({ players: 0 });
  const twin = { playerId: "ada" };
  const first = simulation.join(undefined, twin);
  simulation.run(1);
  const second = simulation.join(undefined, twin);
  simulation.run(5);
  expect([first.closedInfo?.reason, second.state]).toEqual(["replaced", "playing"]);
});

test("who has no way back is over when the connection is, and so is who leaves on it", async () => {
  const alone = play({ client: { rejoin: false } });
  alone.simulation.run(2);
  alone.simulation.restart(1);
  alone.simulation.run(3);
  expect(alone.me.closedInfo).toMatchObject({ reason: "server-restarted", by: "server" });
  expect(statesOf(alone.watch)).toEqual(["playing", "closed"]);

  const { simulation, me, watch } = play();
  simulation.run(2);
  simulation.server.close("an update");
  simulation.run(3);
  expect(me.state).toBe("reconnecting");
  await me.close();
  expect(me.closedInfo).toEqual({ reason: "closed", detail: "the player left", by: "client" });
  simulation.restart(0);
  simulation.run(3);
  expect([statesOf(watch), simulation.server.room.playerCount]).toEqual([
    ["playing", "reconnecting", "closed"],
    0,
  ]);
});

test("the room is full when they come back: who finds no place waits for one", () => {
  const { simulation, watched } = play({ players: 3, maxPlayers: 3 });
  simulation.run(2);
  simulation.restart(1, room(2));
  // Someone else is there first, and goes again.
  simulation.run(0.99);
  const other = simulation.join();
  simulation.run(4);
  const states = simulation.clients.map(({ state }) => state).sort();
  expect(states).toEqual(["playing", "playing", "playing", "reconnecting"]);
  expect(other.state).toBe("playing");
  other.leave("that was it");
  simulation.run(3);
  expect(simulation.clients.filter(({ state }) => state === "playing")).toHaveLength(3);
  for (const watch of watched) expect(statesOf(watch)).toEqual(["playing", "reconnecting", "playing"]);
});

test("who is let in by a server that goes at once was not in the game: that is a join that failed", () => {
  const told: string[] = [];
  const simulation = new Simulation(room(1), {
    seed: 8,
    client: { rejoin: true },
    hooks: { onJoined: () => simulation.server.close("too late") },
  });
  const me = simulation.join();
  me.onStateChange(({ state }) => told.push(state));
  simulation.run(3);
  expect(me.closedInfo).toEqual({ reason: "draining", detail: "too late", by: "server" });
  expect(told).toEqual(["playing", "closed"]);
});
