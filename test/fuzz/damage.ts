import fc from "fast-check";
import { fromHex, toHex } from "./hex.ts";

/** One thing done to the bytes of a datagram. Places are taken modulo its length. */
export type Damage =
  | { readonly do: "flip"; readonly at: number; readonly mask: number }
  | { readonly do: "set"; readonly at: number; readonly value: number }
  | { readonly do: "cut"; readonly length: number }
  | { readonly do: "splice"; readonly with: number; readonly at: number }
  | { readonly do: "insert"; readonly at: number; readonly hex: string };

const place = fc.oneof(fc.nat(12), fc.nat(80), fc.nat(1_300));
export const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ do: fc.constant("flip" as const), at: place, mask: fc.integer({ min: 1, max: 255 }) }),
  fc.record({
    do: fc.constant("set" as const),
    at: place,
    value: fc.oneof(fc.nat(15), fc.constantFrom(0xc4, 0xc5, 0xc6, 0xcd, 0xcf, 0xdc, 0xdd, 0xff), fc.nat(255)),
  }),
  fc.record({ do: fc.constant("cut" as const), length: place }),
  fc.record({ do: fc.constant("splice" as const), with: fc.nat(200), at: place }),
  fc.record({
    do: fc.constant("insert" as const),
    at: place,
    hex: fc.uint8Array({ maxLength: 12 }).map(toHex),
  }),
);

/** A copy of `bytes` with one damage done; `others` is what it may be spliced with. */
export function damaged(bytes: Uint8Array, damage: Damage, others: readonly Uint8Array[]): Uint8Array {
  const copy = bytes.slice();
  switch (damage.do) {
    case "flip":
      if (copy.length > 0) copy[damage.at % copy.length]! ^= damage.mask;
      return copy;
    case "set":
      if (copy.length > 0) copy[damage.at % copy.length] = damage.value;
      return copy;
    case "cut":
      return copy.subarray(0, damage.length);
    case "splice": {
      const other = others[damage.with % Math.max(1, others.length)] ?? copy;
      return joined(copy.subarray(0, damage.at), other.subarray(damage.at));
    }
    default: {
      const at = Math.min(damage.at, copy.length);
      return joined(copy.subarray(0, at), fromHex(damage.hex), copy.subarray(at));
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
