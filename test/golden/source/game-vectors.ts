import { arena } from "../../../examples/arena/arena.ts";
import { definitionDigest } from "../../../src/definition-digest.ts";
import { channelTable } from "../../../src/game/schema/channel-table.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { definitionJson, definitionParts } from "../../../src/game/schema/definition-json.ts";
import type { Field } from "../../../src/game/schema/field.ts";
import { fieldCodec } from "../../../src/game/schema/field-codec.ts";
import type { FieldSpec } from "../../../src/game/schema/field-spec.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { encodeInputs, packInput, unpackInput } from "../../../src/game/schema/input-codec.ts";
import {
  decodeMessage,
  type EncodedMessage,
  encodeForChannel,
  encodeMessage,
} from "../../../src/game/schema/message-codec.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { newValueCounters } from "../../../src/game/schema/value-counters.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { sodium } from "../../net/endpoint/rig.ts";
import { hex } from "../hex.ts";
import { plain } from "../plain-bytes.ts";
import { schemaGame } from "../schema-game.ts";
import { typesGame } from "../types-game.ts";

const GAMES: Readonly<Record<string, Game<Shape>>> = {
  arena: arena as unknown as Game<Shape>,
  types: typesGame as unknown as Game<Shape>,
  schemas: schemaGame as unknown as Game<Shape>,
};

export function definitionVectors(): object {
  return Object.fromEntries(
    Object.entries(GAMES).map(([name, game]) => {
      const { hash, parts } = definitionDigest(sodium, game);
      const jsons = definitionParts(game);
      const channels = channelTable(game).map(({ kind }) => kind);
      const hashed = parts.map((part, i) => ({ ...jsons[i], hash: hex(part.hash) }));
      return [name, { json: definitionJson(game), hash: hex(hash), parts: hashed, channels }];
    }),
  );
}

const MESSAGES: readonly [game: string, name: string, values: unknown][] = [
  ["arena", "chat", { text: "hi" }],
  ["arena", "chat", { text: "" }],
  ["arena", "chat", { text: "x".repeat(200) }],
  ["arena", "scored", { who: "ada", whom: "größe", score: 65_535 }],
  ["types", "plain", {}],
  ["types", "quick", { at: { x: 3, y: 0 } }],
  ["types", "first", { n: 70_000 }],
  ["types", "second", { words: ["a", "", "ö"] }],
  ["types", "loose", {}],
  ["types", "world", { data: new Uint8Array(0) }],
  ["types", "world", { data: Uint8Array.of(1, 2, 255) }],
  ["types", "score", { points: 9, team: 253 }],
  ["types", "urgent", { why: "fire" }],
  ["types", "loose2", { maybe: Uint8Array.of(7) }],
  ["schemas", "order", { items: [{ name: "größe", count: 3 }], note: null }],
  ["schemas", "note", 'say "hi"\n'],
  ["schemas", "table", [0.1, -2.5, 100]],
  ["schemas", "table", []],
  ["schemas", "plain", { isOn: true }],
];

/** Payloads that are none of the game's. */
const REFUSED_MESSAGES: readonly [game: string, sender: "client" | "server", payload: string, why: string][] =
  [
    ["arena", "client", "", "nothing"],
    ["arena", "client", "90", "no index"],
    ["arena", "client", "9102", "no such message"],
    ["arena", "client", "9100", "a field too few"],
    ["arena", "client", "9300a16801", "an element too many"],
    ["arena", "client", "9200a16800", "a byte behind"],
    ["arena", "client", "9200c40168", "bin for text"],
    ["arena", "client", "9200d90168", "a longer form"],
    ["arena", "client", "9401a0a000", "the server's message from a client"],
    ["arena", "server", "9401a0a0ce00010000", "a score out of range"],
    ["types", "server", "93010000", "the client's message from the server"],
    ["types", "server", "9205a3010203", "text for bytes"],
    ["types", "server", "9208c404000000", "bytes over the limit"],
    ["schemas", "client", "9200a0", "no JSON"],
    ["schemas", "client", "9201a0", "no JSON where any text is lawful"],
    ["schemas", "client", "9201c4022222", "bin for JSON"],
    ["schemas", "client", "9201a3222220ff", "a byte behind JSON"],
    ["schemas", "client", "9301a2222200", "an element too many"],
    ["schemas", "client", "9201a322ff22", "JSON that is not UTF-8"],
    ["schemas", "client", "9201a5efbbbf2222", "a mark of byte order before JSON"],
    ["schemas", "client", `9202d982${"5b".repeat(65)}${"5d".repeat(65)}`, "JSON nested 65 deep"],
    ["schemas", "client", "9202af7b225f5f70726f746f5f5f223a317d", "a member __proto__"],
    ["schemas", "client", "9202b47b225c75303035665f70726f746f5f5f223a317d", "a member __proto__, escaped"],
    ["schemas", "client", "9203a25b5d", "the server's message from a client"],
  ];

export function messageVectors(): object {
  return {
    messages: MESSAGES.map(([game, name, values]) => {
      const bytes = encodeMessage(GAMES[game]!, name, values)!;
      const { from, channel, index } = GAMES[game]!.schema.messageByName.get(name)!;
      const decoded = decodeMessage(GAMES[game]!, from === "client" ? "client" : "server", bytes)!;
      const { key } = encodeForChannel(GAMES[game]!, name, values) as EncodedMessage;
      return { game, name, from, channel, key, index, values: plain(decoded.values), payload: hex(bytes) };
    }),
    refused: REFUSED_MESSAGES.map(([game, sender, payload, why]) => ({ game, sender, payload, why })),
  };
}

