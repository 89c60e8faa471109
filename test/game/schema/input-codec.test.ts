import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { decodeInputs, encodeInputs, packInput, unpackInput } from "../../../src/game/schema/input-codec.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";

const game = defineGame({
  name: "i",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64), fire: t.bool() },
  entities: {},
});
const empty = defineGame({ name: "e", tickRate: 30, input: {}, entities: {} });

describe("input frames", () => {
  const inputs = fc.array(
    fc.record({
      move: fc.record({ x: fc.double({ min: -1, max: 1, noNaN: true }), y: fc.constant(0) }),
      fire: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  );

  test("bring back as many as fit", () => {
    fc.assert(
      fc.property(
        inputs,
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.nat(80),
        fc.nat(511),
        (list, newestTick, room, seen) => {
          const packed = list.map((input) => packInput(game, input));
          const writer = new MsgpackWriter().reset(new Uint8Array(room));
          const count = encodeInputs(game, writer, newestTick, packed, seen);
          expect(count).toBeLessThanOrEqual(Math.min(10, list.length, newestTick + 1));
          expect(writer.ok).toBe(true);
          if (count === 0) {
            expect(writer.at).toBe(0);
            return;
          }
          const read = decodeInputs(game, writer.bytes, 0, writer.at);
          expect(read).toEqual({ newestTick, seenLagEighths: seen, inputs: packed.slice(0, count) });
          expect(
            decodeInputs(game, Uint8Array.of(...writer.bytes.subarray(0, writer.at), 0)),
          ).toBeUndefined();
        },
      ),
    );
  });

  test("what is known already comes back as the known object, and all else as it was sent", () => {
    fc.assert(
      fc.property(inputs, inputs, (list, knownList) => {
        const packed = list.map((input) => packInput(game, input));
        // Half of them say what the known ones say.
        const known = knownList.map((input, i) => packInput(game, i % 2 === 0 ? (list[i] ?? input) : input));
        const writer = new MsgpackWriter().reset(new Uint8Array(200));
        const count = encodeInputs(game, writer, 100, packed);
        const inputLike = (tick: number) => known[100 - tick] ?? known[0]!;
        const read = decodeInputs(game, writer.bytes, 0, writer.at, { inputLike });
        expect(read?.inputs).toEqual(packed.slice(0, count));
        for (let n = 0; n < count; n += 1) {
          const like = inputLike(100 - n);
          expect(read?.inputs[n] === like).toBe(JSON.stringify(packed[n]) === JSON.stringify(like));
        }
      }),
    );
  });

  test("are plain msgpack, newest first", () => {
    const writer = new MsgpackWriter().reset(new Uint8Array(100));
    const still = packInput(game, {});
    const fire = packInput(game, { move: { x: 0.5, y: -1 }, fire: true }, still);
    expect(encodeInputs(game, writer, 300, [fire, still], 25)).toBe(2);
    expect(decode(writer.bytes.subarray(0, writer.at))).toEqual([300, 2, 25, 32, -64, true, 0, 0, false]);
    expect(unpackInput(game, packInput(game, { fire: false }, fire))).toEqual({
      move: { x: 0.5, y: -1 },
      fire: false,
    });
    expect(Object.isFrozen(unpackInput(game, fire).move)).toBe(true);
  });

  test("work for a game without input", () => {
    const writer = new MsgpackWriter().reset(new Uint8Array(100));
    expect(encodeInputs(empty, writer, 7, [[], []])).toBe(2);
    expect(decodeInputs(empty, writer.bytes, 0, writer.at)).toEqual({
      ...{ newestTick: 7, seenLagEighths: 0, inputs: [[], []] },
    });
  });

  test("never throw on garbage", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = decodeInputs(game, bytes);
        if (read !== undefined) expect(read.newestTick - read.inputs.length + 1).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
    const block = (newestTick: number, ...seen: number[]): Uint8Array =>
      Uint8Array.of(0x99, newestTick, 2, ...seen, 0, 0, 0xc2, 0, 0, 0xc2);
    expect(decodeInputs(game, block(0, 0))).toBeUndefined();
    expect(decodeInputs(game, block(1, 0))?.inputs.length).toBe(2);
    expect(decodeInputs(game, block(1, 0xcd, 1, 255))?.seenLagEighths).toBe(511);
    expect(decodeInputs(game, block(1, 0xcd, 2, 0))).toBeUndefined();
    expect(decodeInputs(game, block(1, 0xff))).toBeUndefined();
  });
});
