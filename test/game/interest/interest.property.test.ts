import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PlayerInterest } from "../../../src/game/interest/player-interest.ts";
import type { PlayerId } from "../../../src/game/schema/field.ts";
import type { EntityView } from "../../../src/game/world/entity-view.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { LossyLink } from "./lossy-link.ts";
import { ModelClient } from "./model-client.ts";
import { type NaiveRules, NaiveSight } from "./naive-sight.ts";
import { indexOf, planned, SmallWorld, seen, type TestPlayer } from "./small-world.ts";

interface Member {
  readonly player: PlayerInterest<TestPlayer>;
  readonly client: ModelClient;
  readonly link: LossyLink;
  readonly naive: NaiveSight;
  packets: number;
  /** Whether the client holds what the server must learn of first. */
  isResyncing: boolean;
}

const TICKS = 160;
const QUIET_TICKS = 60;
const SIDE = 400;

/** A world in which everything happens at random, and players on bad links. */
class RandomWorld {
  readonly small: SmallWorld;
  readonly members: Member[] = [];
  readonly #random: SeededRandom;
  readonly #rules: NaiveRules;
  readonly #carried = new Set<number>();
  readonly #hidden = new Set<string>();
  #packetBytes = 200;
  #entries = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    const radius = this.#chance(0.25) ? Infinity : 60 + this.#random.below(200);
    const hasFilter = this.#chance(0.5);
    this.#rules = {
      radius,
      isAlways: (entity) => radius === Infinity || this.#carried.has(entity.id),
      sees: (player, entity) => !hasFilter || !this.#hidden.has(`${player.id} ${entity.id}`),
    };
    this.small = new SmallWorld({
      ...(radius < Infinity && { radius }),
      always: this.#rules.isAlways,
      ...(hasFilter && { sees: this.#rules.sees }),
    });
    this.small.encoder.sizeOf = (index, age, viewerClass) =>
      age === 0 ? 12 + (index % 20) : 2 + ((index + viewerClass + age) % 9);
    for (let i = 0; i < 20; i += 1) this.#spawn();
  }

  get entries(): number {
    return this.#entries;
  }

  run(): void {
    for (let i = 0; i < TICKS; i += 1) this.#turn(true);
    for (const { link } of this.members) link.lossShare = 0;
    this.#packetBytes = 1000;
    for (let i = 0; i < QUIET_TICKS; i += 1) this.#turn(false);
    for (const member of this.members) this.#expectCurrent(member);
  }

  #turn(isLively: boolean): void {
    const { small } = this;
    this.#step(isLively);
    // Late ticks run one after the other, and only the last is observed.
    if (isLively && this.#chance(0.1)) this.#step(true);
    small.interest.observe(small.tick);
    const watchers = this.members.map(({ player }) => player.watcher);
    for (const member of this.members) {
      if (isLively && this.#chance(0.05)) continue;
      small.interest.look(member.player);
      member.naive.look(small, watchers);
      this.#expectSame(member);
      this.#send(member);
      if (isLively && this.#chance(0.01)) this.#resync(member);
    }
    for (const member of this.members) member.link.turn(small.tick);
  }

  #step(isLively: boolean): void {
    const { small } = this;
    if (isLively) this.#stir();
    small.world["~endTick"]();
    small.encoder.capture(small.tick);
    if (isLively) this.#surprise();
  }

  #expectSame({ player, naive }: Member): void {
    const expected = [...naive.seen].map(([id, { viewerClass }]) => [id, viewerClass] as const);
    expect([...seen(player)].sort(byId)).toEqual(expected.sort(byId));
    expect(player.view.size).toBe(naive.seen.size);
  }

  /** Sends the plan in as many packets as it takes, and checks that it tells of nothing hidden. */
  #send(member: Member): void {
    const { player, naive, link } = member;
    const { small } = this;
    const budgetBytes = this.#packetBytes * (1 + this.#random.below(3));
    const plan = small.interest.choose(player, {
      budgetBytes,
      packetBytes: this.#packetBytes,
      isTight: false,
      rttTicks: 8,
    });
    const entries = planned(player);
    for (const entry of entries) {
      if (entry.age > 63) {
        expect(naive.seen.has(entry.id)).toBe(false);
        continue;
      }
      expect(naive.seen.get(entry.id)?.viewerClass, `entity ${entry.id} at tick ${plan.tick}`).toBe(
        entry.viewerClass,
      );
    }
    this.#entries += entries.length;
    let from = 0;
    while (from < entries.length) {
      const end = this.#chance(0.5) ? entries.length : from + 1 + this.#random.below(entries.length - from);
      // What was not written after all stays to be sent.
      if (this.#chance(0.05)) break;
      member.packets += 1 + this.#random.below(2);
      player.sent(member.packets, from, end);
      link.send({ number: member.packets, tick: plan.tick, entries: entries.slice(from, end) });
      from = end;
    }
  }

  #resync(member: Member): void {
    const { player, client, link } = member;
    if (member.isResyncing) return;
    member.isResyncing = true;
    client.drop();
    link.bring(
      player.view.tick,
      () => {},
      () => {
        player.dropAll();
        client.dropped(player.view.tick);
        member.isResyncing = false;
      },
    );
  }

  #expectCurrent({ client, naive }: Member): void {
    const held = client.held;
    expect([...held.keys()].sort()).toEqual([...naive.seen.keys()].sort());
    for (const [id, version] of held) {
      expect(version.viewerClass).toBe(naive.seen.get(id)!.viewerClass);
      const ticks = this.small.encoder.everyLife(id)!.ticks[version.viewerClass as 0 | 1 | 2];
      const { handovers } = this.small.encoder.everyLife(id)!;
      expect(version.tick, `of ${id}`).toBeGreaterThanOrEqual(Math.max(ticks.at(-1)!, handovers.at(-1)!));
    }
  }

  #stir(): void {
    const { world } = this.small;
    const living = this.#living();
    if (this.members.length < 4 && this.#chance(0.1)) this.#join();
    if (living.length < 50) this.#spawn();
    for (const entity of living) {
      if (this.#chance(0.03)) world.despawn(entity);
      else if (entity.kind !== "score" && this.#chance(0.5)) {
        const farthest = this.#chance(0.05) ? SIDE : 15;
        const { x, y } = entity as unknown as { x: number; y: number };
        this.small.move(entity, x + this.#within(farthest), y + this.#within(farthest));
      }
      if (this.#chance(0.02)) this.#toggle(this.#carried, entity.id);
      if (this.#chance(0.02)) entity.owner = this.#anyone()?.id as PlayerId | undefined;
      if (this.#chance(0.05)) this.#toggle(this.#hidden, `${this.#anyone()?.id} ${entity.id}`);
    }
    const watcher = this.#anyone();
    if (watcher === undefined) return;
    if (this.#chance(0.1)) watcher.team = this.#chance(0.3) ? undefined : this.#random.below(2);
    if (this.#chance(0.1)) watcher.steer(this.#chance(0.3) ? undefined : this.#living().at(0));
    if (this.#chance(0.05)) {
      watcher.viewpoint = this.#chance(0.5) ? undefined : { x: this.#within(SIDE), y: this.#within(SIDE) };
    }
  }

  #surprise(): void {
    const { encoder, tick } = this.small;
    for (const { id } of this.#living()) {
      if (this.#chance(0.2)) encoder.surprise(indexOf(id), tick, this.#random.below(3));
    }
  }

  #join(): void {
    const { small } = this;
    const player = small.join(this.#chance(0.7) ? this.#living().at(0) : undefined);
    const client = new ModelClient(small.encoder);
    const link = new LossyLink(this.#random, client, player);
    const naive = new NaiveSight(player.watcher, this.#rules);
    this.members.push({ player, client, link, naive, packets: 0, isResyncing: false });
  }

  #spawn(): void {
    const kind = ["ship", "shot", "flag", "score"][this.#random.below(4)]!;
    const entity = this.small.spawn(kind, this.#within(SIDE), this.#within(SIDE));
    if (this.#chance(0.3)) entity.owner = this.#anyone()?.id as PlayerId | undefined;
  }

  #living(): EntityView[] {
    return this.small.world["~store"].views.filter((view) => view !== undefined);
  }

  #anyone(): TestPlayer | undefined {
    return this.members[this.#random.below(Math.max(1, this.members.length))]?.player.watcher;
  }

  #toggle<T>(set: Set<T>, item: T): void {
    if (!set.delete(item)) set.add(item);
  }

  #within(side: number): number {
    return (this.#random.next() - 0.5) * side;
  }

  #chance(share: number): boolean {
    return this.#random.next() < share;
  }
}

function byId(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0];
}

describe("interest in random worlds, over links that lose, delay and repeat", () => {
  test("equals the naive definition, leaks nothing, sends only what can be read, and ends up to date", () => {
    let entries = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const world = new RandomWorld(seed);
        world.run();
        entries += world.entries;
      }),
      { numRuns: 40 },
    );
    expect(entries).toBeGreaterThan(10_000);
  });
});
