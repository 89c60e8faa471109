import { expect, test } from "vitest";
import { eachWay } from "../../src/cli/each-way.ts";
import { wholeNumber } from "../../src/cli/option-values.ts";

const read = eachWay(wholeNumber(0, 100));

test("one value is for both ways, two are up and down", () => {
  expect(read("5")).toBe(5);
  expect(read("1/5")).toEqual({ up: 1, down: 5 });
  expect(read("0/0")).toEqual({ up: 0, down: 0 });
});

test.each(["", "/", "1/", "/1", "1/2/3", "101", "1/101", "a/1", "1 / 2"])("refuses '%s'", (text) => {
  expect(() => read(text)).toThrow("must be a whole number from 0 to 100");
});
