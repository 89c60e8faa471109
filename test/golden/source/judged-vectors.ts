import { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { definitionJson } from "../../../src/game/schema/definition-json.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { plainStore } from "../../game/replication/plain-store.ts";
import { smallGame } from "../delta-game.ts";
import { hex, unhex } from "../hex.ts";

const game = smallGame as unknown as Game<Shape>;

/** Fields for everyone: vx, hp, isOn, note, data, x; an owner sees fuel before x. A mask has two bytes. */
const SHIP = "02" + "07" + "c2" + "a161" + "c40109" + "fc";
/** Tick 5: ship 0 of generation 1, of player 3, for everyone: vx 2, hp 7, off, "a", 09, x -4. */
const FULL = `0500010001000300${SHIP}`;
/** The same for its owner, of tick 8. */
const OWNERS = "080001" + "0001000302" + "02" + "07" + "c2" + "a161" + "c40109" + "05" + "fc";
/** Another one in its place, at tick 8; and it leaves. */
const OTHER = `0800010002000300${SHIP}`;
const LEFT = "08" + "4001" + "00";

const COUNTERS = {
  malformed: "blocksMalformed",
  "too old": "blocksTooOld",
  contradictory: "blocksContradictory",
  "wrong kind": "blocksWrongKind",
  "wrong class": "blocksWrongClass",
  "unknown baseline": "blocksUnknownBaseline",
} as const;
type Refusal = keyof typeof COUNTERS;
type Case = readonly [why: string, block: string, refusal?: Refusal];

/** On top of `FULL`, each that is refused near one that is taken. */
const CASES: readonly Case[] = [
  ["a tick alone", "06"],
  ["nothing", "", "malformed"],
  ["a tick in a longer form", "cc06", "malformed"],
  ["an age of 65", "06" + "4101" + "00"],
  ["an age of 66", "06" + "4201" + "00", "malformed"],
  ["a group without records", "06" + "0100", "malformed"],
  ["two groups", "06" + "400101" + "410102"],
  ["a group twice", "06" + "400101" + "400102", "malformed"],
  ["groups in the wrong order", "06" + "410101" + "400102", "malformed"],
  ["a count of more than there is", "06" + "4002" + "00", "malformed"],
  ["a count of less than there is", "06" + "4001" + "00" + "00", "malformed"],
  ["index 2^20 - 1", "06" + "4001" + "ce000fffff"],
  ["index 2^20", "06" + "4001" + "ce00100000", "malformed"],
  ["a gap that leads to index 2^20", "06" + "4002" + "00" + "ce000fffff", "malformed"],
  ["a new entity without fields", "06" + "0001" + "0101010000"],
  ["generation 0", "06" + "0001" + "0100010000", "malformed"],
  ["no such kind", "06" + "0001" + "0101020000", "wrong kind"],
  ["an owner's class that sees no more", "06" + "0001" + "0101010002", "wrong class"],
  ["an owner's class that sees more", "06" + "0001" + "0101000302" + "0207c3a0c40005fc"],
  ["a team's class that sees no more", `060001${"0101000301"}${SHIP}`, "wrong class"],
  ["a class of 3", `060001${"0101000303"}${SHIP}`, "malformed"],
  ["a number out of its range", "06" + "0001" + "0101000300" + "020ac2a0c400fc", "malformed"],
  ["a text too long", "06" + "0001" + "0101000300" + "0207c2a461616161c400fc", "malformed"],
  ["bytes too long", "06" + "0001" + "0101000300" + "0207c2a0c4050000000000fc", "malformed"],
  ["another kind for an id", "06" + "0001" + "0001010300", "contradictory"],
  ["an entity twice", "06" + "0101" + "00" + "0000" + "4001" + "00", "contradictory"],
  ["an entity nobody spoke of", "06" + "0101" + "01" + "0000", "unknown baseline"],
  ["a version before the first", "06" + "0201" + "00" + "0000", "unknown baseline"],
  ["a mask of nothing", "06" + "0101" + "00" + "0000"],
  ["a bit of the mask left over", "06" + "0101" + "00" + "0002", "malformed"],
  ["an end within the mask", "06" + "0101" + "00" + "00", "malformed"],
  ["a change by 1", "06" + "0101" + "00" + "0200" + "01"],
  ["a change that goes around", "06" + "0101" + "00" + "0200" + "09"],
  ["a change by 0", "06" + "0101" + "00" + "0200" + "00", "malformed"],
  ["a change in a longer form", "06" + "0101" + "00" + "0200" + "cc01", "malformed"],
  ["a change by as many as there are values", "06" + "0101" + "00" + "0200" + "0a", "malformed"],
  ["a negative change of few values", "06" + "0101" + "00" + "0200" + "ff", "malformed"],
  ["a bool has no byte", "06" + "0101" + "00" + "0400"],
  ["another text", "06" + "0101" + "00" + "0800" + "a162"],
  ["the same text", "06" + "0101" + "00" + "0800" + "a161", "malformed"],
  ["other bytes", "06" + "0101" + "00" + "1000" + "c40108"],
  ["the same bytes", "06" + "0101" + "00" + "1000" + "c40109", "malformed"],
  ["a residual", "06" + "0101" + "00" + "2000" + "01"],
  ["a residual of 0", "06" + "0101" + "00" + "2000" + "00", "malformed"],
  ["a new rate, in this tick", "06" + "0101" + "00" + "0100" + "02"],
  ["a new rate as old as the base", "06" + "0101" + "00" + "4100" + "02", "malformed"],
  ["an age of a change that was none", "0a" + "0501" + "00" + "4200" + "01", "malformed"],
  ["a new rate, 6 ticks ago", "13" + "0e01" + "00" + "8101" + "02"],
  ["a new rate, 7 ticks ago", "13" + "0e01" + "00" + "c101" + "07" + "02"],
  ["6 ticks in the form of 7", "13" + "0e01" + "00" + "c101" + "06" + "02", "malformed"],
  ["a new rate, 62 ticks ago", "44" + "3f01" + "00" + "c101" + "3e" + "02"],
  ["a new rate, 63 ticks ago", "44" + "3f01" + "00" + "c101" + "3f" + "02", "malformed"],
];

/** On top of other blocks. */
const LATER: readonly (readonly [
  why: string,
  before: readonly string[],
  block: string,
  refusal?: Refusal,
])[] = [
  ["63 ticks behind", [FULL, "45"], "06"],
  ["64 ticks behind", [FULL, "45"], "05", "too old"],
  ["a delta that comes late", [FULL, OWNERS], "07" + "0101" + "00" + "0200" + "01"],
  ["an unlawful delta that comes late", [FULL, OWNERS], "07" + "0101" + "00" + "0200" + "00", "malformed"],
  ["of two records of one tick the first counts", [FULL, OWNERS], OTHER],
  ["the base has the newest class", [FULL, OWNERS], "09" + "0101" + "00" + "0200" + "01"],
  ["the base has another class", [FULL, OWNERS], "09" + "0401" + "00" + "0200" + "01", "unknown baseline"],
  ["another one in its place", [FULL], OTHER],
  ["the base is of the newest life", [FULL, OTHER], "09" + "0101" + "00" + "0200" + "01"],
  ["the base is of a former life", [FULL, OTHER], "09" + "0401" + "00" + "0200" + "01", "unknown baseline"],
  ["a delta from before it left", [FULL, LEFT], "07" + "0101" + "00" + "0200" + "01"],
  ["a delta of who left", [FULL, LEFT], "09" + "0401" + "00" + "0200" + "01", "unknown baseline"],
  ["who left comes back", [FULL, LEFT], `0900010001000300${SHIP}`],
  ["who left is remembered for 63 ticks", [FULL, LEFT, "47"], "08" + "0101" + "00" + "0200" + "01"],
  ["and no longer", [FULL, LEFT, "48"], "09" + "0201" + "00" + "0200" + "01", "unknown baseline"],
];

/** Blocks that are taken, with what is held afterwards, and blocks that are refused. */
export function judgedVectors(): object {
  const cases = [...CASES.map(([why, ...rest]) => [why, [FULL], ...rest] as const), ...LATER];
  return {
    definition: JSON.parse(definitionJson(game)),
    cases: cases.map(([why, before, block, refusal]) => judged(why, before, block, refusal)),
  };
}

function judged(why: string, before: readonly string[], block: string, refusal?: Refusal): object {
  const store = new ReplicaStore(game);
  for (const earlier of before) {
    if (!store.receive(unhex(earlier))) throw new Error(`${why}: what comes before is refused.`);
  }
  store.takeEvents();
  const isTaken = store.receive(unhex(block));
  if (isTaken !== (refusal === undefined)) throw new Error(`${why}: ${JSON.stringify(store.counters)}`);
  if (refusal !== undefined) {
    if (store.counters[COUNTERS[refusal]] !== 1) throw new Error(`${why}: ${JSON.stringify(store.counters)}`);
    return { why, before, block, refusal };
  }
  const events = store.takeEvents().map(({ what, id }) => ({ what, id }));
  return { why, before, block, events, state: withHex(plainStore(store)) };
}

/** As JSON has it, with bytes as `{ hex }`. */
export function withHex(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, each) => (each instanceof Uint8Array ? { hex: hex(each) } : each)),
  );
}
