import { describe, expect, test } from "vitest";
import { arena } from "../../examples/arena/arena.ts";
import { readStateBlock } from "../../src/game/replication/block-reader.ts";
import { decodeOwn } from "../../src/game/replication/own-block.ts";
import { describeSnapshot, type Snapshot } from "../../src/game/replication/snapshot.ts";
import { SnapshotAssembler } from "../../src/game/replication/snapshot-assembler.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { MsgpackReader } from "../../src/net/bytes/msgpack-reader.ts";
import { hex, unhex, withFlips } from "./hex.ts";
import { plainOwn } from "./plain-values.ts";
import states from "./states.json" with { type: "json" };
import { typesGame } from "./types-game.ts";

const GAMES: Readonly<Record<string, Game<Shape>>> = {
  arena: arena as unknown as Game<Shape>,
  types: typesGame as unknown as Game<Shape>,
};

/** The snapshot that all blocks together make, taken in this order. */
function assembled(game: Game<Shape>, blocks: readonly Uint8Array[]): Snapshot | undefined {
  const assembler = new SnapshotAssembler(game);
  let snapshot: Snapshot | undefined;
  for (const block of blocks) snapshot = assembler.receive(block) ?? snapshot;
  return snapshot;
}

const readOwn = (game: Game<Shape>, block: Uint8Array): object | undefined => {
  const own = decodeOwn(game.schema, new MsgpackReader().reset(block));
  return own === undefined ? undefined : plainOwn(own);
};

describe.each(states.snapshots)("$game, $name", ({ game: name, blocks, state, owns }) => {
  const game = GAMES[name]!;
  const parts = blocks.map(unhex);

  test("decodes to its entities, from first to last and backwards", () => {
    for (const order of [parts, parts.toReversed()]) {
      const snapshot = assembled(game, order)!;
      expect(JSON.parse(JSON.stringify(describeSnapshot(snapshot)))).toEqual(state);
    }
  });

  test("own blocks decode", () => {
    for (const { block, own } of owns) expect(readOwn(game, unhex(block))).toEqual(own);
  });

  test("every flip is refused or says something else", () => {
    const read = (block: Uint8Array): string | undefined => {
      const part = readStateBlock(game.schema, new MsgpackReader().reset(block));
      return part === undefined ? undefined : JSON.stringify(part);
    };
    for (const part of parts) {
      const lawful = read(part);
      expect(lawful).toBeDefined();
      for (const { flipped } of withFlips(part)) expect(read(flipped)).not.toBe(lawful);
    }
    for (const { block, own } of owns) {
      for (const { flipped } of withFlips(unhex(block))) expect(readOwn(game, flipped)).not.toEqual(own);
    }
  });
});

test.each(states.refusedStates)("$game state '$block' is refused: $why", ({ game, block }) => {
  expect(readStateBlock(GAMES[game]!.schema, new MsgpackReader().reset(unhex(block)))).toBeUndefined();
});

test.each(states.refusedOwns)("$game own block '$block' is refused: $why", ({ game, block }) => {
  expect(readOwn(GAMES[game]!, unhex(block))).toBeUndefined();
});

test("there is a tick of several blocks, and one without entities", () => {
  const counts = states.snapshots.map(({ blocks }) => blocks.length);
  expect(Math.max(...counts)).toBeGreaterThan(2);
  expect(hex(unhex(states.snapshots[0]!.blocks[0]!))).toBe("93000001");
});
