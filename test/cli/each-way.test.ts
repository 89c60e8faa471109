import { expect, test } from "vitest";
import { eachWay } from "../../src/cli/each-way.ts";
import { wholeNumber } from "../../src/cli/option-values.ts";

const read = eachWay(wholeNumber(0, 100));

test("one value is for both ways, two say which way they are for", () => {
  expect(read("5")).toBe(5);
  expect(read("up=1,down=5")).toEqual({ up: 1, down: 5 });
  expect(read("down=5,up=0")).toEqual({ up: 0, down: 5 });
  expect(read("up=7")).toEqual({ up: 7 });
});

test.each([
  ...[
    "",
    "=",
    "up=",
    "up=,down=1",
    "up=1,down=101",
    "up=a",
    "up=1,up=2",
    "up=1,down=2,up=3",
    "up=1,",
    ",up=1",
  ],
  ...["up=1 ,down=2", "Up=1", "left=1", "5,down=1", "up=-1", "101", "1/2", "up=1=2"],
])("refuses '%s'", (text) => {
  expect(() => read(text)).toThrow("must be a whole number from 0 to 100, or so for each way: up=1,down=2");
});
