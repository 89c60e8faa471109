import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReliableReceiver } from "../../../src/net/channel/reliable-receiver.ts";
import { RELIABLE_WINDOW, ReliableSender } from "../../../src/net/channel/reliable-sender.ts";

const payload = (length = 1): Uint8Array => new Uint8Array(length);

describe("ReliableSender", () => {
  test("offers what is due in order, and nothing past the window", () => {
    const sender = new ReliableSender(0);
    for (let i = 0; i < 300; i += 1) expect(sender.send(payload())).toBe("queued");
    const due: number[] = [];
    for (
      let message = sender.nextDue(0, 0);
      message !== undefined;
      message = sender.nextDue(0, due.at(-1)! + 1)
    ) {
      due.push(message.id);
    }
    expect(due).toEqual(Array.from({ length: RELIABLE_WINDOW }, (_, id) => id));
  });

  test("the window moves when the oldest is acked, not before", () => {
    const sender = new ReliableSender(0);
    for (let i = 0; i < 300; i += 1) sender.send(payload());
    const messages = Array.from({ length: 3 }, (_, id) => sender.nextDue(0, id)!);
    sender.acked(messages[1]!);
    sender.acked(messages[1]!);
    expect(sender.queued).toBe(300);
    expect(sender.nextDue(0, RELIABLE_WINDOW)).toBeUndefined();
    sender.acked(messages[0]!);
    expect(sender.queued).toBe(298);
    expect(sender.nextDue(0, RELIABLE_WINDOW)!.id).toBe(256);
    expect(sender.nextDue(0, 258)).toBeUndefined();
  });

  test("a resend waits longer each time, up to a second, and never less than the path takes", () => {
    const sender = new ReliableSender(0);
    sender.send(payload());
    const message = sender.nextDue(0, 0)!;
    const waits = [100, 100, 100, 100, 100, 100, 100, 100, 1_500].map((lostAfterMs) => {
      sender.sent(message, 0, lostAfterMs);
      return Math.round(message.dueMs);
    });
    expect(waits).toEqual([100, 150, 225, 338, 506, 759, 1_000, 1_000, 1_500]);
    expect(sender.nextDue(1_499, 0)).toBeUndefined();
    expect(sender.nextDue(1_500, 0)).toBe(message);
  });

  test("bounds: one message, how many, and how many bytes; acks give the bytes back", () => {
    const sender = new ReliableSender(0);
    expect(sender.send(payload(1_141))).toBe("too-large");
    for (let i = 0; i < 459; i += 1) expect(sender.send(payload(1_140))).toBe("queued");
    expect(sender.send(payload(1_140))).toBe("queue-full");
    expect(sender.send(payload(512 * 1_024 - 459 * 1_140))).toBe("queued");
    expect(sender.send(payload(1))).toBe("queue-full");
    sender.acked(sender.nextDue(0, 0)!);
    expect(sender.send(payload(1_140))).toBe("queued");
    const many = new ReliableSender(0);
    for (let i = 0; i < 4_096; i += 1) expect(many.send(payload(0))).toBe("queued");
    expect(many.send(payload(0))).toBe("queue-full");
  });
});

describe("ReliableReceiver", () => {
  test("lets each through once and in order, whatever the order of arrival, past 16 bits", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(RELIABLE_WINDOW + 40), { maxLength: 400, size: "max" }), (offsets) => {
        const receiver = new ReliableReceiver();
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
    const receiver = new ReliableReceiver();
    expect([0, 255, 256, 32_768, 65_534, 65_535].map((sequence) => receiver.idOf(sequence))).toEqual([
      ...[0, 255, -1, -1, -1, -1],
    ]);
    receiver.accept(0, payload(), 0, 1);
    expect([0, 256, 257, 65_535].map((sequence) => receiver.idOf(sequence))).toEqual([0, 256, -1, -1]);
  });
});
