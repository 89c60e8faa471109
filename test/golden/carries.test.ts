import { describe, expect, test } from "vitest";
import { CarryReader } from "../../src/game/replication/carry-reader.ts";
import { ReplicaStore } from "../../src/game/replication/replica-store.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import { definitionJson } from "../../src/game/schema/definition-json.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { plainOwn } from "../game/replication/plain-own.ts";
import carries from "./carries.json" with { type: "json" };
import { motionGame } from "./delta-game.ts";
import { unhex, withFlips } from "./hex.ts";
import { plainExact } from "./plain-exact.ts";

const game = motionGame as unknown as Game<Shape>;
const { steps } = carries;

/** A client that took everything before step `n`, and its delta block. */
function clientBefore(n: number): { store: ReplicaStore; reader: CarryReader } {
  const store = new ReplicaStore(game);
  const reader = new CarryReader(store);
  for (const { deltas, carries: block } of steps.slice(0, n)) {
    if (deltas !== null) expect(store.receive(unhex(deltas))).toBe(true);
    expect(reader.receive(unhex(block))).toBe(true);
  }
  const { deltas } = steps[n]!;
  if (deltas !== null) expect(store.receive(unhex(deltas))).toBe(true);
  return { store, reader };
}

test("the definition is the one the vectors were made with", () => {
  expect(JSON.parse(definitionJson(game))).toEqual(carries.definition);
});

describe("carry blocks", () => {
  test.each(steps.map((step, n) => ({ ...step, n })))("tick $own.tick, $meaning", ({ n, own, exact }) => {
    const { store, reader } = clientBefore(n);
    expect(reader.receive(unhex(steps[n]!.carries))).toBe(true);
    expect(plainOwn(reader.state)).toEqual(own);
    expect(plainExact(reader.state, store)).toEqual(exact);
  });

  test("every flip is refused or says something else", () => {
    for (const [n, { carries: block, own }] of steps.entries()) {
      const { store } = clientBefore(n);
      const lawful = JSON.stringify(own);
      for (const { flipped, bit } of withFlips(unhex(block))) {
        const reader = new CarryReader(store);
        const isSame = reader.receive(flipped) && JSON.stringify(plainOwn(reader.state)) === lawful;
        if (isSame) expect([block, bit]).toBe("refused or different");
      }
    }
  });

  test.each(carries.refused)("refused: $why", ({ block }) => {
    const reader = new CarryReader(new ReplicaStore(game));
    expect(reader.receive(unhex(block))).toBe(false);
    expect(reader.counters.blocksMalformed).toBe(1);
  });
});
