import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { hex, unhex } from "../hex.ts";

const INTS = [
  ...[0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1],
  ...[-1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1],
];
const TEXTS = ["", "a", "größe", "\u0000", "\ufeffx", "😀", "x".repeat(31), "x".repeat(32), "x".repeat(256)];
const LENGTHS = [0, 15, 16, 255, 256, 65_535, 65_536];

/** Each with the kind a reader asks for, and the form in which the same value is lawful, if there is one. */
const REFUSED: readonly [kind: string, bytes: string, why: string, lawful: string | null][] = [
  ["int", "cc05", "5 in 2 bytes", "05"],
  ["int", "cc7f", "127 in 2 bytes", "7f"],
  ["int", "cd00ff", "255 in 3 bytes", "ccff"],
  ["int", "ce0000ffff", "65535 in 5 bytes", "cdffff"],
  ["int", "cf00000000ffffffff", "2^32 - 1 in 9 bytes", "ceffffffff"],
  ["int", "cf0020000000000000", "2^53", "cf001fffffffffffff"],
  ["int", "cfffffffffffffffff", "2^64 - 1", null],
  ["int", "d005", "5 in a signed form", "05"],
  ["int", "d100ff", "255 in a signed form", "ccff"],
  ["int", "d200010000", "65536 in a signed form", "ce00010000"],
  ["int", "d30000000100000000", "2^32 in a signed form", "cf0000000100000000"],
  ["int", "d0ff", "-1 in 2 bytes", "ff"],
  ["int", "d0e0", "-32 in 2 bytes", "e0"],
  ["int", "d1ff80", "-128 in 3 bytes", "d080"],
  ["int", "d2ffff8000", "-32768 in 5 bytes", "d18000"],
  ["int", "d3ffffffff80000000", "-2^31 in 9 bytes", "d280000000"],
  ["int", "d3ffe0000000000000", "-2^53", "d3ffe0000000000001"],
  ["int", "d38000000000000000", "-2^63", null],
  ["int", "ca3f800000", "a float of 4 bytes", "01"],
  ["int", "cb3ff0000000000000", "a float of 8 bytes", "01"],
  ["int", "c0", "nil", null],
  ["int", "c2", "a bool", null],
  ["int", "a131", "text", null],
  ["int", "c1", "a byte that means nothing", null],
  ["int", "c70100", "an extension", null],
  ["int", "d40000", "an extension of 1 byte", null],
  ["int", "cd01", "cut short", "cd0100"],
  ["int", "", "nothing", null],
  ["bool", "01", "an integer", "c3"],
  ["bool", "c0", "nil", "c2"],
  ["array", "dc0003", "a header of 3 bytes for 3", "93"],
  ["array", "dc000f", "a header of 3 bytes for 15", "9f"],
  ["array", "dd00000010", "a header of 5 bytes for 16", "dc0010"],
  ["array", "dd0000ffff", "a header of 5 bytes for 65535", "dcffff"],
  ["array", "83", "a map", null],
  ["array", "de0003", "a map", null],
  ["array", "dc00", "cut short", "dc0010"],
  ["bin", "c50001ff", "a header of 3 bytes for 1", "c401ff"],
  ["bin", "c600000001ff", "a header of 5 bytes for 1", "c401ff"],
  ["bin", "a161", "text", "c40161"],
  ["bin", "c402ff", "cut short", "c401ff"],
  ["text", "d90161", "a header of 2 bytes for 1", "a161"],
  ["text", "da000161", "a header of 3 bytes for 1", "a161"],
  ["text", "db0000000161", "a header of 5 bytes for 1", "a161"],
  ["text", "c40161", "a bin", "a161"],
  ["text", "a1ff", "no UTF-8", null],
  ["text", "a2c080", "an overlong form", "a100"],
  ["text", "a3eda080", "a surrogate", "a3efbfbd"],
  ["text", "a4f4908080", "above U+10FFFF", "a4f48fbfbf"],
  ["text", "a1c3", "a character cut short", "a2c3b6"],
  ["text", "a26f", "cut short", "a16f"],
];

export function msgpackVectors(): object {
  const written = (write: (writer: MsgpackWriter) => void): string => {
    const writer = new MsgpackWriter().reset(new Uint8Array(70_000));
    write(writer);
    return hex(writer.bytes.subarray(0, writer.at));
  };
  return {
    accepted: [
      ...INTS.map((value) => ({ kind: "int", value, bytes: written((writer) => writer.int(value)) })),
      ...[false, true].map((value) => ({
        kind: "bool",
        value,
        bytes: written((writer) => writer.bool(value)),
      })),
      ...TEXTS.map((value) => ({ kind: "text", value, bytes: written((writer) => writer.text(value)) })),
      ...LENGTHS.map((value) => ({
        kind: "array",
        value,
        bytes: written((writer) => writer.arrayHeader(value)),
      })),
      ...["", "00", "ff".repeat(255), "01".repeat(256)].map((value) => ({
        kind: "bin",
        value,
        bytes: written((writer) => writer.bin(unhex(value))),
      })),
    ],
    binHeaders: LENGTHS.map((length) => ({ length, bytes: written((writer) => writer.binHeader(length)) })),
    refused: REFUSED.map(([kind, bytes, why, lawful]) => ({ kind, bytes, why, lawful })),
  };
}
