import type { FieldSchema } from "../schema/game-schema.ts";
import type { FieldPlace } from "./field-places.ts";
import type { KindTable, RowView } from "./kind-table.ts";

/*
 * Accessors of numbers, for the class of views of a game. A step through 10,000 entities calls them 80,000 times, so they
 * are as short as they can be. V8 inlines what has at most 27 bytes of code wherever it is called, which is what the first
 * getter has, and longer ones only for so long; JavaScriptCore has a limit, too. Hence:
 *
 *   - a setter for each purpose, not one that asks,
 *   - parameters in place of constants: those that functions close over are checked for being initialised,
 *   - no question whether the row was given away: then there are no numbers (`KindTable.release`).
 */

/** What accessors need of a view. */
interface NumberView extends RowView {
  /** `kindBit` of its kind. */
  readonly "~bit": number;
  readonly "~isGone": boolean;
  readonly "~table": KindTable<NumberView>;
}

/** Bits of kinds on views; 0 for kinds that find no room in a small integer: those take the longer way. */
export function kindBit(kind: number): number {
  return kind < 30 ? 1 << kind : 0;
}

/** `fields`: what the name stands for, by kind. */
export function numberAccessors(
  name: string,
  { property, slot, isRate }: FieldPlace,
  fields: readonly (FieldSchema | undefined)[],
): PropertyDescriptor {
  const some = fields.filter((field) => field !== undefined);
  const { low, high, direct } = some[0]!.codec.scalar!;
  const isAlike = (field: FieldSchema | undefined): boolean => {
    const scalar = field?.codec.scalar;
    return scalar?.low === low && scalar.high === high && scalar.direct === direct;
  };
  const bitsOf = (chosen: (field: FieldSchema | undefined) => boolean): number =>
    fields.reduce((bits, field, kind) => bits | (chosen(field) ? kindBit(kind) : 0), 0);
  const check = (view: NumberView): void => {
    if (view["~table"].fieldOf(property) === undefined) view["~table"].missing(view, name);
  };
  const write: Write = (view, value) => {
    const table = view["~table"];
    const field = table.fieldOf(property);
    if (field === undefined || view["~isGone"]) table.missing(view, name);
    else table.write(view["~row"], field, value);
  };
  const isEverywhere = some.length === fields.length;
  const get = isEverywhere
    ? getter(slot)
    : ownGetter(
        slot,
        bitsOf((field) => field !== undefined),
        check,
      );
  const isPlace = name === "x" || name === "y";
  const isWhole = direct === "whole";
  const mark = isRate ? markRate : markOther;
  if (isWhole || !isEverywhere || !fields.every(isAlike)) {
    const alike = bitsOf(isAlike);
    return { get, set: ownSetter(slot, low, high, alike, isWhole, isPlace, write, mark, tellMoved) };
  }
  const isFollower = some.every(({ spec }) => spec.follows !== undefined);
  if (isFollower) {
    const set = isPlace
      ? followerPlaceSetter(slot, low, high, write, tellMoved)
      : followerSetter(slot, low, high, write);
    return { get, set };
  }
  const set = isPlace
    ? placeSetter(slot, low, high, write, mark, tellMoved)
    : setter(slot, low, high, write, mark);
  return { get, set };
}

function markRate(view: NumberView): void {
  view["~table"].rateMarks[view["~row"]] = 1;
}

function markOther(view: NumberView): void {
  view["~table"].marks[view["~row"]] = 1;
}

function tellMoved(view: NumberView): void {
  view["~table"].onMoved!(view);
}

/** Of a name that every kind has. */
function getter(slot: number) {
  return function get(this: NumberView) {
    return this["~data"][slot * this["~stride"] + this["~row"]];
  };
}

function ownGetter(slot: number, has: number, check: (view: NumberView) => void) {
  return function get(this: NumberView) {
    if ((has & this["~bit"]) === 0) check(this);
    return this["~data"][slot * this["~stride"] + this["~row"]];
  };
}

/** Decides about what is out of range, no number, or of a kind that has the name otherwise or not at all. */
type Write = (view: NumberView, value: unknown) => void;

type Tell = (view: NumberView) => void;

/** Of a name that is the same in every kind. */
function setter(slot: number, low: number, high: number, write: Write, mark: Tell) {
  return function set(this: NumberView, value: number) {
    // No −0 may stay: there is one 0 on the wire. x − −0 is x + 0, but for a text, which gets no 0 behind it.
    if (value >= low && value <= high) this["~data"][slot * this["~stride"] + this["~row"]] = value - -0;
    else write(this, value);
    mark(this);
  };
}

/** Of x or y. */
function placeSetter(slot: number, low: number, high: number, write: Write, mark: Tell, tell: Tell) {
  return function set(this: NumberView, value: number) {
    if (value >= low && value <= high) this["~data"][slot * this["~stride"] + this["~row"]] = value - -0;
    else write(this, value);
    mark(this);
    if (this["~table"].onMoved !== undefined) tell(this);
  };
}

/** Of what follows a rate in every kind: no mark, as that is looked at each tick anyway. */
function followerSetter(slot: number, low: number, high: number, write: Write) {
  return function set(this: NumberView, value: number) {
    if (value >= low && value <= high) this["~data"][slot * this["~stride"] + this["~row"]] = value - -0;
    else write(this, value);
  };
}

function followerPlaceSetter(slot: number, low: number, high: number, write: Write, tell: Tell) {
  return function set(this: NumberView, value: number) {
    if (value >= low && value <= high) this["~data"][slot * this["~stride"] + this["~row"]] = value - -0;
    else write(this, value);
    if (this["~table"].onMoved !== undefined) tell(this);
  };
}

/** Of whole numbers, and of a name that some kinds lack or have otherwise: `alike` has the bits of the rest. */
function ownSetter(
  slot: number,
  low: number,
  high: number,
  alike: number,
  isWhole: boolean,
  isPlace: boolean,
  write: Write,
  mark: Tell,
  tell: Tell,
) {
  return function set(this: NumberView, value: number) {
    if (value >= low && value <= high && alike & this["~bit"] && (!isWhole || Math.floor(value) === value)) {
      this["~data"][slot * this["~stride"] + this["~row"]] = value - -0;
    } else write(this, value);
    mark(this);
    if (isPlace && this["~table"].onMoved !== undefined) tell(this);
  };
}
