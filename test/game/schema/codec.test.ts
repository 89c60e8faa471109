import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import type { AnyField } from "../../../src/game/schema/field.ts";
import { fieldCodec } from "../../../src/game/schema/field-codec.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { decodeMessage, encodeMessage } from "../../../src/game/schema/message-codec.ts";
import { newValueCounters } from "../../../src/game/schema/value-counters.ts";
import { MsgpackReader } from "../../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";

interface Sample {
  readonly field: AnyField;
  readonly values: fc.Arbitrary<unknown>;
}

const range = fc
  .tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.nat(1e6))
  .map(([min, span]) => [min, min + span] as const);
const step = fc.constantFrom(1, 1 / 64, 1 / 3, 0.1, 0.001);
const text = fc.string({ unit: "grapheme", maxLength: 10 });
const scalars: fc.Arbitrary<Sample> = fc.oneof(
  fc.constant({ field: t.bool(), values: fc.boolean() }),
  fc.nat(2 ** 32 - 1).map((max) => ({ field: t.uint(max), values: fc.nat(max) })),
  range.map(([min, max]) => ({ field: t.int(min, max), values: fc.integer({ min, max }) })),
  fc.tuple(range, step).map(([[min, span], s]) => ({
    field: t.fixed(min, span + s, s),
    values: fc.double({ min, max: span + s, noNaN: true }),
  })),
  fc
    .integer({ min: 1, max: 24 })
    .map((bits) => ({ field: t.angle(bits), values: fc.double({ min: -100, max: 100, noNaN: true }) })),
  fc.constant({
    field: t.id(),
    values: fc.option(fc.integer({ min: 1, max: 2 ** 40 - 1 }), { nil: undefined }),
  }),
  fc.constant({ field: t.oneOf("red", "blue", "green"), values: fc.constantFrom("red", "blue", "green") }),
  fc.constant({ field: t.text(40), values: text }),
  step.map((s) => ({
    field: t.vec2(-100, 100, s),
    values: fc.record({
      x: fc.double({ min: -100, max: 100, noNaN: true }),
      y: fc.double({ min: -100, max: 100, noNaN: true }),
    }),
  })),
);
const samples: fc.Arbitrary<Sample> = fc.oneof(
  { weight: 3, arbitrary: scalars },
  scalars.map(({ field, values }) => ({
    field: t.optional(field as never),
    values: fc.option(values, { nil: undefined }),
  })),
  scalars.map(({ field, values }) => ({
    field: t.list(t.optional(field as never), 5),
    values: fc.array(fc.option(values, { nil: undefined }), { maxLength: 5 }),
  })),
);
const pairs = samples.chain(({ field, values }) => values.map((value) => ({ field, value })));

