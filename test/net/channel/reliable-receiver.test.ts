import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReliableReceiver } from "../../../src/net/channel/reliable-receiver.ts";
import { RELIABLE_WINDOW } from "../../../src/net/channel/reliable-sender.ts";

const payload = (length = 1): Uint8Array => new Uint8Array(length);

describe("ReliableReceiver", () => {
  test("lets each through once and in order, whatever the order of arrival, past 16 bits", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(RELIABLE_WINDOW + 40), { maxLength: 400, size: "max" }), (offsets) => {
        const receiver = new ReliableReceiver(true);
        const heard: number[] = [];
        const early = new Set<number>();
        const arrive = (id: number): void => {
          const sequence = id % 65_536;
          const outcome = receiver.accept(receiver.idOf(sequence), Uint8Array.of(sequence & 255), 0, 1);
          const expected =
            id === heard.length ? "next" : id < heard.length || early.has(id) ? "known" : "early";
          expect(outcome).toBe(expected);
          if (outcome === "early") early.add(id);
          if (outcome !== "next") return;
          heard.push(id);
          for (let next = receiver.takeEarly(); next !== undefined; next = receiver.takeEarly()) {
            expect(next[0]).toBe(heard.length & 255);
            expect(early.delete(heard.length)).toBe(true);
            heard.push(heard.length);
          }
        };
        // Begins near the end of the circle of 16 bits, so that it is gone round within the run.
        for (let id = 0; id < 65_400; id += 1) {
          receiver.accept(id, Uint8Array.of(0), 0, 1);
          heard.push(id);
        }
        for (const offset of offsets) {
          const id = heard.length + offset - 40;
          if (receiver.idOf(id % 65_536) === -1) expect(offset - 40).toBeGreaterThanOrEqual(RELIABLE_WINDOW);
          else arrive(id);
          expect(early.size).toBeLessThan(RELIABLE_WINDOW);
          arrive(heard.length);
        }
      }),
      { numRuns: 15 },
    );
  });

  test("outside the window, and before the first, there is no id", () => {
    const receiver = new ReliableReceiver(true);
    expect([0, 255, 256, 32_768, 65_534, 65_535].map((sequence) => receiver.idOf(sequence))).toEqual([
      ...[0, 255, -1, -1, -1, -1],
    ]);
    receiver.accept(0, payload(), 0, 1);
    expect([0, 256, 257, 65_535].map((sequence) => receiver.idOf(sequence))).toEqual([0, 256, -1, -1]);
  });

  test("without order each is let through as it comes, once", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(RELIABLE_WINDOW - 1), { maxLength: 400, size: "max" }), (offsets) => {
        const receiver = new ReliableReceiver(false);
        const heard = new Set<number>();
        let least = 0;
        for (const offset of offsets) {
          const id = least + offset;
          expect(receiver.idOf(id % 65_536)).toBe(id);
          const outcome = receiver.accept(id, payload(), 0, 1);
          expect(outcome).toBe(heard.has(id) ? "known" : "next");
          expect(receiver.takeEarly()).toBeUndefined();
          heard.add(id);
          while (heard.has(least)) least += 1;
          expect(receiver.idOf((least + RELIABLE_WINDOW) % 65_536)).toBe(-1);
          expect(receiver.heldBytes).toBe(0);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("pieces become a message that takes its turn", () => {
    const receiver = new ReliableReceiver(true);
    const message = Uint8Array.of(1, 2, 3, 4, 5);
    expect(receiver.acceptPiece(1, 3, 5, message, 3, 5)).toBe("part");
    expect(receiver.heldBytes).toBe(5);
    expect(receiver.acceptPiece(1, 0, 5, message, 0, 4)).toBe("early");
    expect(receiver.acceptPiece(1, 0, 5, message, 0, 4)).toBe("known");
    expect(receiver.acceptPiece(0, 0, 2, message, 0, 1)).toBe("part");
    expect(receiver.heldBytes).toBe(7);
    // The same message may come whole besides.
    expect(receiver.accept(0, message, 0, 2)).toBe("next");
    expect(receiver.takeEarly()).toEqual(message);
    expect(receiver.takeEarly()).toBeUndefined();
    expect(receiver.acceptPiece(1, 0, 5, message, 0, 4)).toBe("known");
    expect(receiver.acceptPiece(2, 0, 5, message, 0, 5)).toEqual(message);
    expect(receiver.heldBytes).toBe(0);
  });

  test("counts what it holds but for the one whose turn it is", () => {
    const receiver = new ReliableReceiver(true);
    receiver.accept(3, payload(30), 0, 30);
    receiver.acceptPiece(5, 0, 50, payload(1), 0, 1);
    receiver.acceptPiece(0, 0, 1_000, payload(1), 0, 1);
    expect([receiver.heldBytes, receiver.countedBytes]).toEqual([1_080, 80]);
    expect(receiver.countsMoreBytes(4, 40, true)).toBe(40);
    expect(receiver.countsMoreBytes(4, 40, false)).toBe(40);
    // Whose turn it is, known, or begun already: nothing more.
    expect(receiver.countsMoreBytes(0, 1_000, true)).toBe(0);
    expect(receiver.countsMoreBytes(3, 1_000, true)).toBe(0);
    expect(receiver.countsMoreBytes(5, 50, false)).toBe(0);
    const unordered = new ReliableReceiver(false);
    expect(unordered.countsMoreBytes(4, 40, true)).toBe(0);
    expect(unordered.countsMoreBytes(4, 40, false)).toBe(40);
  });
});