const INPUTS: readonly [game: string, newestTick: number, seen: number, inputs: Record<string, unknown>[]][] =
  [
    ["arena", 300, 70, [{ move: { x: 1, y: 0 }, aim: Math.PI / 2, fire: true }]],
    ["arena", 0, 0, [{}]],
    ["arena", 70_000, 511, [{ move: { x: -1, y: 0.5 } }, { aim: 6.28 }, { fire: true }]],
    ["arena", 9, 128, Array.from({ length: 10 }, (_, i) => ({ aim: i / 2 }))],
    ["types", 2 ** 33, 1, [{ turn: -3, at: { x: 0.25, y: -0.05 }, aim: 1, word: "größe" }, { turn: 300 }]],
  ];
const REFUSED_INPUTS: readonly [game: string, block: string, why: string][] = [
  ["arena", "", "nothing"],
  ["arena", "93000000", "no input"],
  ["arena", "9600010000000000", "a field too few"],
  ["arena", "98000100000000c2c2", "an element too many"],
  ["arena", "9b000200000000c2000000c2", "ticks before 0"],
  ["arena", "97000100410000c2", "move.x out of range"],
  ["arena", "970001000000cd0400c2", "aim out of range"],
  ["arena", "970001cd0200000000c2", "seen out of range"],
  ["arena", "970001ff000000c2", "seen below 0"],
  ["arena", "960001000000c2", "no seen"],
  ["arena", "97000100000000c200", "a byte behind"],
  ["arena", "9700010000000000", "an integer for a bool"],
];

export function inputVectors(): object {
  return {
    inputs: INPUTS.map(([name, newestTick, seen, wanted]) => {
      const game = GAMES[name]!;
      const inputs = wanted.map((values) => packInput(game, values));
      const writer = new MsgpackWriter().reset(new Uint8Array(600));
      encodeInputs(game, writer, newestTick, inputs, seen);
      return {
        ...{ game: name, newestTick, seen, wanted },
        replicas: inputs.map((input) => input.map((replica) => replica ?? null)),
        values: inputs.map((input) => unpackInput(game, input)),
        block: hex(writer.bytes.subarray(0, writer.at)),
      };
    }),
    refused: REFUSED_INPUTS.map(([game, block, why]) => ({ game, block, why })),
  };
}

/** Fields with values that clamp, round and wrap. */
const FIELDS: readonly [Field<unknown>, readonly unknown[]][] = [
  [t.bool(), [true, false]],
  [t.uint(100), [0, 100, 101, -1, 2.5, 2.4999, 1e9]],
  [t.int(-3, 300), [-4, -3, -2.5, -2.51, 0, 300, 301]],
  [t.fixed(-1, 1, 0.1), [0, 0.05, 0.049, -0.05, 0.3, 0.30000000000000004, 1, -1, 2, -2, 0.1 + 0.2]],
  [t.fixed(-256, 256, 1 / 64), [0, 1 / 128, -1 / 128, Math.PI, 256, -256, 255.999, 1e300]],
  [t.fixed(-1000, 1000, 7), [0, 3.5, -3.5, 1000, -1000, 998]],
  [t.fixed(0, 0.00001, 1e-7), [0, 4.9e-8, 5.1e-8, 0.00001]],
  [t.angle(10), [0, 1, Math.PI, 2 * Math.PI, -1, -1e-20, 6.283, 100, 1e15]],
  [t.angle(24), [1, 6.2831853, 3]],
  [
    t.vec2(-10, 10, 0.5),
    [
      { x: 0.25, y: -0.25 },
      { x: 11, y: -11 },
    ],
  ],
  [t.text(5), ["", "größe", "größer", "aaaa😀", "aa\ud800"]],
  [t.bytes(4), [new Uint8Array(0), Uint8Array.of(0, 255), Uint8Array.of(1, 2, 3, 4, 5)]],
  [t.id(), [1_048_577, 2 ** 40 - 1]],
  [t.oneOf("calm", "angry"), ["calm", "angry"]],
  [t.optional(t.vec2(0, 3, 1)), [{ x: 1, y: 2.5 }]],
  [t.list(t.uint(9), 3), [[], [1, 10, 3], [1, 2, 3, 4]]],
];

export function fieldVectors(): object[] {
  return FIELDS.flatMap(([field, values]) => {
    const spec = (field as unknown as { readonly spec: FieldSpec }).spec;
    const codec = fieldCodec(spec);
    return values.map((value) => {
      const replica = codec.pack(value, codec.initial, newValueCounters());
      const writer = new MsgpackWriter().reset(new Uint8Array(64));
      codec.write(writer, replica);
      const unpacked = codec.unpack(replica);
      const isNumber = typeof unpacked === "number";
      return {
        ...{
          field: spec,
          value: typeof value === "string" ? JSON.stringify(value) : plain(value),
          replica: plain(replica),
        },
        elements: hex(writer.bytes.subarray(0, writer.at)),
        unpacked: plain(unpacked),
        ...(isNumber && { unpackedBits: float64Bits(unpacked) }),
      };
    });
  });
}

/** The eight bytes of a double, big endian: no decimal form can hide a last bit. */
export function float64Bits(value: number): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return hex(bytes);
}
