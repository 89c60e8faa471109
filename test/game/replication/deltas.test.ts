import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import type { HeldEntity } from "../../../src/game/replication/held-entity.ts";
import { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { Form } from "../../../src/game/replication/replica-plan.ts";
import type { SightEvent } from "../../../src/game/replication/sight-event.ts";
import { sameReplica } from "../../../src/game/schema/same-replica.ts";
import type { GameWorld } from "../../../src/game/world/game-world.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { anyDeltaGame, newWildWorld, PlainModel, playTick } from "./delta-game.ts";
import { saidAt } from "./plain-store.ts";
import { type Link, ToldPlayer } from "./told-player.ts";

const MEMORY_TICKS = 150;

/** A world, what the server remembers of it, and players who are told of it. */
class Run {
  readonly world: GameWorld = newWildWorld();
  readonly history = new ReplicaHistory(anyDeltaGame);
  readonly encoder = new DeltaEncoder(this.history);
  readonly model = new PlainModel(anyDeltaGame, MEMORY_TICKS);
  readonly players: ToldPlayer[];
  readonly random: SeededRandom;
  readonly secret: SeededRandom;
  refused = 0;
  /** Who sees whom changes now and then. */
  #sight = 0;

  constructor(seed: number, links: readonly Link[], secretSeed = seed + 1) {
    this.random = new SeededRandom(seed);
    this.secret = new SeededRandom(secretSeed);
    this.players = links.map(
      (link, n) => new ToldPlayer(anyDeltaGame, this.history, this.encoder, n + 1, link),
    );
  }

  tick(roomBytes = 400): void {
    playTick(this.world, this.random, this.secret);
    this.history.capture(this.world["~store"], this.world.tick);
    this.model.capture(this.world);
    if (this.random.below(40) === 0) this.#sight = this.random.below(8);
    for (const [n, player] of this.players.entries()) {
      player.tell(this.random, (id) => Math.floor(id / 2 ** 20) % 8 !== this.#sight + n, roomBytes);
      this.refused += player.receive(this.random);
    }
  }
}

/** Compares what an entity's versions say with the server's replicas, up to the next surprise or version. */
function expectTruth({ model, world }: Run, { versions }: HeldEntity): number {
  let compared = 0;
  expect(versions.length).toBeLessThanOrEqual(64);
  for (const [n, version] of versions.entries()) {
    const { id, tick, plan, owner } = version;
    const surprise = model.firstSurpriseAfter(id, tick, plan.viewer);
    const end = Math.min(surprise, versions[n + 1]?.tick ?? Infinity, world.tick + 1);
    for (let at = Math.max(tick, world.tick - MEMORY_TICKS + 1); at < end; at += 1) {
      const truth = model.truth.get(at)?.get(id);
      if (truth === undefined) break;
      for (const field of plan.fields) {
        const replica = saidAt(version, field, at);
        const expected = truth.replicas[field.schema.name];
        if (!sameReplica(replica, expected)) expect([field.schema.name, replica]).toEqual([at, expected]);
      }
      if (at === tick) expect(owner).toBe(truth.owner);
      compared += 1;
    }
    // Nothing but what its class may see: the other places are as they were made.
    for (const { viewer, place, form } of plan.kind.fields) {
      const isHidden = viewer > plan.viewer;
      if (isHidden)
        expect(form === Form.value ? (version.values[place] ?? 0) : version.numbers[place]).toBe(0);
    }
  }
  return compared;
}

const links: fc.Arbitrary<Link> = fc.record({
  lossPercent: fc.constantFrom(0, 5, 30, 60),
  doublePercent: fc.constantFrom(0, 10),
  jitterTicks: fc.constantFrom(0, 0, 3, 12),
  delayTicks: fc.constantFrom(0, 1, 4, 20, 70),
});

describe("players behind bad links", () => {
  test("hold what the server has, at every tick they can foretell", () => {
    let compared = 0;
    let refused = 0;
    let blocks = 0;
    fc.assert(
      fc.property(fc.nat(), fc.array(links, { minLength: 3, maxLength: 3 }), (seed, three) => {
        const run = new Run(seed, three);
        for (let n = 0; n < 400; n += 1) {
          run.tick();
          if (n % 31 > 0) continue;
          for (const player of run.players) {
            for (const { entities } of player.store.present) {
              for (const entity of entities) compared += expectTruth(run, entity);
            }
          }
        }
        for (const [n, player] of run.players.entries()) {
          const { counters } = player.store;
          const hopeless =
            counters.blocksMalformed +
            counters.blocksWrongKind +
            counters.blocksWrongClass +
            counters.blocksContradictory +
            counters.blocksTooMany;
          expect(hopeless).toBe(0);
          if (three[n]!.jitterTicks === 0) expect(counters.blocksUnknownBaseline).toBe(0);
          refused += counters.blocksUnknownBaseline + counters.blocksTooOld;
          blocks += counters.blocksTaken;
        }
      }),
      { numRuns: 16 },
    );
    expect(compared).toBeGreaterThan(10_000);
    // Late news of who is gone for long is all that cannot be read.
    expect(refused).toBeLessThan(blocks / 100);
  });

  test("see in the end exactly whom they may see, as of now, once the link is quiet", () => {
    fc.assert(
      fc.property(fc.nat(), links, (seed, link) => {
        const run = new Run(seed, [link, { ...link, lossPercent: 0 }]);
        for (let n = 0; n < 150; n += 1) run.tick();
        const quiet = run.players[1]!;
        for (let n = 0; n < 150; n += 1) run.tick();
        const events: SightEvent[] = [...quiet.store.takeEvents()];
        const inSight = new Set<number>();
        for (const { what, id } of events) {
          expect(inSight.has(id)).toBe(what !== "entered");
          if (what === "entered") inSight.add(id);
          else inSight.delete(id);
        }
        const present = quiet.store.present.flatMap(({ entities }) => entities);
        expect(present.map((entity) => entity.newest!.id).sort()).toEqual([...inSight].sort());
        for (const entity of present) expect(quiet.store.get(entity.newest!.id)).toBe(entity);
        if (link.delayTicks > 1 || link.jitterTicks > 0) return;
        // What is one way behind at most: all that was in sight then, and no more.
        expect(Math.abs(present.length - quiet.seen.size)).toBeLessThanOrEqual(4);
      }),
      { numRuns: 15 },
    );
  });

  test("are told nothing, to the bit, of what is for other eyes", () => {
    const link = { lossPercent: 20, doublePercent: 0, jitterTicks: 0, delayTicks: 2 };
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        // Player 9 is on no team and owns nothing: whatever hidden fields do, it gets the same bytes.
        const [one, two] = [seed + 1, seed + 2].map((secretSeed) => {
          const run = new Run(seed, [], secretSeed);
          const chance = new SeededRandom(seed);
          const ownChance = new SeededRandom(seed);
          const [stranger, owner] = [9, 1].map(
            (id) => new ToldPlayer(anyDeltaGame, run.history, run.encoder, id, link),
          );
          for (let n = 0; n < 300; n += 1) {
            run.tick();
            stranger!.tell(chance, () => true, 400);
            stranger!.receive(chance);
            owner!.tell(ownChance, () => true, 400);
          }
          return { stranger: stranger!.blocks, owner: owner!.blocks };
        });
        expect(one!.stranger).toEqual(two!.stranger);
        expect(one!.owner).not.toEqual(two!.owner);
      }),
      { numRuns: 8 },
    );
  });
});
