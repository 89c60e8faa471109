const FIRST_IDS = 16;
/** Most lists are empty most of the time. */
const NO_IDS = new Float64Array(0);
const NO_NOTES = new Uint8Array(0);

/** Entity ids, which take more than 32 bits, each with a small number, in memory that is used again. */
export class IdList {
  ids: Float64Array = NO_IDS;
  /** What the number says is the owner's affair. */
  notes: Uint8Array = NO_NOTES;
  count = 0;

  push(id: number, note: number): void {
    if (this.count === this.ids.length) this.#grow();
    this.ids[this.count] = id;
    this.notes[this.count] = note;
    this.count += 1;
  }

  clear(): void {
    this.count = 0;
  }

  #grow(): void {
    const length = Math.max(FIRST_IDS, this.ids.length * 2);
    const ids = new Float64Array(length);
    ids.set(this.ids);
    this.ids = ids;
    const notes = new Uint8Array(length);
    notes.set(this.notes);
    this.notes = notes;
  }
}