describe("a field", () => {
  test("comes back as it was quantized, and quantizing that again changes nothing", () => {
    fc.assert(
      fc.property(pairs, ({ field, value }) => {
        const codec = fieldCodec(field.spec);
        const replica = codec.pack(value, codec.initial, newValueCounters());
        const writer = new MsgpackWriter().reset(new Uint8Array(codec.maxBytes));
        codec.write(writer, replica);
        expect(writer.ok).toBe(true);
        const reader = new MsgpackReader().reset(writer.bytes, 0, writer.at);
        const read = codec.read(reader);
        expect(reader.done()).toBe(true);
        expect(read).toEqual(replica);
        const exact = codec.unpack(read);
        expect(codec.pack(exact, codec.initial, newValueCounters())).toEqual(replica);
        // Any msgpack library reads the same elements.
        const wrapped = Uint8Array.of(0x90 + codec.width, ...writer.bytes.subarray(0, writer.at));
        expect(plain(decode(wrapped))).toEqual(
          field.spec.type === "vec2" ? replica : [plain(replica, field)],
        );
      }),
      { numRuns: 500 },
    );
  });

  test("refuses what no lawful writer writes, and never throws", () => {
    fc.assert(
      fc.property(samples, fc.uint8Array({ maxLength: 40 }), ({ field }, bytes) => {
        const codec = fieldCodec(field.spec);
        const reader = new MsgpackReader().reset(bytes);
        const replica = codec.read(reader);
        if (!reader.done()) return;
        const writer = new MsgpackWriter().reset(new Uint8Array(codec.maxBytes));
        codec.write(writer, replica);
        expect(writer.bytes.slice(0, writer.at)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test("keeps what it has for NaN, clamps, rounds and cuts, and counts each", () => {
    const counters = newValueCounters();
    const uint = fieldCodec(t.uint(9).spec);
    expect(uint.pack(Number.NaN, 4, counters)).toBe(4);
    expect(uint.pack(Infinity, 4, counters)).toBe(9);
    expect(uint.pack(2.4, 4, counters)).toBe(2);
    expect(fieldCodec(t.oneOf("a", "b").spec).pack("c", 1, counters)).toBe(1);
    expect(fieldCodec(t.text(4).spec).pack("aé漢b", "", counters)).toBe("aé");
    expect(counters).toEqual({ clamped: 1, rounded: 1, refused: 2, cut: 1 });
  });
});

function plain(value: unknown, field?: AnyField): unknown {
  if (field?.spec.type === "bool") return value === 1;
  if (field?.spec.inner !== undefined) {
    const inner = { spec: field.spec.inner } as AnyField;
    if (value === undefined) return null;
    return field.spec.type === "list"
      ? (value as unknown[]).map((item) => plain(item, inner))
      : plain(value, inner);
  }
  return value === undefined ? null : value;
}

const game = defineGame({
  name: "m",
  tickRate: 30,
  input: {},
  entities: {},
  messages: {
    chat: { from: "both", fields: { text: t.text(200), at: t.optional(t.vec2(-10, 10, 0.5)) } },
    boom: { from: "server", fields: { power: t.uint(9).default(5) } },
    ready: { from: "client", fields: {} },
  },
});

describe("a message", () => {
  test("is an array of its index and its fields", () => {
    expect(decode(encodeMessage(game, "chat", { text: "hi", at: { x: 1, y: -0.5 } })!)).toEqual([
      0,
      "hi",
      [2, -1],
    ]);
    expect(decode(encodeMessage(game, "boom", {})!)).toEqual([1, 5]);
    expect(encodeMessage(game, "bang", {})).toBeUndefined();
  });

  test("is read by whom it is for", () => {
    const chat = encodeMessage(game, "chat", { text: "hi" })!;
    const boom = encodeMessage(game, "boom", { power: 7 })!;
    const ready = encodeMessage(game, "ready", {})!;
    expect(decodeMessage(game, "client", chat)).toEqual({
      name: "chat",
      values: { text: "hi", at: undefined },
    });
    expect(decodeMessage(game, "server", boom)).toEqual({ name: "boom", values: { power: 7 } });
    expect(decodeMessage(game, "client", boom)).toBeUndefined();
    expect(decodeMessage(game, "server", ready)).toBeUndefined();
    expect(decodeMessage(game, "client", ready)?.name).toBe("ready");
  });

  test("is refused with bytes after it, an unknown index, or too few or many elements", () => {
    const boom = encodeMessage(game, "boom", { power: 7 })!;
    expect(decodeMessage(game, "server", Uint8Array.of(...boom, 0))).toBeUndefined();
    expect(decodeMessage(game, "server", Uint8Array.of(0x92, 3, 7))).toBeUndefined();
    expect(decodeMessage(game, "server", Uint8Array.of(0x91, 1))).toBeUndefined();
    expect(decodeMessage(game, "server", Uint8Array.of(0x93, 1, 7, 7))).toBeUndefined();
    expect(decodeMessage(game, "server", Uint8Array.of(0x92, 1, 10))).toBeUndefined();
    expect(decodeMessage(game, "server", Uint8Array.of(0x92, 1, 9))?.values).toEqual({ power: 9 });
  });

  test("never throws on garbage, whole or doctored", () => {
    const chat = encodeMessage(game, "chat", { text: "hello", at: { x: 1, y: 2 } })!;
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 30 }),
        fc.nat(chat.length - 1),
        fc.nat(255),
        (bytes, at, value) => {
          decodeMessage(game, "client", bytes);
          const doctored = chat.with(at, value);
          const read = decodeMessage(game, "client", doctored);
          if (read !== undefined) expect(encodeMessage(game, read.name, read.values)).toEqual(doctored);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
