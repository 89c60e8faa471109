import { defineGame, defineRoom, type Spectator, t } from "tickwire";
import { connect } from "tickwire/client";
import { serve } from "tickwire/server";
import { Simulation } from "tickwire/testing";
import { issueDevelopmentToken } from "tickwire/token";
import { expect, onTestFinished, test } from "vitest";

const game = defineGame({
  name: "stadium",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: {
    runner: {
      x: t.fixed(-1_000, 1_000, 1 / 64),
      y: t.fixed(-1_000, 1_000, 1 / 64),
      name: t.text(24),
      plan: t.uint(9).visibleTo("owner"),
      call: t.uint(9).visibleTo("team"),
    },
  },
  messages: {
    cheer: { from: "both", fields: { n: t.uint(9) } },
    watch: { from: "client", fields: { runner: t.text(24) } },
  },
  avatar: "runner",
  step: {
    runner(runner, input, world) {
      runner.x += input.move.x * 10 * world.dt;
    },
  },
});
type Stadium = (typeof game)["~shape"];

/** Runners start 100 apart from each other. */
function stadium(hooks: { readonly onSpectate?: (spectator: Spectator<Stadium>) => void } = {}) {
  const told: string[] = [];
  let runners = 0;
  const room = defineRoom(game, {
    maxPlayers: 3,
    maxSpectators: 2,
    interest: { radius: 50 },
    onJoin(world, player) {
      told.push(`join ${player.name}`);
      player.team = 1;
      player.entity = world.spawn("runner", { x: runners * 100, name: player.name, plan: 7, call: 8 });
      runners += 1;
    },
    onDrop: (_world, { name }) => told.push(`drop ${name}`),
    onReconnect: (_world, { name }) => told.push(`reconnect ${name}`),
    onLeave: (_world, { name }) => told.push(`leave ${name}`),
    onSpectate(_world, spectator) {
      told.push(`spectate ${spectator.name}`);
      hooks.onSpectate?.(spectator);
    },
    onSpectatorLeave: (_world, { name }, reason) => told.push(`spectator-leave ${name} ${reason}`),
    onTick(world) {
      if (world.tick % 10 === 0) world.broadcast("cheer", { n: 3 });
    },
    onMessage: { cheer: (_world, { name }) => told.push(`cheer ${name}`) },
    onSpectatorMessage: {
      watch(world, spectator, { runner }) {
        if (runner === "bang") throw new Error("bang");
        spectator.follow([...world.runner].find(({ name }) => name === runner));
      },
    },
  });
  return { room, told };
}

const LOOK_ON = { spectate: true };
const namesOf = (client: { readonly view: { readonly runner: Iterable<{ readonly name: string }> } }) =>
  [...client.view.runner].map(({ name }) => name).sort();

test("a spectator sees what is for everyone, steers nothing, and is no player to the rules", () => {
  const { room, told } = stadium();
  const simulation = new Simulation(room, { seed: 1, link: { latencyMs: 20 } });
  simulation.join();
  simulation.run(1);
  const spectator = simulation.join(undefined, LOOK_ON);
  const cheers: number[] = [];
  spectator.on("cheer", ({ n }) => cheers.push(n));
  simulation.run(3);
  expect([spectator.state, spectator.entity, spectator["~own"]]).toEqual(["playing", undefined, undefined]);
  expect(spectator.playerId).toBe(2);
  expect([...spectator.view.runner].map(({ name, plan, call }) => ({ name, plan, call }))).toEqual([
    { name: "player 1", plan: undefined, call: undefined },
  ]);
  expect(cheers.length).toBeGreaterThan(5);
  const { room: served } = simulation.server;
  expect([served.playerCount, served.onlookers.count, [...served.world.players].length]).toEqual([1, 1, 1]);
  // No inputs even leave, and its ticks go on.
  expect(served.counters.spectatorsIgnored).toBe(0);
  expect(spectator.stats.stateTicks).toBeGreaterThan(60);
  expect(spectator.tick).toBeGreaterThan(60);
  spectator.leave("seen enough");
  simulation.run(1);
  expect(served.onlookers.count).toBe(0);
  expect(told).toEqual(["join player 1", "spectate player 2", "spectator-leave player 2 closed"]);
});

