import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedStream } from "../../client/bounded-stream.ts";

/** A stream, and what drives it. */
function source(capacity: number) {
  let push: (value: number) => void = () => {};
  let stops = 0;
  const stream = new BoundedStream<number>(capacity, (given) => {
    push = given;
    return () => {
      stops += 1;
    };
  });
  return { stream, push: (value: number) => push(value), stops: () => stops };
}

async function drain(stream: AsyncIterable<number>): Promise<number[]> {
  const taken: number[] = [];
  for await (const value of stream) taken.push(value);
  return taken;
}

test("what came before the loop began is there, and the loop ends with the stream", async () => {
  const { stream, push, stops } = source(8);
  push(1);
  push(2);
  const taken = drain(stream);
  await Promise.resolve();
  push(3);
  stream.end();
  push(4);
  expect(await taken).toEqual([1, 2, 3]);
  expect([stops(), stream.dropped]).toEqual([1, 0]);
  expect(await drain(stream)).toEqual([]);
});

test("a loop that is left does not listen any more", async () => {
  const { stream, push, stops } = source(8);
  for (let n = 0; n < 5; n += 1) push(n);
  const taken: number[] = [];
  for await (const value of stream) {
    taken.push(value);
    if (value === 2) break;
  }
  expect([taken, stops()]).toEqual([[0, 1, 2], 1]);
  push(9);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test("who waits for what never comes is let go when the stream ends", async () => {
  const { stream } = source(8);
  const waiting = Promise.all([stream.next(), stream.next()]);
  stream.end();
  expect(await waiting).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test("while the loop is busy the oldest give way, and are counted", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.oneof(fc.constant("push" as const), fc.constant("take" as const)), { maxLength: 60 }),
      async (capacity, steps) => {
        const { stream, push } = source(capacity);
        const taken: Promise<IteratorResult<number, undefined>>[] = [];
        let pushed = 0;
        let model: number[] = [];
        let early = 0;
        const expected: number[] = [];
        for (const step of steps) {
          if (step === "take") {
            taken.push(stream.next());
            if (model.length > 0) expected.push(model.shift()!);
            else early += 1;
            continue;
          }
          push(pushed);
          if (early > 0) {
            early -= 1;
            expected.push(pushed);
          } else model = [...model, pushed].slice(-capacity);
          pushed += 1;
        }
        stream.end();
        const results = await Promise.all(taken);
        const values = results.flatMap(({ done, value }) => (done === true ? [] : [value]));
        expect(values).toEqual(expected);
        expect(await drain(stream)).toEqual(model);
        expect(stream.dropped).toBe(pushed - expected.length - model.length);
      },
    ),
  );
});
