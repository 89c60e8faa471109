import { decode, Encoder, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MsgpackReader } from "../../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter, utf8Length } from "../../../src/net/bytes/msgpack-writer.ts";

/** What our wire can say, as plain values. */
type Value = number | boolean | null | string | Uint8Array | Value[];

const LARGEST = Number.MAX_SAFE_INTEGER;

function write(writer: MsgpackWriter, value: Value): void {
  if (value === null) writer.nil();
  else if (typeof value === "number") writer.int(value);
  else if (typeof value === "boolean") writer.bool(value);
  else if (typeof value === "string") writer.text(value);
  else if (value instanceof Uint8Array) writer.bin(value);
  else {
    writer.arrayHeader(value.length);
    for (const item of value) write(writer, item);
  }
}

/** Reads back a value of the shape of `like`. */
function read(reader: MsgpackReader, like: Value): Value {
  if (like === null) return reader.maybeNil() ? null : reader.fail();
  if (typeof like === "number") return reader.int(-LARGEST, LARGEST);
  if (typeof like === "boolean") return reader.bool();
  if (typeof like === "string") return reader.text(0xffff_ffff);
  if (like instanceof Uint8Array) return reader.binCopy(0, 0xffff_ffff);
  const length = reader.arrayHeader(0, 0xffff_ffff);
  return like.slice(0, length).map((item) => read(reader, item));
}

function written(value: Value): Uint8Array {
  const memory = new Uint8Array(400_000);
  const writer = new MsgpackWriter().reset(memory);
  write(writer, value);
  expect(writer.ok).toBe(true);
  return memory.slice(0, writer.at);
}

/** Every width's edges and their neighbours, as often as what lies between. */
const EDGES = [0, 31, 32, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2 ** 31, 2 ** 32, 2 ** 52, LARGEST]
  .flatMap((edge) => [edge - 1, edge, edge + 1, -edge - 1, -edge, 1 - edge])
  .filter(Number.isSafeInteger)
  // A negative zero is no integer of the wire.
  .map((edge) => edge + 0);
const integers = fc.oneof(fc.constantFrom(...EDGES), fc.maxSafeInteger());
const texts = fc.string({ unit: "grapheme", maxLength: 300 });
const bins = fc.uint8Array({ maxLength: 300 });
const { value: values } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    integers,
    fc.boolean(),
    fc.constant(null),
    texts,
    bins,
    fc.array(tie("value"), { maxLength: 20 }),
  ),
}));

const kinds = ["int", "bool", "nil", "array", "bin", "text"] as const;

function readAs(reader: MsgpackReader, kind: (typeof kinds)[number]): unknown {
  switch (kind) {
    case "int":
      return reader.int(-LARGEST, LARGEST);
    case "bool":
      return reader.bool();
    case "nil":
      return reader.maybeNil();
    case "array":
      return reader.arrayHeader(0, 0xffff_ffff);
    case "bin":
      return reader.bin(0, 0xffff_ffff);
    case "text":
      return reader.text(0xffff_ffff);
  }
}

describe("MsgpackWriter", () => {
  it("writes what an independent library writes and reads", () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = written(value);
        expect(bytes).toEqual(encode(value));
        expect(decode(bytes)).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it("agrees with it at every edge", () => {
    for (const edge of EDGES) expect(written(edge)).toEqual(encode(edge));
    for (const length of [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
      expect(written("x".repeat(length))).toEqual(encode("x".repeat(length)));
      expect(written("é".repeat(length))).toEqual(encode("é".repeat(length)));
      expect(written(new Uint8Array(length))).toEqual(encode(new Uint8Array(length)));
      const list = Array<null>(length).fill(null);
      expect(written(list)).toEqual(new Encoder().encode(list));
    }
  });

  it("counts and writes UTF-8 as the platform does, lone surrogates included", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (text) => {
        const utf8 = new TextEncoder().encode(text);
        expect(utf8Length(text)).toBe(utf8.length);
        expect(written(text).subarray(-utf8.length || Number.MAX_SAFE_INTEGER)).toEqual(utf8);
      }),
    );
  });

  it("never writes past the end, and is whole again after a rewind", () => {
    fc.assert(
      fc.property(values, values, (kept, tried) => {
        const before = written(kept);
        const full = before.length + written(tried).length;
        for (const end of new Set([before.length, full - 1, before.length + ((full - before.length) >> 1)])) {
          const memory = new Uint8Array(full + 8).fill(0xaa);
          const writer = new MsgpackWriter().reset(memory, 0, end);
          write(writer, kept);
          const mark = writer.at;
          write(writer, tried);
          expect(writer.ok).toBe(false);
          write(writer, null);
          expect(writer.ok).toBe(false);
          expect(memory.subarray(end).every((byte) => byte === 0xaa)).toBe(true);
          writer.rewind(mark);
          expect(writer.ok).toBe(true);
          expect(memory.subarray(0, mark)).toEqual(before);
        }
      }),
    );
  });
});

