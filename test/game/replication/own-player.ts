/** A player's end of carry blocks in a network that loses and delays them. */
import { CarryBlock } from "../../../src/game/replication/carry-block.ts";
import { CarryReader } from "../../../src/game/replication/carry-reader.ts";
import type { ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { type EntityStore, entityIndex } from "../../../src/game/world/entity-store.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import type { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import type { Link, ToldPlayer } from "./told-player.ts";

/** Numbers by place, by id. */
export type StoredNumbers = ReadonlyMap<number, Float64Array>;

/** What the columns of a world hold, of all that anyone is sent. */
export function storedNumbers(history: ReplicaHistory, store: EntityStore): StoredNumbers {
  const stored = new Map<number, Float64Array>();
  for (const view of store.views) {
    if (view === undefined) continue;
    const table = view["~table"];
    const { plan } = history.kinds[table.schema.index]!;
    const numbers = new Float64Array(plan.numberPlaces);
    for (const { place, schema } of plan.fields) {
      for (let half = 0; schema.codec.scalar !== undefined && half < schema.codec.width; half += 1) {
        numbers[place + half] = table.numbers[schema.column + half]![view["~row"]]!;
      }
    }
    stored.set(view.id, numbers);
  }
  return stored;
}

/** Tells a `ToldPlayer` of its own entities besides. */
export class OwnPlayer {
  readonly reader: CarryReader;
  readonly blocks: Uint8Array[] = [];
  readonly #told: ToldPlayer;
  readonly #playerId: number;
  readonly #link: Link;
  readonly #history: ReplicaHistory;
  readonly #block: CarryBlock;
  #underway: { readonly bytes: Uint8Array; readonly arrivesAt: number }[] = [];

  constructor(told: ToldPlayer, playerId: number, history: ReplicaHistory, store: EntityStore, link: Link) {
    this.#told = told;
    this.#playerId = playerId;
    this.#link = link;
    this.#history = history;
    this.#block = new CarryBlock(history, store);
    this.reader = new CarryReader(told.store);
  }

  /** Entity indexes of what the player owns and sees, rising. */
  get owned(): number[] {
    const { owners } = this.#history;
    const seen = [...this.#told.seen.values()].map(({ id }) => entityIndex(id));
    return seen.filter((index) => owners[index] === this.#playerId).sort((a, b) => a - b);
  }

  /** After the `ToldPlayer` was told. */
  tell(random: SeededRandom, roomBytes: number): void {
    const indexes = Int32Array.from(this.owned);
    const heldTicks = Float64Array.from(indexes, (index) => this.#told.seen.get(index)!.heldTick);
    const avatarIndex = indexes.at(-1) ?? -1;
    const own = { playerId: this.#playerId, avatarIndex, indexes, heldTicks, count: indexes.length };
    const writer = new MsgpackWriter().reset(new Uint8Array(2000));
    if (!this.#block.write(writer, own, roomBytes)) return;
    const bytes = writer.bytes.slice(0, writer.at);
    this.blocks.push(bytes);
    if (random.below(100) < this.#link.lossPercent) return;
    const delayTicks = this.#link.delayTicks + random.below(this.#link.jitterTicks + 1);
    this.#underway.push({ bytes, arrivesAt: this.#history.tick + delayTicks });
  }

  /** After the `ToldPlayer` received. */
  receive(): void {
    const now = this.#history.tick;
    for (const { bytes, arrivesAt } of this.#underway) if (arrivesAt <= now) this.reader.receive(bytes);
    this.#underway = this.#underway.filter(({ arrivesAt }) => arrivesAt > now);
  }
}
