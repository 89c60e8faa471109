/** Bodies of DATA packets as plain data: lawful ones, nearly lawful ones, and their bytes. */
import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { MAX_PAYLOAD_BYTES } from "../../src/net/wire/limits.ts";
import { fromHex, toHex } from "./hex.ts";

/** A msgpack value; `raw` stands for bytes that are put there as they are. */
export type Node =
  | number
  | string
  | null
  | { readonly zeros: number }
  | { readonly bin: string }
  | { readonly raw: string }
  | readonly Node[];

export function encodeNode(node: Node): Uint8Array {
  if (node === null || typeof node !== "object") return encode(node);
  if (Array.isArray(node)) {
    const items = (node as readonly Node[]).map(encodeNode);
    // The header is that of a list of as many nils.
    const header = encode(items.map(() => null)).subarray(0, items.length < 16 ? 1 : 3);
    return Uint8Array.from([header, ...items].flatMap((part) => [...part]));
  }
  if ("zeros" in node) return encode(new Uint8Array(node.zeros));
  return "bin" in node ? encode(fromHex(node.bin)) : fromHex((node as { raw: string }).raw);
}

const bin = fc.uint8Array({ maxLength: 24 }).map((bytes): Node => ({ bin: toHex(bytes) }));
const zeros = fc
  .constantFrom(0, 1, 255, 256, 600, 601, MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES + 1)
  .map((length): Node => ({ zeros: length }));
const payload = fc.oneof({ weight: 4, arbitrary: bin }, zeros);
const u16 = fc.oneof(fc.nat(400), fc.constantFrom(32_767, 32_768, 65_279, 65_280, 65_534, 65_535));
/** Reliable messages carry their id, so that who hears them can tell. */
const reliable = fc
  .oneof({ weight: 6, arbitrary: fc.nat(40) }, u16)
  .map((id): Node => [0, 0, id, { bin: toHex(Uint8Array.of(id >>> 8, id & 255)) }]);
/** Messages of 1 to 40 bytes in pieces; what stands in them follows from the id, mostly. */
const piece = fc
  .record({
    channel: fc.constantFrom(0, 0, 1, 2, 3, 4, 5),
    id: fc.oneof({ weight: 9, arbitrary: fc.nat(12) }, u16),
    total: fc.oneof({ weight: 30, arbitrary: fc.constant(undefined) }, fc.integer({ min: 1, max: 40 })),
    cut: fc.tuple(fc.nat(39), fc.integer({ min: 1, max: 40 })),
    flip: fc.oneof({ weight: 60, arbitrary: fc.constant(0) }, fc.constant(1)),
  })
  .map(({ channel, id, total: other, cut, flip }): Node => {
    const total = other ?? 1 + ((id * 7) % 40);
    const offset = cut[0] % total;
    const length = Math.min(cut[1], total - offset);
    const bytes = Uint8Array.from({ length }, (_, i) => (id + offset + i + flip) & 255);
    const name = channel === 4 ? [id, id % 3] : [id];
    return [7, channel, ...name, offset, total, { bin: toHex(bytes) }];
  });
/** Beside the bounds of offsets, totals and pieces. */
const edgePiece = fc
  .tuple(
    fc.constantFrom(0, 1, 2, 3, 5, 6),
    fc.constantFrom(0, 1, 8_191, 262_143, 262_144, 16_777_215, 16_777_216),
    fc.constantFrom(0, 1, 8_192, 8_193, 262_144, 262_145, 16_777_216, 16_777_217),
    fc.constantFrom(0, 1, 2, 1_140, 1_141),
    fc.constantFrom(0, 200),
  )
  .map(([channel, offset, total, zeros, id]): Node => [7, channel, id, offset, total, { zeros }]);
const others = fc
  .tuple(fc.constantFrom(3, 4, 5), fc.oneof({ weight: 6, arbitrary: fc.nat(30) }, u16), fc.nat(3), bin)
  .map(([channel, id, key, bytes]): Node => [0, channel, id, ...(channel === 4 ? [key] : []), bytes]);