test("it looks from where what it follows is, and from where that was last", () => {
  const { room } = stadium();
  const simulation = new Simulation(room, { seed: 2 });
  const runners = [simulation.join(() => {}), simulation.join(), simulation.join()];
  simulation.run(1);
  const spectator = simulation.join(undefined, LOOK_ON);
  simulation.run(1);
  expect(namesOf(spectator)).toEqual(["player 1", "player 2", "player 3"]);
  const left: number[] = [];
  spectator.onSight(({ what, id }) => what !== "entered" && left.push(id));
  const first = [...simulation.server.room.world.runner].find(({ name }) => name === "player 1")!;
  expect(spectator.send("watch", { runner: "player 1" })).toBe("queued");
  simulation.run(1.5);
  expect(namesOf(spectator)).toEqual(["player 1"]);
  // Beside another one it sees both.
  const second = [...simulation.server.room.world.runner].find(({ name }) => name === "player 2")!;
  first.x = second.x + 10;
  simulation.run(1.5);
  expect(namesOf(spectator)).toEqual(["player 1", "player 2"]);
  runners.find((runner) => runner.entity?.name === "player 1")!.leave("done");
  simulation.run(1.5);
  expect(namesOf(spectator)).toEqual(["player 2"]);
  expect(left.length).toBe(3);
});

test("places to look on are places of their own", () => {
  const { room } = stadium();
  const simulation = new Simulation(room, { seed: 3 });
  const all = [0, 1, 2, 3].map((i) => {
    const client = simulation.join();
    simulation.run(i === 3 ? 2 : 0.6);
    return client;
  });
  expect(all.map(({ closedInfo }) => closedInfo?.reason)).toEqual([undefined, undefined, undefined, "full"]);
  const onlookers = [0, 1, 2].map((i) => {
    const client = simulation.join(undefined, i === 1 ? { ...LOOK_ON, room: "1" } : LOOK_ON);
    simulation.run(1);
    return client;
  });
  expect(onlookers.map(({ state }) => state)).toEqual(["playing", "playing", "closed"]);
  // All in all, those to play included.
  expect(onlookers[2]!.closedInfo).toEqual({
    reason: "full",
    detail: "all 5 places are taken",
    by: "server",
  });
  onlookers[0]!.leave("seen enough");
  simulation.run(1);
  const named = simulation.join(undefined, { ...LOOK_ON, room: "1" });
  const late = simulation.join(undefined, { ...LOOK_ON, room: "1" });
  simulation.run(1);
  expect([named, late].map(({ state }) => state).sort()).toEqual(["closed", "playing"]);
  const { room: served } = simulation.server;
  expect([served.playerCount, served.onlookers.count]).toEqual([3, 2]);
});

test("of several rooms a spectator comes into the one where most are, or where it is sent", () => {
  const { room } = stadium();
  const simulation = new Simulation(room, { seed: 4, rooms: 3 });
  for (const name of ["2", "3", "3"]) simulation.join(undefined, { room: name });
  simulation.run(1);
  simulation.join(undefined, LOOK_ON);
  simulation.join(undefined, { ...LOOK_ON, room: "1" });
  simulation.run(1);
  expect(simulation.server.rooms.map(({ onlookers }) => onlookers.count)).toEqual([1, 0, 1]);
});

