import { newPathCells, type PathCells } from "./path-cells.ts";

/**
 * What works on some of a path's cells. There is one of each kind for all connections, so that none has objects of its
 * own: ask `of(cells)` before each use. Alone it has cells of its own.
 */
export abstract class PathPart {
  protected cells: PathCells;

  constructor(cells: PathCells = newPathCells()) {
    this.cells = cells;
    this.clear();
  }

  /** Works on these cells from now on. */
  of(cells: PathCells): this {
    this.cells = cells;
    return this;
  }

  /** Knows nothing. */
  abstract clear(): void;
}
