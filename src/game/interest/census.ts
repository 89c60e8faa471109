import type { GameSchema } from "../schema/game-schema.ts";
import type { EntityStore } from "../world/entity-store.ts";
import type { EntityView } from "../world/entity-view.ts";
import { IntList } from "./int-list.ts";

const FIRST_INDEXES = 64;
const PLACES: ReadonlySet<string> = new Set(["fixed", "uint", "int"]);

/**
 * Cells of a row: what each look asks of each entity in sight lies side by side, so that it is one place of memory and
 * not one per column. Most of what looks cost is that. `News` is the reading that last found more to be new than the
 * place: who lives there, whose it is, whether all see it, a surprise. `Mark` is the look in which it was last met.
 */
export const RowCell = { X: 0, Y: 1, News: 2, Mark: 3 } as const;
export const ROW_CELLS = 4;

/** An owner's team, and what it owns: the lowest and the highest index, -1 = none. `Census.nextOwned` leads from one to the next. */
export interface Owner {
  readonly team: number | undefined;
  firstOwned: number;
  lastOwned: number;
}

/**
 * Who lives, where and whose, by entity index: read once per tick from the world, for all players. Everyone sees
 * the common entities (those without a place, those the room names, and all of them in a room without interest);
 * their changes come as lists, so that no player has to go through thousands that stay as they are.
 *
 * Places are those of the simulation, as the rules see them, not their replicas.
 */
export class Census {
  /** Counts readings: who missed one cannot go by the lists. */
  serial = 0;
  /** 0 = no one lives there. */
  id: Float64Array = new Float64Array(FIRST_INDEXES);
  /** 0 = none. */
  owner: Float64Array = new Float64Array(FIRST_INDEXES);
  /** The owner's team, NaN = none. */
  team: Float64Array = new Float64Array(FIRST_INDEXES);
  x: Float64Array = new Float64Array(FIRST_INDEXES);
  y: Float64Array = new Float64Array(FIRST_INDEXES);
  isPlaced: Uint8Array = new Uint8Array(FIRST_INDEXES);
  isCommon: Uint8Array = new Uint8Array(FIRST_INDEXES);
  /** The next higher index of the same owner, -1 = none. Of what has an owner among those that `read` was given. */
  nextOwned: Int32Array = new Int32Array(FIRST_INDEXES);
  /** By rows. Others write marks, and which surprises are news. */
  rows: Float64Array = new Float64Array(FIRST_INDEXES * ROW_CELLS);
  /** Everyone sees these; in order, like all lists here. */
  readonly common = new IntList();
  /** These are seen by who is near. */
  readonly local = new IntList();
  /** Since the last reading: spawned, or not common before. */
  readonly becameCommon = new IntList();
  /** Despawned, or not common any more. */
  readonly ceasedCommon = new IntList();
  /** Common as before, but of another owner or team. */
  readonly changedHands = new IntList();
  /** Greater side of the rectangle around all places; 1 at least. */
  extent = 1;
  readonly #store: EntityStore;
  readonly #isAlways: (view: EntityView) => boolean;
  /** By kind index: the columns of x and y, -1 = no place. */
  readonly #columnX: Int32Array;
  readonly #columnY: Int32Array;
  #left = 0;
  #right = 0;
  #top = 0;
  #bottom = 0;

  /** `isAlways`: whether everyone sees the entity, wherever it is. */
  constructor(schema: GameSchema, store: EntityStore, isAlways: (view: EntityView) => boolean) {
    this.#store = store;
    this.#isAlways = isAlways;
    const columns = (name: string): Int32Array =>
      Int32Array.from(schema.kinds, ({ fields }) => {
        const field = fields.find((field) => field.name === name && PLACES.has(field.spec.type));
        return field?.column ?? -1;
      });
    this.#columnX = columns("x");
    this.#columnY = columns("y");
  }