const ranges = fc
  .array(fc.oneof(fc.constant(1), fc.nat(40), fc.constantFrom(1_023, 1_024)), {
    maxLength: 63,
    size: "max",
  })
  .map((list): Node => [6, ...list]);

/** What one end may say; the other end may not say all of it. */
const lawfulFrame: fc.Arbitrary<Node> = fc.oneof(
  { weight: 4, arbitrary: reliable },
  payload.map((bytes): Node => [0, 1, bytes]),
  fc.tuple(u16, payload).map(([id, bytes]): Node => [0, 2, id, bytes]),
  fc.tuple(fc.constantFrom(1, 2, 5), payload).map(([kind, bytes]): Node => [kind, bytes]),
  fc.constantFrom<Node>([4], [4], [4], [10]),
  { weight: 4, arbitrary: piece },
  { weight: 2, arbitrary: others },
  ranges,
  fc
    .tuple(fc.constantFrom(8, 9), fc.uint8Array({ minLength: 8, maxLength: 8 }))
    .map(([kind, bytes]): Node => [kind, { bin: toHex(bytes) }]),
);
const goodbye = fc
  .tuple(fc.nat(13), fc.oneof(fc.string({ maxLength: 12 }), fc.constant("é".repeat(101))))
  .map(([reason, detail]): Node => [3, reason, detail]);
/** Longer forms than need be, floats, maps, extensions, cut heads. */
const oddity: fc.Arbitrary<Node> = fc.oneof(
  fc
    .constantFrom("cc01", "cd0001", "ce00000001", "cf0000000000000001", "d001", "cb3ff0000000000000", "c3")
    .map((raw): Node => ({ raw })),
  fc.constantFrom("c50001ff", "c600000001ff", "d90161", "a2c328", "80", "c7010000", "dc000104", "93").map(
    (raw): Node => ({
      raw,
    }),
  ),
  fc.uint8Array({ maxLength: 6 }).map((bytes): Node => ({ raw: toHex(bytes) })),
);
const nearlyLawfulFrame: fc.Arbitrary<Node> = fc.oneof(
  fc
    .tuple(fc.nat(11), fc.array(fc.oneof(u16, bin, oddity), { maxLength: 4 }))
    .map(([k, rest]): Node => [k, ...rest]),
  edgePiece,
  fc.tuple(fc.nat(70), u16, bin).map(([channel, id, bytes]): Node => [0, channel, id, bytes]),
  oddity,
);
const frame = fc.oneof(
  { weight: 80, arbitrary: lawfulFrame },
  { weight: 1, arbitrary: goodbye },
  { weight: 1, arbitrary: nearlyLawfulFrame },
);

export interface Head {
  /** How far below the newest packet of the one spoken to; below 0 for what was never sent. */
  readonly ackBelow: number;
  readonly missing: Node;
  readonly delay: Node;
}

export interface BodyPlan {
  readonly head: Head;
  readonly frames: readonly Node[];
  /** Bytes behind the end. */
  readonly tail: string;
}

export const bodies: fc.Arbitrary<BodyPlan> = fc.record({
  head: fc.record({
    ackBelow: fc.oneof({ weight: 60, arbitrary: fc.nat(3) }, fc.constantFrom(-1, -300, 40, 32_768)),
    missing: fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom<Node>(0, 1, 0xffff_ffff, 0x5555_5555) },
      fc.constantFrom<Node>(2 ** 32, -1),
      oddity,
    ),
    delay: fc.oneof({ weight: 60, arbitrary: fc.constantFrom<Node>(0, 20, 127) }, fc.constant(128), oddity),
  }),
  frames: fc.array(frame, { maxLength: 6 }),
  tail: fc.oneof({ weight: 60, arbitrary: fc.constant("") }, fc.constantFrom("00", "c0")),
});
