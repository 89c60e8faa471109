import { defineGame, defineRoom, t } from "tickwire";
import { Simulation, type SimulationOptions, simulate } from "tickwire/testing";
import { describe, expect, test } from "vitest";

const game = defineGame({
  name: "parlour",
  tickRate: 30,
  input: {},
  entities: {
    guest: { company: t.uint(99) },
    die: { pips: t.uint(1_000_000) },
  },
  avatar: "guest",
  messages: {
    hello: { from: "both", fields: { text: t.text(40) } },
    bait: { from: "client", fields: {} },
    out: { from: "client", fields: {} },
  },
});

/** Guests hear and count each other; a bait has the room's code fail ever after. */
const parlour = defineRoom(game, {
  maxPlayers: 3,
  onCreate: (world) => void world.spawn("die"),
  onJoin(world, player) {
    player.entity = world.spawn("guest");
  },
  onMessage: {
    hello: (world, player, { text }) => world.broadcast("hello", { text: `${player.name}: ${text}` }),
    bait: (world) => void world.spawn("guest", { company: 99 }),
    out: (_world, player) => player.kick("asked for it"),
  },
  onTick(world) {
    for (const die of world.die) die.pips = Math.floor(world.random() * 1_000_000);
    for (const guest of world.guest) {
      if (guest.company === 99) throw new Error("baited");
      guest.company = world.players.size;
    }
  },
});

type Options = Partial<SimulationOptions<(typeof game)["~shape"]>>;
type Guest = ReturnType<typeof open>["clients"][number];

const open = (options: Options = {}) => new Simulation(parlour, { seed: 1, rooms: 2, ...options });
const counts = (simulation: ReturnType<typeof open>): number[] =>
  simulation.server.rooms.map(({ playerCount }) => playerCount);
const companies = (me: Guest): number[] => [...me.view.guest].map(({ company }) => company);

describe("rooms of one server", () => {
  test("never see each other's entities, messages or players", () => {
    const simulation = open();
    const heard = new Map<Guest, string[]>();
    for (const room of ["1", "2", "2"]) {
      const guest = simulation.join(undefined, { room });
      const texts: string[] = [];
      guest.on("hello", ({ text }) => texts.push(text));
      heard.set(guest, texts);
    }
    simulation.run(1);
    const [ada, ben, cay] = simulation.clients as [Guest, Guest, Guest];
    expect([counts(simulation), [ada, ben, cay].map(companies)]).toEqual([
      [1, 2],
      [[1], [2, 2], [2, 2]],
    ]);
    ada.send("hello", { text: "is anyone here?" });
    ben.send("hello", { text: "we are" });
    simulation.run(1);
    expect([...heard.values()]).toEqual([
      ["player 1: is anyone here?"],
      ["player 2: we are"],
      ["player 2: we are"],
    ]);
    // Ids count within each room: no room learns how many others play.
    expect([ada, ben, cay].map(({ playerId }) => playerId).sort()).toEqual([1, 1, 2]);
    expect(simulation.server.rooms.map(({ counters }) => counters.messagesReceived)).toEqual([1, 1]);
  });

  test("run by the same ticks and draw other numbers, the first those it would draw alone", () => {
    const play = (rooms: number): string =>
      simulate(parlour, { seed: 5, rooms, players: 0, seconds: 1 }).hash;
    const hashes = play(3).match(/.{16}/g)!;
    expect(hashes).toHaveLength(3);
    expect(new Set(hashes).size).toBe(3);
    expect(hashes[0]).toBe(play(1));
    expect(play(3)).toBe(hashes.join(""));
    const { server } = simulate(parlour, { seed: 5, rooms: 3, players: 4, seconds: 1 });
    expect(server.rooms.map(({ tick, name }) => [name, tick])).toEqual(["1", "2", "3"].map((n) => [n, 30]));
  });

  test("fail each for itself", () => {
    const errors = new Set<string>();
    const simulation = open({
      hooks: { onGameError: (_error, where, room) => errors.add(`${room}: ${where}`) },
    });
    const ada = simulation.join(undefined, { room: "1" });
    const ben = simulation.join(undefined, { room: "2" });
    simulation.run(1);
    ben.send("bait", {});
    simulation.run(1);
    expect([...errors]).toEqual(["2: onTick"]);
    const [first, second] = simulation.server.rooms.map(({ counters }) => counters.hookErrors);
    expect([first, second! > 20]).toEqual([0, true]);
    expect([ada.state, ben.state]).toEqual(["playing", "playing"]);
    const before = ada.snapshot().tick;
    simulation.run(1);
    expect(ada.snapshot().tick).toBe(before + 30);
  });

  test("must be counted", () => {
    for (const rooms of [0, 1.5, Number.NaN]) expect(() => open({ rooms })).toThrow(RangeError);
  });
});

