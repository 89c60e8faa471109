/**
 * What replicas cost a client that sees 1,000 entities: microseconds per tick, the best of several rounds. What they cost a
 * server is in `store/`.
 *
 *   npx node bench/replica-cost.ts
 */
import { DeltaBlock } from "../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../src/game/replication/delta-encoder.ts";
import { NOTHING_NEW, ReplicaHistory } from "../src/game/replication/replica-history.ts";
import { ReplicaStore } from "../src/game/replication/replica-store.ts";
import { StoreView } from "../src/game/replication/store-view.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import { defineGame } from "../src/game/schema/define-game.ts";
import { t } from "../src/game/schema/field-types.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import { GameWorld } from "../src/game/world/game-world.ts";
import { MsgpackWriter } from "../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../src/net/bytes/seeded-random.ts";

interface Body {
  x: number;
  y: number;
  vx: number;
  vy: number;
  aim: number;
  hp: number;
}
const body = {
  x: t.fixed(-512, 512, 1 / 64).follows("vx"),
  y: t.fixed(-512, 512, 1 / 64).follows("vy"),
  vx: t.fixed(-64, 64, 1 / 16),
  vy: t.fixed(-64, 64, 1 / 16),
  aim: t.angle(10),
  hp: t.uint(100),
};
const move = (self: Body, _input: object, world: { readonly dt: number }): void => {
  self.x += self.vx * world.dt;
  self.y += self.vy * world.dt;
  if (Math.abs(self.x) > 500) self.vx = -self.vx;
  if (Math.abs(self.y) > 500) self.vy = -self.vy;
};
const KINDS = ["a", "b", "c", "d", "e"] as const;
const game = defineGame({
  name: "cost",
  tickRate: 30,
  input: {},
  entities: { a: body, b: body, c: body, d: body, e: body },
  step: { a: move, b: move, c: move, d: move, e: move },
});
const anyGame = game as unknown as Game<Shape>;

const ROUNDS = 12;
const ROUND_TICKS = 40;

/** Best mean of several rounds. */
function best(run: () => void): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    for (let tick = 0; tick < ROUND_TICKS; tick += 1) run();
    least = Math.min(least, ((performance.now() - start) * 1000) / ROUND_TICKS);
  }
  return least;
}

const print = (name: string, us: number): void =>
  console.log(`${name.padEnd(58)} ${us.toFixed(0).padStart(6)} µs`);

function newWorld(entities: number): GameWorld {
  const random = new SeededRandom(1);
  const world = new GameWorld(anyGame, { seed: 1, players: new Set(), broadcast() {} });
  for (let n = 0; n < entities; n += 1) {
    const place = { x: random.next() * 900 - 450, y: random.next() * 900 - 450, aim: random.next(), hp: 50 };
    const speed = (): number => random.below(200) / 16 - 6;
    world.spawn(KINDS[n % 5]!, { ...place, vx: speed(), vy: speed() });
  }
  return world;
}

function step(world: GameWorld): void {
  world["~step"](
    () => ({}),
    (error) => {
      throw error;
    },
  );
}

const SEEN = 1000;
const world = newWorld(SEEN);
const random = new SeededRandom(2);
const history = new ReplicaHistory(anyGame);
const block = new DeltaBlock(new DeltaEncoder(history));
const store = new ReplicaStore(anyGame);
const view = new StoreView(game, store);
const held = new Float64Array(SEEN).fill(-1);
const bytes = new Uint8Array(65_536);
const writer = new MsgpackWriter();
const blocks: Uint8Array[] = [];
let records = 0;
for (let tick = 0; tick < 2000; tick += 1) {
  step(world);
  for (let n = 0; n < SEEN / 20; n += 1) {
    Object.assign(world["~store"].views[random.below(SEEN)]!, { vx: random.below(200) / 16 - 6 });
  }
  world["~roundState"]();
  world["~endTick"]();
  history.capture(world["~store"], world.tick);
  block.begin(world.tick, bytes.length);
  for (let index = 0; index < SEEN; index += 1) {
    const age = history.ageFor(index, held[index]!, 0);
    if (age === NOTHING_NEW || !block.add(index, age, 0)) continue;
    // Acked at once by every third.
    if ((index + tick) % 3 === 0) held[index] = world.tick;
  }
  records += block.size;
  block.write(writer.reset(bytes));
  blocks.push(bytes.slice(0, writer.at));
}
let next = 0;
const reading = best(() => {
  if (!store.receive(blocks[next]!)) throw new Error("A block was refused.");
  next += 1;
});
print(`client, 1,000 in sight: a tick of ${(records / 2000).toFixed(0)} records`, reading);
let sum = 0;
const looking = best(() => {
  view.show(store.newestTick);
  for (const kind of KINDS) for (const seen of view.view[kind]) sum += seen.x + seen.y + seen.hp;
});
print(`client, 1,000 in sight: read x, y and hp of all (${sum > 0 ? "+" : "-"})`, looking);
