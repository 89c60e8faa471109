import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MsgpackReader } from "../../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";

const LARGEST = Number.MAX_SAFE_INTEGER;
const EDGES = [0, 1, 2, 7, 8, 15, 16, 31, 32].flatMap((bits) => {
  const power = 2 ** bits;
  return [power - 1, power, power + 1, -power + 1, -power, -power - 1];
});
const anInt = fc.oneof(
  fc.constantFrom(...EDGES),
  fc.integer({ min: -40_000, max: 70_000 }),
  fc.maxSafeInteger(),
);
const bounds = fc.array(fc.tuple(anInt, anInt), { maxLength: 6 });

/** What `ints` must do, one by one. */
function readOneByOne(bytes: Uint8Array, least: readonly number[], most: readonly number[]) {
  const reader = new MsgpackReader().reset(bytes);
  const values: number[] = [];
  for (let i = 0; i < least.length; i += 1) {
    const value = reader.int(least[i]!, most[i]!);
    if (!reader.ok) break;
    values.push(value);
  }
  return { values, ok: reader.ok, at: reader.ok ? reader.at : undefined };
}

function readAtOnce(bytes: Uint8Array, least: readonly number[], most: readonly number[]) {
  const reader = new MsgpackReader().reset(bytes);
  const values: number[] = [];
  reader.ints(least, most, values);
  return { values, ok: reader.ok, at: reader.ok ? reader.at : undefined };
}

describe("integers read in one go", () => {
  it("are what they are one by one, of any bytes", () => {
    const tags = fc.constantFrom(0, 0x7f, 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3, 0xe0, 0xff, 0xc0);
    const bytes = fc
      .array(fc.oneof(tags, fc.nat(255)), { maxLength: 20 })
      .map((list) => Uint8Array.from(list));
    fc.assert(
      fc.property(bytes, bounds, (input, pairs) => {
        const least = pairs.map(([a, b]) => Math.min(a, b));
        const most = pairs.map(([a, b]) => Math.max(a, b));
        expect(readAtOnce(input, least, most)).toEqual(readOneByOne(input, least, most));
      }),
      { numRuns: 3_000 },
    );
  });

  it("come back as they were written, and are held to their bounds", () => {
    fc.assert(
      fc.property(fc.array(anInt, { minLength: 1, maxLength: 30 }), (values) => {
        const writer = new MsgpackWriter().reset(new Uint8Array(300));
        for (const value of values) writer.int(value);
        const bytes = writer.bytes.slice(0, writer.at);
        const loose = readAtOnce(
          bytes,
          Array(values.length).fill(-LARGEST),
          Array(values.length).fill(LARGEST),
        );
        expect(loose).toEqual({ values, ok: true, at: bytes.length });
        expect(readAtOnce(bytes, values, values).ok).toBe(true);
        const tooHigh = values.with(-1, values.at(-1)! + 1);
        expect(readAtOnce(bytes, tooHigh, tooHigh)).toEqual({
          values: values.slice(0, -1),
          ok: false,
          at: undefined,
        });
      }),
    );
  });

  it("read nothing after a refusal", () => {
    const reader = new MsgpackReader().reset(Uint8Array.of(1, 2));
    reader.fail();
    const values: number[] = [];
    reader.ints([0], [9], values);
    expect(values).toEqual([]);
  });
});
