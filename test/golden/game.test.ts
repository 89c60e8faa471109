import { describe, expect, test } from "vitest";
import { arena } from "../../examples/arena/arena.ts";
import { definitionDigest } from "../../src/definition-digest.ts";
import { channelTable } from "../../src/game/schema/channel-table.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import { definitionJson, definitionParts } from "../../src/game/schema/definition-json.ts";
import { fieldCodec } from "../../src/game/schema/field-codec.ts";
import type { FieldSpec } from "../../src/game/schema/field-spec.ts";
import { decodeInputs, encodeInputs, packInput, unpackInput } from "../../src/game/schema/input-codec.ts";
import { decodeMessage, encodeForChannel } from "../../src/game/schema/message-codec.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { newValueCounters } from "../../src/game/schema/value-counters.ts";
import { MsgpackReader } from "../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { sodium } from "../net/endpoint/rig.ts";
import definition from "./definition.json" with { type: "json" };
import fields from "./fields.json" with { type: "json" };
import { hex, unhex, withFlips } from "./hex.ts";
import inputs from "./inputs.json" with { type: "json" };
import messages from "./messages.json" with { type: "json" };
import { plain, revived } from "./plain-bytes.ts";
import { schemaGame } from "./schema-game.ts";
import { typesGame } from "./types-game.ts";

const GAMES: Readonly<Record<string, Game<Shape>>> = {
  arena: arena as unknown as Game<Shape>,
  types: typesGame as unknown as Game<Shape>,
  schemas: schemaGame as unknown as Game<Shape>,
};

describe("definitions", () => {
  test.each(Object.entries(definition))("%s: text, hash, parts and channels", (name, vector) => {
    const game = GAMES[name]!;
    expect(definitionJson(game)).toBe(vector.json);
    const { hash, parts } = definitionDigest(sodium, game);
    expect(hex(hash)).toBe(vector.hash);
    expect(hex(sodium.hash(32, new TextEncoder().encode(vector.json)))).toBe(vector.hash);
    const jsons = definitionParts(game);
    expect(parts.map((part, i) => ({ ...jsons[i], hash: hex(part.hash) }))).toEqual(vector.parts);
    expect(channelTable(game).map(({ kind }) => kind)).toEqual(vector.channels);
  });
});

describe("messages", () => {
  const sender = (from: string): "client" | "server" => (from === "client" ? "client" : "server");

  test.each(messages.messages)(
    "$game $name $payload",
    ({ game, name, values, payload, from, key, ...vector }) => {
      const encoded = encodeForChannel(GAMES[game]!, name, revived(values));
      expect(encoded).toEqual({ bytes: unhex(payload), key, channel: vector.channel });
      const decoded = decodeMessage(GAMES[game]!, sender(from), unhex(payload))!;
      expect(plain(decoded)).toEqual({ name, values });
      expect(GAMES[game]!.schema.messageByName.get(name)).toMatchObject(vector);
      for (const { flipped } of withFlips(unhex(payload))) {
        expect(plain(decodeMessage(GAMES[game]!, sender(from), flipped))).not.toEqual({ name, values });
      }
    },
  );

  test.each(messages.refused)("$game '$payload' is refused: $why", ({ game, sender: from, payload }) => {
    expect(decodeMessage(GAMES[game]!, sender(from), unhex(payload))).toBeUndefined();
  });
});

describe("inputs", () => {
  test.each(inputs.inputs)(
    "$game $newestTick",
    ({ game: name, newestTick, seen, wanted, replicas, values, block }) => {
      const game = GAMES[name]!;
      const packed = wanted.map((input) => packInput(game, input));
      expect(plain(packed)).toEqual(replicas);
      const writer = new MsgpackWriter().reset(new Uint8Array(600));
      encodeInputs(game, writer, newestTick, packed, seen);
      expect(hex(writer.bytes.subarray(0, writer.at))).toBe(block);
      const decoded = decodeInputs(game, unhex(block))!;
      expect(plain(decoded)).toEqual(plain({ newestTick, seenLagEighths: seen, inputs: packed }));
      expect(plain(decoded.inputs.map((input) => unpackInput(game, input)))).toEqual(values);
      for (const { flipped } of withFlips(unhex(block))) {
        expect(plain(decodeInputs(game, flipped))).not.toEqual(plain(decoded));
      }
    },
  );

  test.each(inputs.refused)("$game '$block' is refused: $why", ({ game, block }) => {
    expect(decodeInputs(GAMES[game]!, unhex(block))).toBeUndefined();
  });
});

describe("fields", () => {
  test.each(fields)("$field.type $value is $elements", ({ field, value, replica, elements, ...vector }) => {
    const codec = fieldCodec(field as FieldSpec);
    const given = typeof value === "string" ? JSON.parse(value) : revived(value);
    const packed = codec.pack(given, codec.initial, newValueCounters());
    expect(plain(packed)).toEqual(replica);
    const writer = new MsgpackWriter().reset(new Uint8Array(64));
    codec.write(writer, packed);
    expect(hex(writer.bytes.subarray(0, writer.at))).toBe(elements);
    const reader = new MsgpackReader().reset(unhex(elements));
    const read = codec.read(reader);
    expect(reader.done()).toBe(true);
    expect(plain(read)).toEqual(replica);
    const unpacked = codec.unpack(read);
    expect(plain(unpacked)).toEqual(vector.unpacked);
    if ("unpackedBits" in vector) {
      const bits = new Uint8Array(8);
      new DataView(bits.buffer).setFloat64(0, unpacked as number);
      expect(hex(bits)).toBe(vector.unpackedBits);
    }
  });
});
