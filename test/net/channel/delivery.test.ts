/** The promise of each kind, over any link and in packets of any size. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChannelConfig } from "../../../src/net/channel/channel-kind.ts";
import { seeded } from "../endpoint/rig.ts";
import { OneWayLink } from "./one-way-link.ts";

const KINDS: readonly ChannelConfig[] = [
  { kind: "unreliable" },
  { kind: "unreliable-sequenced" },
  { kind: "reliable-ordered" },
  { kind: "reliable-unordered" },
  { kind: "reliable-latest" },
  { kind: "bulk" },
  { kind: "reliable-ordered", priority: 7, weight: 9 },
  { kind: "reliable-unordered", bytesPerSecond: 20_000 },
];
const LATEST = 4;

/** A message that says which one it is, in its first and in every later byte. */
function payloadOf(n: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(4, length)).fill(n * 7 + 1);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
}

const numberOf = (payload: Uint8Array): number => new DataView(payload.buffer).getUint32(0);

const length = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 4, max: 200 }) },
  { weight: 3, arbitrary: fc.integer({ min: 200, max: 5_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5_000, max: 60_000 }) },
);
const sends = fc.array(
  fc.record({ channel: fc.nat(KINDS.length - 1), length, key: fc.nat(3), count: fc.constantFrom(1, 1, 4) }),
  { maxLength: 6 },
);
const plans = fc.record({
  turns: fc.array(sends, { minLength: 1, maxLength: 40, size: "max" }),
  seed: fc.nat(),
  lossPercent: fc.constantFrom(0, 5, 30, 50),
  doublePercent: fc.constantFrom(0, 25),
  latencyMs: fc.constantFrom(0, 20, 120),
  jitterMs: fc.constantFrom(0, 30, 150),
  rooms: fc.array(fc.integer({ min: 250, max: 1_160 }), { minLength: 1, maxLength: 4 }),
  isBusy: fc.boolean(),
});

describe("over any link", () => {
  test("each message arrives as its kind promises, and nothing lawful is refused", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const link = new OneWayLink(KINDS);
        const chance = seeded(plan.seed);
        const badFate = (): number[] => {
          if (chance() * 100 < plan.lossPercent) return [];
          const delay = (): number => plan.latencyMs + chance() * plan.jitterMs;
          return chance() * 100 < plan.doublePercent ? [delay(), delay()] : [delay()];
        };
        link.fate = badFate;
        link.isBusy = plan.isBusy;
        const said = KINDS.map((): Uint8Array[] => []);
        const newest = new Map<number, number>();
        const keys = new Map<number, number>();
        link.run(plan.turns.length, (turn) => {
          link.room = plan.rooms[turn % plan.rooms.length]!;
          for (const { channel, length: bytes, key, count } of plan.turns[turn]!) {
            for (let i = 0; i < count; i += 1) {
              const payload = payloadOf(said[channel]!.length, bytes);
              if (link.channels.send(channel, payload, key) !== "queued") continue;
              if (channel === LATEST) {
                newest.set(key, said[channel]!.length);
                keys.set(said[channel]!.length, key);
              }
              said[channel]!.push(payload);
            }
          }
        });
        for (let i = 0; i < 4_000 && link.channels.unacked > 0; i += 1) {
          link.room = plan.rooms[i % plan.rooms.length]!;
          link.run(1);
        }
        expect(link.channels.unacked).toBe(0);
        expect(link.channels.queuedBytes).toBe(0);
        // What was sent twice may still have a packet under way.
        link.isBusy = true;
        link.run(100);
        expect(link.channels.underWay).toBe(0);
        expect(link.refused).toBe(0);
        expect(link.received.fragmentsContradictory).toBe(0);
        expect(link.incoming.heldBytes).toBe(0);

        for (const [channel, { kind }] of KINDS.entries()) {
          const heard = link.heardOn(channel);
          const numbers = heard.map(numberOf);
          for (const [i, payload] of heard.entries()) {
            // Matchers take seconds for long arrays.
            const original = said[channel]![numbers[i]!]!;
            const isSame =
              payload.length === original.length && payload.every((byte, at) => byte === original[at]);
            if (!isSame) throw new Error("altered");
          }
          const all = said[channel]!.map((_, n) => n);
          if (kind === "reliable-ordered" || kind === "bulk") expect(numbers).toEqual(all);
          else if (kind === "reliable-unordered") expect([...numbers].sort((a, b) => a - b)).toEqual(all);
          else expect(new Set(numbers).size).toBe(numbers.length);
          if (kind === "unreliable-sequenced") expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        }
        for (const [key, last] of newest) {
          const ofKey = link
            .heardOn(LATEST)
            .map(numberOf)
            .filter((n) => keys.get(n) === key);
          expect(ofKey).toEqual([...ofKey].sort((a, b) => a - b));
          expect(ofKey.at(-1)).toBe(last);
        }
      }),
      { numRuns: 150 },
    );
  });
});
