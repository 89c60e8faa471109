const FIRST_IDS = 16;

/** Entity ids, which take more than 32 bits, each with a small number, in memory that is used again. */
export class IdList {
  ids: Float64Array = new Float64Array(FIRST_IDS);
  /** What the number says is the owner's affair. */
  notes: Uint8Array = new Uint8Array(FIRST_IDS);
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
    const ids = new Float64Array(this.ids.length * 2);
    ids.set(this.ids);
    this.ids = ids;
    const notes = new Uint8Array(this.notes.length * 2);
    notes.set(this.notes);
    this.notes = notes;
  }
}
