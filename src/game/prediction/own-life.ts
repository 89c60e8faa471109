import type { Version } from "../replication/held-entity.ts";
import type { Replica } from "../schema/field-codec.ts";
import { sameReplica } from "../schema/same-replica.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { KindTable } from "../world/kind-table.ts";
import type { PredictedKind } from "./predicted-kind.ts";
import { isProvisional } from "./prediction-ground.ts";
import { ShownError } from "./shown-error.ts";

/** For so many ticks it is remembered what was predicted. */
export const HISTORY_TICKS = 64;

/**
 * One of the player's own entities, from its spawn in prediction, or since the server told of it, until both are done
 * with it. Remembers its state at the last 64 ticks as it is stored: numbers on the simulation grid are one double per
 * simulation integer, so that comparing these is comparing those.
 */
export class OwnLife {
  readonly kind: PredictedKind;
  readonly table: KindTable<EntityView>;
  /** The server's, or one of our own until the server has told of it. */
  id: number;
  readonly owner: number;
  /** The server has told of it. */
  isTold: boolean;
  /** The tick in which it was spawned in prediction, and how many of its kind came before it in that; −1 if it was not. */
  readonly spawnTick: number;
  readonly nth: number;
  /** The newest tick for which the server's state was known exactly, −1 for none. */
  exactTick = -1;
  /** It lives at the predicted tick; undefined while it does not. */
  entity: EntityView | undefined = undefined;
  /** What game code holds of it, once it asked: a `PredictedEntity`. */
  view: object | undefined = undefined;
  readonly error: ShownError;
  /** Slot of the newest state. */
  newest = 0;
  readonly numbers: Float64Array;
  readonly values: Replica[];
  /** Smoothed numbers before a correction, and whether there were any. */
  readonly before: Float64Array;
  wasShown = false;
  /** By slot: the tick whose state it holds, −1 for none: it did not live then. */
  readonly #ticks = new Float64Array(HISTORY_TICKS).fill(-1);

  constructor(
    kind: PredictedKind,
    table: KindTable<EntityView>,
    id: number,
    owner: number,
    spawnTick: number,
    nth: number,
  ) {
    this.kind = kind;
    this.table = table;
    this.id = id;
    this.owner = owner;
    this.isTold = spawnTick < 0;
    this.spawnTick = spawnTick;
    this.nth = nth;
    this.error = new ShownError(kind);
    this.numbers = new Float64Array(HISTORY_TICKS * kind.numberColumns);
    this.values = new Array(HISTORY_TICKS * kind.valueColumns).fill(undefined);
    this.before = new Float64Array(kind.numberColumns);
  }

  /** Where the newest state begins among `numbers`. */
  get at(): number {
    return this.newest * this.kind.numberColumns;
  }

  livedAt(tick: number): boolean {
    return this.#ticks[tick % HISTORY_TICKS] === tick;
  }

  /** Where the state of a tick at which it lived begins among `numbers`. */
  offsetOf(tick: number): number {
    return (tick % HISTORY_TICKS) * this.kind.numberColumns;
  }

  /** Takes down the state at `tick`, which the world has reached. */
  record(tick: number): void {
    const slot = tick % HISTORY_TICKS;
    const { entity, table, kind } = this;
    if (!entity?.["~alive"]) {
      this.entity = undefined;
      this.#ticks[slot] = -1;
      return;
    }
    const row = entity["~row"];
    this.#ticks[slot] = tick;
    this.newest = slot;
    const at = slot * kind.numberColumns;
    for (let column = 0; column < kind.numberColumns; column += 1) {
      this.numbers[at + column] = table.numbers[column]![row]!;
    }
    const valuesAt = slot * kind.valueColumns;
    for (let column = 0; column < kind.valueColumns; column += 1) {
      this.values[valuesAt + column] = table.values[column]![row];
    }
  }

  /** Puts the state of a tick at which it lived back into the world. */
  restore(tick: number): void {
    const slot = tick % HISTORY_TICKS;
    const { kind, table } = this;
    const row = this.entity!["~row"];
    this.newest = slot;
    table.noteWritten(row);
    for (let column = 0; column < kind.numberColumns; column += 1) {
      table.numbers[column]![row] = this.numbers[slot * kind.numberColumns + column]!;
    }
    for (let column = 0; column < kind.valueColumns; column += 1) {
      table.values[column]![row] = this.values[slot * kind.valueColumns + column];
    }
  }

  /**
   * Takes the server's state at `tick` (numbers by place) for what was predicted. Answers how many fields were
   * predicted otherwise: all if it was not even alive.
   */
  takeExact(tick: number, exact: Float64Array, values: Version["values"]): number {
    const { kind } = this;
    const slot = tick % HISTORY_TICKS;
    const wasAlive = this.livedAt(tick);
    this.exactTick = tick;
    const at = slot * kind.numberColumns;
    const valuesAt = slot * kind.valueColumns;
    if (!wasAlive) this.#copyNewestTo(slot);
    if (wasAlive) this.#learnIds(at, exact);
    let wrong = 0;
    for (const { place, column } of kind.numbers) {
      if (wasAlive && this.numbers[at + column] === exact[place]) continue;
      wrong += 1;
      this.numbers[at + column] = exact[place]!;
    }
    for (const { place, schema } of kind.values) {
      if (wasAlive && sameReplica(this.values[valuesAt + schema.column], values[place])) continue;
      wrong += 1;
      this.values[valuesAt + schema.column] = values[place];
    }
    this.#ticks[slot] = tick;
    return wasAlive ? wrong : Math.max(1, wrong);
  }

  /** Nothing of it is remembered any more: it is to be spawned anew. */
  forget(): void {
    this.#ticks.fill(-1);
  }

  /** Wherever it names `before` it names `after`. */
  rename(before: number, after: number): void {
    const { kind, numbers, entity, table } = this;
    for (const { column } of kind.ids) {
      for (let at = column; at < numbers.length; at += kind.numberColumns) {
        if (numbers[at] === before) numbers[at] = after;
      }
      const live = table.numbers[column]!;
      if (entity !== undefined && live[entity["~row"]] === before) live[entity["~row"]] = after;
    }
  }

  /** Keeps what is predicted now, to know what a correction changes. */
  keepShown(): void {
    const { at, before } = this;
    this.wasShown = this.entity !== undefined;
    for (const { column } of this.kind.smoothed) before[column] = this.numbers[at + column]!;
  }

  /** What the server calls that which was spawned ahead is news, but no mistake. */
  #learnIds(at: number, exact: Float64Array): void {
    for (const { place, column } of this.kind.ids) {
      const id = this.numbers[at + column]!;
      if (isProvisional(id) && exact[place] !== 0) this.rename(id, exact[place]!);
    }
  }

  /** What nobody is sent stays as it was predicted last. */
  #copyNewestTo(slot: number): void {
    const { numbers, values, newest } = this;
    const { numberColumns, valueColumns } = this.kind;
    numbers.copyWithin(slot * numberColumns, newest * numberColumns, (newest + 1) * numberColumns);
    values.copyWithin(slot * valueColumns, newest * valueColumns, (newest + 1) * valueColumns);
  }
}