describe("MsgpackReader", () => {
  it("accepts what an independent library writes", () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(value);
        const reader = new MsgpackReader().reset(bytes);
        expect(read(reader, value)).toEqual(value);
        expect(reader.done()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("refuses every truncation, whatever lies behind the end", () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = written(value);
        for (let end = 0; end < bytes.length; end += 1 + (bytes.length >> 7)) {
          const reader = new MsgpackReader().reset(bytes, 0, end);
          read(reader, value);
          expect(reader.ok).toBe(false);
          expect(reader.at).toBeLessThanOrEqual(end);
        }
      }),
    );
  });

  it.each([
    ["uint 8 of 127", [0xcc, 0x7f], "int", [0xcc, 0x80]],
    ["uint 16 of 255", [0xcd, 0, 0xff], "int", [0xcd, 1, 0]],
    ["uint 32 of 65535", [0xce, 0, 0, 0xff, 0xff], "int", [0xce, 0, 1, 0, 0]],
    ["uint 64 of 2^32-1", [0xcf, 0, 0, 0, 0, 255, 255, 255, 255], "int", [0xcf, 0, 0, 0, 1, 0, 0, 0, 0]],
    ["int 8 of -32", [0xd0, 0xe0], "int", [0xd0, 0xdf]],
    ["int 8 of 1", [0xd0, 0x01], "int", [0xd0, 0x80]],
    ["int 16 of -128", [0xd1, 0xff, 0x80], "int", [0xd1, 0xff, 0x7f]],
    ["int 16 of 1000", [0xd1, 3, 0xe8], "int", [0xd1, 0x80, 0]],
    ["int 32 of -32768", [0xd2, 255, 255, 0x80, 0], "int", [0xd2, 255, 255, 0x7f, 255]],
    [
      "int 64 of -2^31",
      [0xd3, 255, 255, 255, 255, 0x80, 0, 0, 0],
      "int",
      [0xd3, 255, 255, 255, 255, 0x7f, 255, 255, 255],
    ],
    ["int 64 of 1", [0xd3, 0, 0, 0, 0, 0, 0, 0, 1], "int", [0xd3, 255, 0xe0, 0, 0, 0, 0, 0, 1]],
    [
      "uint 64 of 2^53",
      [0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0],
      "int",
      [0xcf, 0, 0x1f, 255, 255, 255, 255, 255, 255],
    ],
    ["int 64 of -2^53", [0xd3, 255, 0xe0, 0, 0, 0, 0, 0, 0], "int", [0xd3, 255, 0xe0, 0, 0, 0, 0, 0, 1]],
    ["array 16 of 15", [0xdc, 0, 15], "array", [0xdc, 0, 16]],
    ["array 32 of 65535", [0xdd, 0, 0, 255, 255], "array", [0xdd, 0, 1, 0, 0]],
    ["a float", [0xca, 0x3f, 0x80, 0, 0], "int", [0x01]],
    ["bool as int", [0xc3], "int", [0x01]],
    ["int as bool", [0x01], "bool", [0xc3]],
    ["a map as array", [0x80], "array", [0x90]],
    ["text as bin", [0xa1, 0x61], "bin", [0xc4, 1, 0x61]],
    ["bin as text", [0xc4, 1, 0x61], "text", [0xa1, 0x61]],
    ["a lone continuation byte", [0xa1, 0x80], "text", [0xa1, 0x7f]],
    ["an overlong slash", [0xa2, 0xc0, 0xaf], "text", [0xa2, 0xc2, 0x80]],
    ["a surrogate", [0xa3, 0xed, 0xa0, 0x80], "text", [0xa3, 0xed, 0x9f, 0xbf]],
    ["beyond Unicode", [0xa4, 0xf4, 0x90, 0x80, 0x80], "text", [0xa4, 0xf4, 0x8f, 0xbf, 0xbf]],
  ] as const)("refuses %s and accepts its neighbour", (_name, refused, kind, accepted) => {
    const bad = new MsgpackReader().reset(Uint8Array.from(refused));
    expect([0, "", false]).toContain(readAs(bad, kind));
    expect(bad.ok).toBe(false);
    const good = new MsgpackReader().reset(Uint8Array.from(accepted));
    readAs(good, kind);
    expect(good.done()).toBe(true);
  });

  it.each([
    [0xc5, 2, 255, "bin"],
    [0xc6, 4, 65_535, "bin"],
    [0xd9, 1, 31, "text"],
    [0xda, 2, 255, "text"],
    [0xdb, 4, 65_535, "text"],
  ] as const)("refuses tag %i where a shorter one would do", (tag, width, length, kind) => {
    const form = (count: number): Uint8Array => {
      const bytes = new Uint8Array(1 + width + count).fill(0x61);
      bytes[0] = tag;
      for (let i = 0; i < width; i += 1) bytes[width - i] = Math.floor(count / 256 ** i) & 0xff;
      return bytes;
    };
    const bad = new MsgpackReader().reset(form(length));
    readAs(bad, kind);
    expect(bad.ok).toBe(false);
    const good = new MsgpackReader().reset(form(length + 1));
    readAs(good, kind);
    expect(good.done()).toBe(true);
  });

  it("holds values to their bounds", () => {
    const bytes = Uint8Array.from([5, 0x93, 0xc4, 2, 1, 2, 0xa2, 0x61, 0x62]);
    const ok = new MsgpackReader().reset(bytes);
    expect([ok.int(5, 5), ok.arrayHeader(3, 3), ok.bin(2, 2), ok.text(2)]).toEqual([5, 3, 2, "ab"]);
    expect(ok.done()).toBe(true);
    expect(new MsgpackReader().reset(bytes).int(6, 9)).toBe(0);
    expect(new MsgpackReader().reset(bytes).int(0, 4)).toBe(0);
    for (const [min, max] of [
      [0, 2],
      [4, 9],
    ] as const) {
      const array = new MsgpackReader().reset(bytes, 1);
      array.arrayHeader(min, max);
      expect(array.ok).toBe(false);
    }
    for (const [min, max] of [
      [0, 1],
      [3, 9],
    ] as const) {
      const bin = new MsgpackReader().reset(bytes, 2);
      bin.bin(min, max);
      expect(bin.ok).toBe(false);
    }
    const text = new MsgpackReader().reset(bytes, 6);
    expect([text.text(1), text.ok]).toEqual(["", false]);
  });

  it("keeps a byte order mark, and stays refused once it was", () => {
    const reader = new MsgpackReader().reset(written("\uFEFFa"));
    expect(reader.text(10)).toBe("\uFEFFa");
    reader.reset(Uint8Array.from([1, 2, 0xc0]));
    reader.bool();
    expect([reader.int(0, 9), reader.text(9), reader.bool(), reader.maybeNil()]).toEqual([
      0,
      "",
      false,
      false,
    ]);
    expect([reader.ok, reader.done()]).toEqual([false, false]);
  });

  it("neither throws on random bytes nor reads past the end, and what it accepts has no other form", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(8),
        fc.array(fc.constantFrom(...kinds), { maxLength: 12 }),
        (bytes, behind, asked) => {
          const end = Math.max(0, bytes.length - behind);
          const reader = new MsgpackReader().reset(bytes, 0, end);
          const writer = new MsgpackWriter().reset(new Uint8Array(64));
          for (const kind of asked) {
            const value = readAs(reader, kind);
            expect(reader.at).toBeLessThanOrEqual(end);
            if (!reader.ok) break;
            if (kind === "array") writer.arrayHeader(value as number);
            else if (kind === "bin") writer.bin(bytes, reader.binStart, reader.at);
            else if (kind !== "nil") write(writer, value as Value);
            else if (value === true) writer.nil();
          }
          if (reader.ok) expect(writer.bytes.subarray(0, writer.at)).toEqual(bytes.subarray(0, reader.at));
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