test("a silent spectator is waited for, and the rules hear nothing of it", () => {
  const { room, told } = stadium();
  const simulation = new Simulation(room, { seed: 5 });
  const spectator = simulation.join(undefined, LOOK_ON);
  simulation.run(1);
  simulation.freeze(spectator, 15);
  simulation.run(14);
  const [seated] = [...simulation.server.room.onlookers];
  expect([seated!.isConnected, simulation.server.room.droppedCount]).toEqual([false, 0]);
  simulation.run(3);
  expect([seated!.isConnected, spectator.state]).toEqual([true, "playing"]);
  simulation.freeze(spectator, 100);
  simulation.run(60);
  expect(told).toEqual(["spectate player 1", "spectator-leave player 1 timeout"]);
});

test("what rules do to spectators, and what they may not", () => {
  const { room, told } = stadium({
    onSpectate(spectator) {
      const seat = spectator as unknown as { team: number; entity: unknown };
      expect(() => {
        seat.team = 1;
      }).toThrow(TypeError);
      expect(() => {
        seat.entity = { id: 1 };
      }).toThrow("steers nothing");
      expect([seat.team, seat.entity, spectator.isSpectator]).toEqual([undefined, undefined, true]);
      expect(spectator.account).toBe("7");
      expect(spectator.send("cheer", { n: 1 })).toBe("queued");
      if (spectator.name === "player 2") spectator.kick("no tickets");
    },
  });
  const simulation = new Simulation(room, { seed: 6 });
  const first = simulation.join(undefined, { ...LOOK_ON, playerId: "7" });
  simulation.run(1);
  expect(first.state).toBe("playing");
  // Nothing is asked of it that no hook is there for.
  first.send("cheer", { n: 2 });
  simulation.run(0.5);
  expect(simulation.server.room.counters).toMatchObject({ spectatorsIgnored: 1, messagesReceived: 0 });
  first.send("watch", { runner: "bang" });
  simulation.run(0.5);
  expect(first.closedInfo?.reason).toBe("room-error");
  const second = simulation.join(undefined, { ...LOOK_ON, playerId: "7" });
  simulation.run(1);
  expect(second.closedInfo).toEqual({ reason: "kicked", detail: "no tickets", by: "server" });
  expect(told).toEqual([
    ...["spectate player 1", "spectator-leave player 1 room-error"],
    ...["spectate player 2", "spectator-leave player 2 kicked"],
  ]);
});

test("after a restart a spectator looks on again", () => {
  const { room } = stadium();
  const simulation = new Simulation(room, { seed: 7, client: { rejoin: true } });
  simulation.join();
  const spectator = simulation.join(undefined, LOOK_ON);
  simulation.run(2);
  simulation.restart(0.5);
  simulation.run(3);
  expect([spectator.state, spectator.stats.rejoins, spectator.view.runner.size]).toEqual(["playing", 1, 1]);
  expect(simulation.server.room.onlookers.count).toBe(1);
});

test("on a wire: connect looks on; and input that comes with a spectator's token is counted and nothing else", async () => {
  const { room, told } = stadium();
  const server = await serve(room, { port: 0, bots: 1 });
  onTestFinished(() => server.close());
  const spectator = await connect(game, server.url, { name: "ada", spectate: true });
  while (spectator.view.runner.size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(namesOf(spectator)).toEqual(["bot 1"]);
  expect(server.stats).toMatchObject({ players: 1, spectators: 1 });
  const ignored = (): number => [...server.counters()].find(([, name]) => name === "spectatorsIgnored")![2];
  expect(ignored()).toBe(0);
  const token = issueDevelopmentToken({ spectate: true });
  const pretender = await connect(game, server.url, { name: "eve", token });
  pretender.setInput({ move: { x: 1, y: 1 } });
  while (ignored() < 5) await new Promise((resolve) => setTimeout(resolve, 20));
  expect([pretender.entity, server.stats.players, server.stats.spectators]).toEqual([undefined, 1, 2]);
  await Promise.all([spectator.close(), pretender.close()]);
  expect(told.filter((line) => line.startsWith("join"))).toEqual(["join bot 1"]);
  expect(told.filter((line) => line.startsWith("spectate"))).toEqual(["spectate ada", "spectate eve"]);
});
