import type { EntityStore } from "./entity-store.ts";
import type { EntityView } from "./entity-view.ts";
import type { KindTable } from "./kind-table.ts";

const CELLS_ACROSS = 64;

/**
 * Finds entities by place. Built by counting sort when first asked after `forget`; what moves or is born after
 * that is listed apart and looked at one by one, and when that list grows long the grid is built again. So
 * the answer is always about where entities are now.
 */
export class SpatialGrid {
  /** Tables whose kind has numbers x and y, with these columns' numbers. */
  readonly #placed = new Map<KindTable<EntityView>, { readonly x: number; readonly y: number }>();
  #left = Infinity;
  #top = Infinity;
  #cellSize = 1;
  #isBuilt = false;
  #build = 0;
  /** First entity of each cell in `#views`. */
  readonly #starts = new Int32Array(CELLS_ACROSS * CELLS_ACROSS + 1);
  #views: EntityView[] = [];
  #unsorted: EntityView[] = [];
  #moved: EntityView[] = [];
  #cells = new Int32Array(64);

  constructor(store: EntityStore) {
    let right = -Infinity;
    let bottom = -Infinity;
    for (const table of store.tables) {
      const x = table.schema.fields.find(({ name, spec }) => name === "x" && PLACES.has(spec.type));
      const y = table.schema.fields.find(({ name, spec }) => name === "y" && PLACES.has(spec.type));
      if (x === undefined || y === undefined) continue;
      this.#placed.set(table, { x: x.column, y: y.column });
      this.#left = Math.min(this.#left, x.codec.scalar!.low);
      this.#top = Math.min(this.#top, y.codec.scalar!.low);
      right = Math.max(right, x.codec.scalar!.high);
      bottom = Math.max(bottom, y.codec.scalar!.high);
    }
    this.#cellSize = Math.max(right - this.#left, bottom - this.#top, Number.MIN_VALUE) / CELLS_ACROSS;
  }

  /** Much is about to move: the next question builds anew. */
  forget(): void {
    this.#isBuilt = false;
    for (const table of this.#placed.keys()) table.onMoved = undefined;
  }

  noteSpawned(view: EntityView): void {
    if (this.#placed.has(view["~table"])) this.#noteMoved(view);
  }

  /** Living entities within `radius`, by id. */
  near(x: number, y: number, radius: number, table: KindTable<EntityView> | undefined): EntityView[] {
    const found: EntityView[] = [];
    if (!(radius >= 0) || this.#placed.size === 0) return found;
    if (!this.#isBuilt || this.#moved.length > 64 + this.#views.length / 16) this.#rebuild();
    const lastColumn = this.#cell(x + radius - this.#left);
    const lastRow = this.#cell(y + radius - this.#top);
    for (let row = this.#cell(y - radius - this.#top); row <= lastRow; row += 1) {
      const first = row * CELLS_ACROSS;
      const end = this.#starts[first + lastColumn + 1]!;
      for (let i = this.#starts[first + this.#cell(x - radius - this.#left)]!; i < end; i += 1) {
        const view = this.#views[i]!;
        if (view["~movedIn"] !== this.#build && this.#isWithin(view, x, y, radius, table)) found.push(view);
      }
    }
    for (const view of this.#moved) if (this.#isWithin(view, x, y, radius, table)) found.push(view);
    return found.sort(byId);
  }

  readonly #noteMoved = (view: EntityView): void => {
    if (!this.#isBuilt || view["~movedIn"] === this.#build) return;
    view["~movedIn"] = this.#build;
    this.#moved.push(view);
  };

  #isWithin(
    view: EntityView,
    x: number,
    y: number,
    radius: number,
    table: KindTable<EntityView> | undefined,
  ): boolean {
    const own = view["~table"];
    if (!view["~alive"] || (table !== undefined && own !== table)) return false;
    const columns = this.#placed.get(own)!;
    const dx = own.numbers[columns.x]![view["~row"]]! - x;
    const dy = own.numbers[columns.y]![view["~row"]]! - y;
    return dx * dx + dy * dy <= radius * radius;
  }

  #cell(distance: number): number {
    const cell = Math.floor(distance / this.#cellSize);
    // Not a number lands in cell 0 and matches nothing there.
    return cell > 0 ? Math.min(cell, CELLS_ACROSS - 1) : 0;
  }

  #rebuild(): void {
    const starts = this.#starts.fill(0);
    this.#unsorted.length = 0;
    this.#moved.length = 0;
    for (const [table, columns] of this.#placed) {
      for (const view of table.rows) {
        if (!view?.["~alive"]) continue;
        const count = this.#unsorted.push(view);
        if (count > this.#cells.length) this.#growCells();
        const column = this.#cell(table.numbers[columns.x]![view["~row"]]! - this.#left);
        const row = this.#cell(table.numbers[columns.y]![view["~row"]]! - this.#top);
        const cell = row * CELLS_ACROSS + column;
        this.#cells[count - 1] = cell;
        starts[cell] = starts[cell]! + 1;
      }
    }
    // Ends of cells, which filling from the back turns into their starts.
    for (let cell = 1; cell < starts.length; cell += 1) starts[cell] = starts[cell]! + starts[cell - 1]!;
    this.#views.length = this.#unsorted.length;
    for (let i = this.#unsorted.length - 1; i >= 0; i -= 1) {
      const place = starts[this.#cells[i]!]! - 1;
      starts[this.#cells[i]!] = place;
      this.#views[place] = this.#unsorted[i]!;
    }
    this.#build += 1;
    this.#isBuilt = true;
    for (const table of this.#placed.keys()) table.onMoved = this.#noteMoved;
  }

  #growCells(): void {
    const grown = new Int32Array(this.#cells.length * 2);
    grown.set(this.#cells);
    this.#cells = grown;
  }
}

const PLACES: ReadonlySet<string> = new Set(["fixed", "uint", "int"]);

function byId(a: EntityView, b: EntityView): number {
  return a.id - b.id;
}
