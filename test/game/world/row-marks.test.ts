import fc from "fast-check";
import { expect, test } from "vitest";
import { RowMarks } from "../../../src/game/world/row-marks.ts";

/** Someone who asks now and then; by the plain model, what was written since it did so last. */
class Asker {
  readonly written = new Set<number>();
  upTo = -1;
  hasAsked = false;

  ask(marks: RowMarks, rows: number): void {
    const count = marks.listSince(this.upTo, rows);
    const listed = [...marks.rows.subarray(0, count)];
    this.upTo = marks.newest;
    for (const row of listed) expect(row).toBeLessThan(rows);
    const wanted = this.hasAsked ? this.written : new Set(Array.from({ length: rows }, (_, row) => row));
    expect(new Set(listed).isSupersetOf(wanted)).toBe(true);
    expect(count).toBeLessThanOrEqual(rows);
    this.hasAsked = true;
    this.written.clear();
  }
}

test("everyone hears of every row that was written since it asked last, however often others ask", () => {
  const events = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ write: fc.nat(200) }) },
      { weight: 2, arbitrary: fc.record({ asker: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.constant({ grow: true }) },
    ),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(events, (all) => {
      const marks = new RowMarks();
      const askers = [new Asker(), new Asker(), new Asker()];
      let room = 16;
      let rows = 1;
      marks.grow(room);
      for (const event of all) {
        if ("write" in event) {
          const row = event.write % room;
          rows = Math.max(rows, row + 1);
          marks.marks[row] = 1;
          for (const asker of askers) asker.written.add(row);
        } else if ("asker" in event) askers[event.asker]!.ask(marks, rows);
        else if (room < 256) {
          room *= 2;
          marks.grow(room);
        }
      }
      for (const asker of askers) asker.ask(marks, rows);
    }),
    { numRuns: 500 },
  );
});

test("who asks after every sweep hears of nothing else", () => {
  const marks = new RowMarks();
  marks.grow(32);
  let upTo = marks.newest;
  for (const rows of [[3], [], [0, 15, 16, 31], [7, 8]]) {
    for (const row of rows) marks.marks[row] = 1;
    const count = marks.listSince(upTo, 32);
    upTo = marks.newest;
    expect([...marks.rows.subarray(0, count)]).toEqual(rows);
  }
});