  read(owners: ReadonlyMap<number, Owner>): void {
    this.serial += 1;
    this.common.clear();
    this.local.clear();
    this.becameCommon.clear();
    this.ceasedCommon.clear();
    this.changedHands.clear();
    this.#left = this.#top = Infinity;
    this.#right = this.#bottom = -Infinity;
    const { views } = this.#store;
    this.#reserve(views.length);
    for (let index = 0; index < views.length; index += 1) {
      const view = views[index];
      if (view !== undefined) this.#count(index, view, owners);
      else if (this.id[index] !== 0) {
        this.id[index] = 0;
        this.rows[index * ROW_CELLS + RowCell.News] = this.serial;
        if (this.isCommon[index] === 1) this.ceasedCommon.push(index);
        this.isCommon[index] = 0;
      }
    }
    this.extent = Math.max(1, this.#right - this.#left, this.#bottom - this.#top);
  }

  #count(index: number, view: EntityView, owners: ReadonlyMap<number, Owner>): void {
    const table = view["~table"];
    const columnX = this.#columnX[table.schema.index]!;
    const columnY = this.#columnY[table.schema.index]!;
    const isPlaced = columnX >= 0 && columnY >= 0;
    if (isPlaced) {
      const row = view["~row"];
      const x = table.numbers[columnX]![row]!;
      const y = table.numbers[columnY]![row]!;
      this.x[index] = x;
      this.y[index] = y;
      if (x < this.#left) this.#left = x;
      if (x > this.#right) this.#right = x;
      if (y < this.#top) this.#top = y;
      if (y > this.#bottom) this.#bottom = y;
    }
    this.isPlaced[index] = isPlaced ? 1 : 0;
    const owner = view.owner ?? 0;
    const keeper = owner === 0 ? undefined : owners.get(owner);
    const team = keeper?.team ?? Number.NaN;
    const isCommon = !isPlaced || this.#isAlways(view);
    if (keeper !== undefined) this.#chain(index, keeper);
    if (isCommon) this.common.push(index);
    else this.local.push(index);
    const isSame = this.id[index] === view.id;
    const wasCommon = this.isCommon[index] === 1;
    if (wasCommon && !(isSame && isCommon)) this.ceasedCommon.push(index);
    const isInSameHands = this.owner[index] === owner && isSameTeam(this.team[index]!, team);
    if (isCommon && !(isSame && wasCommon)) this.becameCommon.push(index);
    else if (isCommon && !isInSameHands) this.changedHands.push(index);
    this.id[index] = view.id;
    this.owner[index] = owner;
    this.team[index] = team;
    this.isCommon[index] = isCommon ? 1 : 0;
    const { rows } = this;
    const at = index * ROW_CELLS;
    rows[at + RowCell.X] = this.x[index]!;
    rows[at + RowCell.Y] = this.y[index]!;
    if (!(isSame && isInSameHands && wasCommon === isCommon)) rows[at + RowCell.News] = this.serial;
  }

  #chain(index: number, owner: Owner): void {
    if (owner.firstOwned < 0) owner.firstOwned = index;
    else this.nextOwned[owner.lastOwned] = index;
    owner.lastOwned = index;
    this.nextOwned[index] = -1;
  }

  #reserve(count: number): void {
    if (count <= this.id.length) return;
    const length = 2 ** Math.ceil(Math.log2(count));
    const grown = (old: Float64Array, cells = 1): Float64Array => {
      const array = new Float64Array(length * cells);
      array.set(old);
      return array;
    };
    const flags = (old: Uint8Array): Uint8Array => {
      const array = new Uint8Array(length);
      array.set(old);
      return array;
    };
    this.id = grown(this.id);
    this.owner = grown(this.owner);
    this.team = grown(this.team);
    this.x = grown(this.x);
    this.y = grown(this.y);
    this.rows = grown(this.rows, ROW_CELLS);
    this.isPlaced = flags(this.isPlaced);
    this.isCommon = flags(this.isCommon);
    const { nextOwned } = this;
    this.nextOwned = new Int32Array(length);
    this.nextOwned.set(nextOwned);
  }
}

/** No team is NaN, and two of those are the same here. */
function isSameTeam(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
