import { DeltaBlock } from "../../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../../src/game/replication/delta-encoder.ts";
import { ReplicaHistory } from "../../src/game/replication/replica-history.ts";
import type { Viewer } from "../../src/game/replication/replica-plan.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { PlayerId } from "../../src/game/schema/field.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { GameWorld } from "../../src/game/world/game-world.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { moveShip, type Ship, SIDE, TURN_SHARE, torusGame, turnShip } from "../torus/torus-game.ts";

export const ENTITIES = 100;
/** What a client holds of an entity is so many ticks old at most, and 1 at least. */
export const MOST_AGE_TICKS = 7;
const BLOCK_BYTES = 1150;

export const encodeGame = torusGame as unknown as Game<Shape>;

/** What one client is told at each tick: all entities, each building on the tick that was acked of it. */
export class EncodeClient {
  readonly id: number;
  /** By entity index: how many ticks after a record of it the client's ack counts. */
  readonly ackTicks: Uint8Array;
  /** The records of each tick, in the order of the block, which is that of plans. */
  readonly indexes = new Int32Array(ENTITIES);
  readonly ages = new Uint8Array(ENTITIES);
  readonly viewers = new Uint8Array(ENTITIES);
  readonly bytes = new Uint8Array(BLOCK_BYTES);
  length = 0;
  readonly #encoder: DeltaEncoder;
  readonly #block: DeltaBlock;
  readonly #writer = new MsgpackWriter();

  constructor(id: number, encoder: DeltaEncoder, random: SeededRandom) {
    this.id = id;
    this.#encoder = encoder;
    this.#block = new DeltaBlock(encoder);
    this.ackTicks = Uint8Array.from({ length: ENTITIES }, () => 1 + random.below(MOST_AGE_TICKS));
    // As everything changes at each tick, the age of a record is that of what the client holds.
    const order = Array.from(this.ackTicks, (age, index) => ({ age, index }));
    order.sort((a, b) => a.age - b.age || a.index - b.index);
    for (const [at, { age, index }] of order.entries()) {
      this.indexes[at] = index;
      this.ages[at] = age;
      this.viewers[at] = this.viewerOf(index);
    }
  }

  /** Client n owns entity n − 1, if there is one. */
  viewerOf(index: number): Viewer {
    return index === this.id - 1 ? 2 : 0;
  }

  /** Fills the client's block of `tick`. */
  fill(tick: number): void {
    const block = this.#block;
    block.begin(tick, BLOCK_BYTES);
    for (let i = 0; i < ENTITIES; i += 1) {
      block.add(this.indexes[i]!, this.ages[i]!, this.viewers[i] as Viewer);
    }
    block.write(this.#writer.reset(this.bytes));
    this.length = this.#writer.at;
  }

  /** Only the records that `fill` asks for. Answers their bytes. */
  encode(): number {
    const encoder = this.#encoder;
    let bytes = 0;
    for (let i = 0; i < ENTITIES; i += 1) {
      const record = encoder.record(this.indexes[i]!, this.ages[i]!, this.viewers[i] as Viewer);
      bytes += encoder.ends[record]! - encoder.starts[record]!;
    }
    return bytes;
  }

  /** How many the block has. */
  get records(): number {
    return this.#block.size;
  }
}

/** The benchmark game with clients who see all of it. Each ship changes at each tick: it loses or gains hp. */
export class EncodeRoom {
  readonly history = new ReplicaHistory(encodeGame);
  readonly encoder = new DeltaEncoder(this.history);
  readonly clients: EncodeClient[] = [];
  readonly world = new GameWorld(encodeGame, { seed: 1, players: new Set(), broadcast() {} });
  readonly #random = new SeededRandom(1);
  readonly #ships: Ship[] = [];

  constructor(clients: number) {
    const random = this.#random;
    for (let id = 1; id <= clients; id += 1) this.clients.push(new EncodeClient(id, this.encoder, random));
    for (let id = 1; id <= ENTITIES; id += 1) {
      const ship = this.world.spawn("ship", { x: random.next() * SIDE, y: random.next() * SIDE });
      ship.owner = id as PlayerId;
      this.#ships.push(ship as unknown as Ship);
      turnShip(this.#ships.at(-1)!, random.next());
    }
  }

  get tick(): number {
    return this.history.tick;
  }

  /** Plays a tick and captures it. */
  advance(): void {
    const { world } = this;
    for (const ship of this.#ships) {
      if (this.#random.next() < TURN_SHARE) turnShip(ship, this.#random.next());
      ship.hp = (ship.hp + 1 + this.#random.below(20)) % 256;
      moveShip(ship, world.dt);
    }
    world["~roundState"]();
    world["~endTick"]();
    this.history.capture(world["~store"], world.tick);
  }

  /** The first ticks, until everything that clients hold lies in the past. */
  warmUp(): void {
    for (let n = 0; n <= MOST_AGE_TICKS; n += 1) this.advance();
  }
}
