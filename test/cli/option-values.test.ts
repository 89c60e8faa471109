import { describe, expect, test } from "vitest";
import {
  ipAddress,
  isLoopbackAddress,
  oneOf,
  seconds,
  shortText,
  urlOf,
  type ValueReader,
  wholeNumber,
} from "../../src/cli/option-values.ts";

const cases: [name: string, read: ValueReader<unknown>, good: [string, unknown][], bad: string[]][] = [
  [
    "whole number",
    wholeNumber(0, 65_535),
    [
      ["0", 0],
      ["65535", 65_535],
      ["007", 7],
    ],
    ["65536", "-1", "1.5", "1e3", "0x10", "", " 1", "١", "99999999999999999999"],
  ],
  [
    "seconds",
    seconds(0, 3_600),
    [
      ["0", 0],
      ["2.5", 2.5],
    ],
    ["3601", "-1", "1e2", "", ".5", "Infinity", "NaN"],
  ],
  [
    "address",
    ipAddress,
    [
      ["localhost", "127.0.0.1"],
      ["0.0.0.0", "0.0.0.0"],
      ["::", "::"],
      ["fe80::1", "fe80::1"],
    ],
    ["256.1.1.1", "1.2.3", "01.2.3.4", "example.com", "[::1]", ":::", ""],
  ],
  [
    "short text",
    shortText(4),
    [
      ["a", "a"],
      ["ää", "ää"],
    ],
    ["", "ääa", "abcde"],
  ],
  [
    "udp url",
    urlOf("udp"),
    [
      ["udp://127.0.0.1:7777", "udp://127.0.0.1:7777"],
      ["udp://[::1]:7777/", "udp://[::1]:7777"],
    ],
    ["127.0.0.1:7777", "tcp://a:1", "udp://", "udp://a", "udp://a:0", "udp://a:70000", "udp://a:1/b", ""],
  ],
  [
    "http url",
    urlOf("http", "https"),
    [
      ["http://127.0.0.1:7780", "http://127.0.0.1:7780"],
      ["https://game.example/", "https://game.example"],
    ],
    ["ftp://a", "//a", "http:", ""],
  ],
  ["choice", oneOf("pretty", "json"), [["json", "json"]], ["JSON", "", "toString"]],
];

describe("option values", () => {
  for (const [name, read, good, bad] of cases) {
    test(`${name}: good`, () => {
      expect(good.map(([text]) => read(text))).toEqual(good.map(([, value]) => value));
    });
    test.each(bad)(`${name}: not '%s'`, (text) => {
      expect(() => read(text)).toThrow(/^must /);
    });
  }
});

test("tells addresses that only this machine can reach", () => {
  for (const address of ["127.0.0.1", "127.1.2.3", "::1"]) expect(isLoopbackAddress(address)).toBe(true);
  for (const address of ["0.0.0.0", "::", "192.168.1.5", "127.evil.example", "128.0.0.1", ""])
    expect(isLoopbackAddress(address)).toBe(false);
});
