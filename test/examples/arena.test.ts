import { type Scenario, Simulation } from "tickwire/testing";
import { describe, expect, test } from "vitest";
import { type arena, WALL } from "../../examples/arena/arena.ts";
import arenaRoom, { bot } from "../../examples/arena/arena-room.ts";
import { describeSnapshot, hashSnapshot, type Snapshot } from "../../src/game/replication/snapshot.ts";

const SECONDS = 60;
const BOTS = 8;
/** As many ticks as a client may be behind. */
const KEPT_TICKS = 10;

type Hooks = NonNullable<Scenario<(typeof arena)["~shape"]>["hooks"]>;

function play(seed: number) {
  const hashes: string[] = [];
  const errors: unknown[] = [];
  const chat: string[] = [];
  const scored: unknown[] = [];
  const newest: Snapshot[] = [];
  let outside = 0;
  let wrecked = 0;
  const onSnapshot: Hooks["onSnapshot"] = (snapshot) => {
    newest.push(snapshot);
    if (newest.length > KEPT_TICKS) newest.shift();
    for (const ship of simulation.server.room.world.ship) {
      if (Math.abs(ship.x) > WALL || Math.abs(ship.y) > WALL) outside += 1;
      if (ship.isWreck && ship.mendsAt === snapshot.tick + 89) wrecked += 1;
    }
    if (snapshot.tick % 300 === 0) hashes.push(hashSnapshot(snapshot));
  };
  const hooks = { onSnapshot, onGameError: (error: unknown) => void errors.push(error) };
  const simulation: Simulation<(typeof arena)["~shape"]> = new Simulation(arenaRoom, { seed, bot, hooks });
  for (let n = 0; n < BOTS; n += 1) simulation.join();
  const { clients } = simulation;
  clients[0]!.on("scored", (message) => scored.push(message));
  clients[0]!.on("chat", ({ text }) => chat.push(text));
  simulation.run(SECONDS);
  return { simulation, clients, hashes, errors, chat, scored, newest, outside, wrecked };
}

describe("eight bots in the arena for a minute", () => {
  const played = play(1);
  const { simulation, clients, hashes } = played;
  const { room } = simulation.server;

  test("score, die, come back and chat", () => {
    const said = played.chat.filter((text) => /^player \d: /.test(text));
    const flying = [...room.world.ship].filter((ship) => !ship.isWreck);
    expect(played.scored.length).toBeGreaterThan(10);
    expect(played.scored.length).toBe(played.wrecked);
    expect(said.length).toBeGreaterThan(5);
    expect(flying.length).toBeGreaterThan(2);
    const scores = [...room.world.ship].map((ship) => ship.score);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBe(played.scored.length);
    expect(scores.filter((score) => score > 0).length).toBeGreaterThan(4);
  });

  test("stay within the walls, and the rules throw nothing and write nothing out of range", () => {
    expect(played.outside).toBe(0);
    expect(played.errors).toEqual([]);
    expect(room.valueCounters).toEqual({ clamped: 0, rounded: 0, refused: 0, cut: 0 });
  });

  test("end in the same state with the same seed, on every runtime", () => {
    expect(play(1).hashes).toEqual(hashes);
    expect(play(2).hashes).not.toEqual(hashes);
    expect(hashes).toEqual(GOLDEN);
  });

  test("see what the server has, field by field, as far as they see", () => {
    for (const client of clients) {
      const truth = describeSnapshot(played.newest.find(({ tick }) => tick === client.stateTick)!);
      const { entities } = describeSnapshot(client.snapshot());
      const own = client.entity!;
      const isNear = ({ fields: { x, y } }: (typeof entities)[number], radius: number): boolean =>
        Math.hypot(Number(x) - own.x, Number(y) - own.y) < radius;
      const seen = new Set(entities.map(({ id }) => id));
      expect(entities).toEqual(truth.entities.filter(({ id }) => seen.has(id)));
      for (const entity of truth.entities) if (isNear(entity, 155)) expect(seen).toContain(entity.id);
      // Out at 192; but seen for half a second at least, in which a shot flies 48.
      for (const entity of entities) expect(isNear(entity, 250)).toBe(true);
    }
  });

  test("see when their own ship may fire again, and of no other", () => {
    for (const client of clients) {
      for (const ship of client.view.ship) {
        expect(ship.readyAt === undefined).toBe(ship.owner !== client.playerId);
      }
      expect(client.entity?.readyAt).toBeTypeOf("number");
    }
  });
});

/** State hashes at every tenth second with seed 1. */
const GOLDEN: readonly string[] = [
  "d6623b1a9460b5c8",
  "0055adbdad0984f7",
  "5d94627b9e404af5",
  "d2fb65c974f8962f",
  "d5cece7e61380a50",
  "d2f3b16157266873",
];
