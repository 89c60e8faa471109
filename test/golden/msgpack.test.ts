import { expect, test } from "vitest";
import { MsgpackReader } from "../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { hex, unhex } from "./hex.ts";
import msgpack from "./msgpack.json" with { type: "json" };

const MOST = Number.MAX_SAFE_INTEGER;

/** The value as the vectors write it, or undefined when it is refused. */
function read(kind: string, bytes: string): unknown {
  const reader = new MsgpackReader().reset(unhex(bytes));
  const value = readValue(reader, kind);
  return reader.done() ? value : undefined;
}

function readValue(reader: MsgpackReader, kind: string): unknown {
  if (kind === "int") return reader.int(-MOST, MOST);
  if (kind === "bool") return reader.bool();
  if (kind === "text") return reader.text(100_000);
  if (kind === "array") return reader.arrayHeader(0, 100_000);
  return hex(reader.binCopy(0, 100_000));
}

function write(kind: string, value: unknown): string {
  const writer = new MsgpackWriter().reset(new Uint8Array(1_000));
  if (kind === "int") writer.int(value as number);
  else if (kind === "bool") writer.bool(value as boolean);
  else if (kind === "text") writer.text(value as string);
  else if (kind === "array") writer.arrayHeader(value as number);
  else writer.bin(unhex(value as string));
  return hex(writer.bytes.subarray(0, writer.at));
}

test("accepted values are written and read so", () => {
  expect(msgpack.accepted.length).toBeGreaterThan(40);
  for (const { kind, value, bytes } of msgpack.accepted) {
    expect(write(kind, value)).toBe(bytes);
    expect(read(kind, bytes)).toEqual(value);
  }
});

test("headers of bins", () => {
  for (const { length, bytes } of msgpack.binHeaders) {
    const writer = new MsgpackWriter().reset(new Uint8Array(10));
    writer.binHeader(length);
    expect(hex(writer.bytes.subarray(0, writer.at))).toBe(bytes);
  }
});

test.each(msgpack.refused)(
  "$kind $bytes is refused ($why), its neighbour is not",
  ({ kind, bytes, lawful }) => {
    expect(read(kind, bytes)).toBeUndefined();
    if (lawful !== null) expect(read(kind, lawful)).toBeDefined();
  },
);