describe("a newcomer", () => {
  test("comes into the fullest room that has a place", () => {
    const simulation = open({ rooms: 3, maxPlayers: 2 });
    for (let i = 0; i < 5; i += 1) simulation.join();
    simulation.run(1);
    expect(counts(simulation)).toEqual([2, 2, 1]);
    simulation.join(undefined, { room: "3" });
    simulation.run(1);
    const last = simulation.join();
    simulation.run(1);
    expect(counts(simulation)).toEqual([2, 2, 2]);
    expect(last.closedInfo).toMatchObject({ reason: "full", detail: "all 6 places are taken" });
  });

  test("comes into the room that its token names, or nowhere", () => {
    const simulation = open({ maxPlayers: 1 });
    const [ada, ben, cay] = ["2", "2", "parlour"].map((room) => simulation.join(undefined, { room }));
    simulation.run(1);
    expect(counts(simulation)).toEqual([0, 1]);
    const [inside, outside] = ada!.closedInfo === undefined ? [ada!, ben!] : [ben!, ada!];
    expect(inside.state).toBe("playing");
    expect(outside.closedInfo).toEqual({ reason: "full", detail: 'room "2" is full', by: "server" });
    const detail = 'there is no room "parlour" here';
    expect(cay!.closedInfo).toEqual({ reason: "unknown-room", detail, by: "server" });
    // Refused before they had a place.
    expect(simulation.server.net.counters).toMatchObject({ connectionsOpened: 1, connectionsDenied: 2 });
  });

  test("who is on the way has a place already", () => {
    // All ask before the first is in.
    const link = { latencyMs: 300 };
    const named = open({ maxPlayers: 2, link });
    const any = open({ maxPlayers: 2, link });
    for (let i = 0; i < 5; i += 1) {
      named.join(undefined, { room: "1" });
      any.join();
    }
    named.run(5);
    any.run(5);
    expect([counts(named), counts(any)]).toEqual([
      [2, 0],
      [2, 2],
    ]);
    for (const [{ clients, server }, inside] of [[named, 2] as const, [any, 4] as const]) {
      expect(server.net.counters.connectionsOpened).toBe(inside);
      const outside = clients.filter(({ closedInfo }) => closedInfo?.reason === "full");
      expect(outside).toHaveLength(5 - inside);
    }
  });

  test("who never says a word gives the place back", () => {
    const simulation = open({ rooms: 1, maxPlayers: 1 });
    const silent = simulation.join();
    while (simulation.server.net.connectionCount === 0) simulation.run(0.001);
    simulation.freeze(silent, 60);
    const early = simulation.join();
    simulation.run(1);
    expect([counts(simulation), early.closedInfo?.reason]).toEqual([[0], "full"]);
    simulation.run(5);
    const next = simulation.join();
    simulation.run(2);
    expect([counts(simulation), next.state]).toEqual([[1], "playing"]);
  });

  test("who is inside already comes back to the same room, even a full one", () => {
    const simulation = open({ maxPlayers: 2 });
    const claims = { playerId: "ada" };
    const before = simulation.join(undefined, { ...claims, room: "2" });
    simulation.run(1);
    for (const room of ["1", "2"]) simulation.join(undefined, { room });
    simulation.run(1);
    expect(counts(simulation)).toEqual([1, 2]);
    const after = simulation.join(undefined, claims);
    simulation.run(1);
    expect(before.closedInfo?.reason).toBe("replaced");
    expect([after.state, counts(simulation)]).toEqual(["playing", [1, 2]]);
    // Or to another, if the backend says so.
    simulation.join(undefined, { ...claims, room: "1" });
    simulation.run(1);
    expect([after.closedInfo?.reason, counts(simulation)]).toEqual(["replaced", [2, 1]]);
  });
});

describe("what happens to a player", () => {
  test("happens in its room, and the owner of the server hears where", () => {
    const heard: string[] = [];
    const note = (what: string) => (player: { id: number; name: string; room: string }) => {
      heard.push(`${what} ${player.id} ${player.name} ${player.room}`);
    };
    const simulation = open({
      hooks: {
        onJoined: note("joined"),
        onDropped: note("dropped"),
        onResumed: note("resumed"),
        onLeft: note("left"),
      },
    });
    const join = (room: string): Guest => {
      const guest = simulation.join(undefined, { room });
      simulation.run(1);
      return guest;
    };
    const [ada, ben, cay] = [join("1"), join("2"), join("2")];
    simulation.freeze(ben, 15);
    simulation.run(14);
    expect(simulation.server.rooms.map(({ droppedCount }) => droppedCount)).toEqual([0, 1]);
    simulation.run(2);
    cay.send("out", {});
    simulation.run(1);
    ada.leave("had enough");
    simulation.run(1);
    expect(counts(simulation)).toEqual([0, 1]);
    expect(cay.closedInfo).toEqual({ reason: "kicked", detail: "asked for it", by: "server" });
    expect(heard).toEqual([
      "joined 1 player 1 1",
      "joined 1 player 2 2",
      "joined 2 player 3 2",
      "dropped 1 player 2 2",
      "resumed 1 player 2 2",
      "left 2 player 3 2",
      "left 1 player 1 1",
    ]);
    expect(companies(ben)).toEqual([1]);
  });

  test("a drain tells everyone in every room", () => {
    const simulation = open({ rooms: 3 });
    for (const room of ["1", "2", "3", "3"]) simulation.join(undefined, { room });
    simulation.run(1);
    simulation.server.close("bedtime");
    simulation.run(1);
    expect(simulation.server.isOver).toBe(true);
    expect(counts(simulation)).toEqual([0, 0, 0]);
    for (const { closedInfo } of simulation.clients) {
      expect(closedInfo).toEqual({ reason: "draining", detail: "bedtime", by: "server" });
    }
  });

  test("each room's state is told on its own", () => {
    const told: [room: string, tick: number, size: number][] = [];
    const onSnapshot = ({ tick, size }: { tick: number; size: number }, room: string): void => {
      told.push([room, tick, size]);
    };
    const simulation = open({ hooks: { onSnapshot } });
    simulation.join(undefined, { room: "2" });
    simulation.run(1.02);
    expect(told.slice(0, 2)).toEqual([
      ["1", 1, 1],
      ["2", 1, 1],
    ]);
    expect(told.slice(-2)).toEqual([
      ["1", 30, 1],
      ["2", 30, 2],
    ]);
    expect(told).toHaveLength(60);
    const [first, second] = simulation.server.rooms;
    expect(simulation.server.snapshot().size).toBe(1);
    expect(simulation.server.snapshot(first!).size).toBe(1);
    expect(simulation.server.snapshot(second!).size).toBe(2);
  });
});
