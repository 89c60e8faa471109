import type { IntList } from "./int-list.ts";

/** Cells along each side at most: clearing them costs a few microseconds a tick. */
const MAX_CELLS_ACROSS = 128;
const CELLS_PER_REACH = 3;

/**
 * Entities by place, sorted anew each tick by counting. The cells follow how far players see and where entities
 * are, not the range that was declared, and a question allocates nothing and sorts nothing: that is why
 * `world.near` has another grid.
 *
 * The cells of a row lie one after the other, so that a question reads one stretch per row.
 */
export class PlaceGrid {
  /** Indexes of the entities that the last question found. */
  found: Int32Array = new Int32Array(0);
  readonly #reach: number;
  /** Grows with the cells: a small room among many should cost little. */
  #starts = new Int32Array(0);
  #cellSize = 1;
  #left = 0;
  #top = 0;
  #columns = 1;
  #rows = 1;
  #count = 0;
  #cells = new Int32Array(0);
  #indexes = new Int32Array(0);
  #x = new Float64Array(0);
  #y = new Float64Array(0);

  /** `reach`: the radius that will be asked for. */
  constructor(reach: number) {
    this.#reach = reach;
  }

  /** `x` and `y` by entity index. */
  build(indexes: IntList, x: Float64Array, y: Float64Array): void {
    const { items, count } = indexes;
    this.#count = count;
    if (count > this.#indexes.length) this.#grow(count);
    this.#measure(items, count, x, y);
    const cells = this.#columns * this.#rows;
    if (this.#starts.length <= cells) this.#starts = new Int32Array(2 ** Math.ceil(Math.log2(cells + 1)));
    const starts = this.#starts;
    starts.fill(0, 0, cells + 1);
    for (let i = 0; i < count; i += 1) {
      const index = items[i]!;
      const cell = this.#row(y[index]!) * this.#columns + this.#column(x[index]!);
      this.#cells[i] = cell;
      starts[cell] = starts[cell]! + 1;
    }
    // Ends of cells, which filling from the back turns into their starts.
    for (let cell = 1; cell <= cells; cell += 1) starts[cell] = starts[cell]! + starts[cell - 1]!;
    for (let i = count - 1; i >= 0; i -= 1) {
      const cell = this.#cells[i]!;
      const at = starts[cell]! - 1;
      starts[cell] = at;
      const index = items[i]!;
      this.#indexes[at] = index;
      this.#x[at] = x[index]!;
      this.#y[at] = y[index]!;
    }
  }

  /** Finds what is within `radius`; returns how many. */
  query(x: number, y: number, radius: number): number {
    if (this.#count === 0) return 0;
    const { found } = this;
    const xs = this.#x;
    const ys = this.#y;
    const starts = this.#starts;
    const radius2 = radius * radius;
    const first = this.#column(x - radius);
    const last = this.#column(x + radius);
    const lastRow = this.#row(y + radius);
    let count = 0;
    for (let row = this.#row(y - radius); row <= lastRow; row += 1) {
      const end = starts[row * this.#columns + last + 1]!;
      for (let at = starts[row * this.#columns + first]!; at < end; at += 1) {
        const dx = xs[at]! - x;
        const dy = ys[at]! - y;
        if (!(dx * dx + dy * dy <= radius2)) continue;
        found[count] = this.#indexes[at]!;
        count += 1;
      }
    }
    return count;
  }

  #measure(items: Int32Array, count: number, x: Float64Array, y: Float64Array): void {
    let left = Infinity;
    let top = Infinity;
    let right = -Infinity;
    let bottom = -Infinity;
    for (let i = 0; i < count; i += 1) {
      const atX = x[items[i]!]!;
      const atY = y[items[i]!]!;
      if (atX < left) left = atX;
      if (atX > right) right = atX;
      if (atY < top) top = atY;
      if (atY > bottom) bottom = atY;
    }
    if (count === 0) left = top = right = bottom = 0;
    const extent = Math.max(right - left, bottom - top);
    this.#cellSize = Math.max(this.#reach / CELLS_PER_REACH, extent / MAX_CELLS_ACROSS);
    this.#left = left;
    this.#top = top;
    this.#columns = Math.floor((right - left) / this.#cellSize) + 1;
    this.#rows = Math.floor((bottom - top) / this.#cellSize) + 1;
  }

  #column(x: number): number {
    const column = Math.floor((x - this.#left) / this.#cellSize);
    // Not a number lands in column 0 and is near nothing there.
    return column > 0 ? Math.min(column, this.#columns - 1) : 0;
  }

  #row(y: number): number {
    const row = Math.floor((y - this.#top) / this.#cellSize);
    return row > 0 ? Math.min(row, this.#rows - 1) : 0;
  }

  #grow(count: number): void {
    const length = 2 ** Math.ceil(Math.log2(count));
    this.found = new Int32Array(length);
    this.#cells = new Int32Array(length);
    this.#indexes = new Int32Array(length);
    this.#x = new Float64Array(length);
    this.#y = new Float64Array(length);
  }
}
