import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channelTable } from "../../../src/game/schema/channel-table.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { definitionJson } from "../../../src/game/schema/definition-json.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { decodeMessage, encodeForChannel, encodeMessage } from "../../../src/game/schema/message-codec.ts";
import { payloadJson, readPayload } from "../../../src/game/schema/schema-payload.ts";
import type { SchemaResult } from "../../../src/game/schema/standard-schema.ts";
import { newValueCounters } from "../../../src/game/schema/value-counters.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { chatSchema, handSchema } from "./hand-schema.ts";

/** What the validator of "odd" does next. */
let odd: () => unknown = () => ({ value: 1 });
const anything = handSchema<unknown>((value) => ({ value }));

const game = defineGame({
  name: "s",
  tickRate: 20,
  input: {},
  entities: {},
  messages: {
    chat: { from: "both", schema: chatSchema },
    any: { from: "both", channel: "bulk", schema: anything },
    short: { from: "server", channel: "reliable-latest", maxMessageBytes: 20, schema: anything },
    odd: {
      ...{ from: "both", channel: "reliable-unordered" },
      schema: handSchema<unknown>(() => odd() as SchemaResult<unknown>),
    },
    old: { from: "both", fields: { n: t.uint(9) } },
  },
});

/** A message as a stranger writes it. */
function foreign(index: number, json: string): Uint8Array {
  const writer = new MsgpackWriter().reset(new Uint8Array(4 * json.length + 20));
  writer.arrayHeader(2);
  writer.int(index);
  writer.text(json);
  return writer.bytes.slice(0, writer.at);
}

describe("a message with a schema", () => {
  test("arrives as the schema makes it", () => {
    const at = new Date(Date.UTC(2030, 1, 2));
    const bytes = encodeMessage(game, "chat", { text: "  hi ", at, ignored: 1 })!;
    // What travels is what was given; each end asks the schema for itself.
    expect(bytes).toEqual(foreign(0, '{"text":"  hi ","at":"2030-02-02T00:00:00.000Z","ignored":1}'));
    expect(decodeMessage(game, "client", bytes)).toEqual({ name: "chat", values: { text: "hi", at } });
    expect(decodeMessage(game, "server", bytes)?.values).toEqual({ text: "hi", at });
  });

  test("has the channel and the key of its kind", () => {
    expect(encodeForChannel(game, "short", 5)).toEqual({ bytes: foreign(2, "5"), channel: 3, key: 0 });
    expect(channelTable(game).map(({ kind, maxMessageBytes }) => [kind, maxMessageBytes])).toEqual([
      ["reliable-ordered", 262_144],
      ["unreliable", 0],
      ["bulk", 16_777_216],
      ["reliable-latest", 20],
      ["reliable-unordered", 262_144],
    ]);
  });

  test("is part of the definition by its vendor", () => {
    expect(definitionJson(game)).toContain(
      '"chat":{"from":"both","channel":"reliable-ordered","schema":"hand"},',
    );
    expect(definitionJson(game)).toContain('"maxMessageBytes":20,"schema":"hand"},');
  });

  test("carries every value there is in JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 5 }), (value) => {
        const json = JSON.stringify(value);
        fc.pre(!json.includes("__proto__"));
        const bytes = encodeMessage(game, "any", value)!;
        expect(bytes).toEqual(foreign(1, json));
        expect(decodeMessage(game, "server", bytes)?.values).toEqual(JSON.parse(json));
      }),
    );
  });

  test("is as long as it is, for its channel to judge", () => {
    const long = "ü".repeat(200_000);
    const bytes = encodeMessage(game, "any", long)!;
    expect(bytes.length).toBe(1 + 1 + 5 + 400_002);
    expect(decodeMessage(game, "server", bytes)?.values).toBe(long);
    expect(encodeMessage(game, "chat", { text: " ".repeat(300_000) })!.length).toBeGreaterThan(262_144);
  });
});

describe("the sending end refuses", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const wrong: readonly (readonly [string, string, unknown])[] = [
    ["what the schema refuses", "chat", { text: 5 }],
    ["what its transform makes too long", "chat", { text: "a".repeat(11) }],
    ["what is not there", "any", undefined],
    ["a function", "any", () => {}],
    ["a bigint", "any", { n: 1n }],
    ["a circle", "any", circle],
    ["what arrives as something else", "chat", { text: "hi", at: new Date(Number.NaN) }],
    ["nesting past 64", "any", JSON.parse("[".repeat(65) + "]".repeat(65))],
    ["a member __proto__", "any", [JSON.parse('{"__proto__":1}')]],
    [
      "an error without a text",
      "any",
      {
        toJSON() {
          throw Object.create(null);
        },
      },
    ],
  ];
  test.each(wrong)("%s, and counts it", (_what, name, value) => {
    const counters = newValueCounters();
    expect(encodeForChannel(game, name, value, counters)).toBe("invalid");
    expect(encodeMessage(game, name, value)).toBeUndefined();
    expect(counters).toEqual({ clamped: 0, rounded: 0, refused: 1, cut: 0 });
  });

  test("nothing that is lawful", () => {
    const counters = newValueCounters();
    for (const value of [null, JSON.parse("[".repeat(64) + "]".repeat(64)), { proto: "__proto__" }]) {
      expect(encodeForChannel(game, "any", value, counters)).toMatchObject({ channel: 2 });
    }
    expect(counters).toEqual(newValueCounters());
  });
});

describe("the receiving end refuses", () => {
  test.each([
    ["what the schema refuses", foreign(0, '{"text":5}')],
    ["what is no JSON", foreign(0, "{")],
    ["nothing", foreign(1, "")],
    ["nesting past 64", foreign(1, "[".repeat(65) + "]".repeat(65))],
    ["nesting past all", foreign(1, "[".repeat(100_000) + "]".repeat(100_000))],
    ["a member __proto__, however written", foreign(1, '[{"\\u005f_prot\\u006f__":1}]')],
    ["a byte behind", Uint8Array.of(...foreign(1, "5"), 0)],
    ["bytes", Uint8Array.of(0x92, 1, 0xc4, 1, 0x35)],
    ["an element too many", Uint8Array.of(0x93, 1, 0xa1, 0x35, 0)],
    ["fields", Uint8Array.of(0x92, 1, 5)],
  ])("%s", (_what, bytes) => {
    const faults: unknown[] = [];
    const onFault = (fault: unknown): unknown => faults.push(fault);
    expect(decodeMessage(game, "client", bytes, 0, bytes.length, onFault)).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test("what a stranger makes of it, without a throw", () => {
    const whole = encodeMessage(game, "chat", { text: "hi", at: "2030-01-01" })!;
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(whole.length + 3), byte: fc.nat(255) }), { minLength: 1 }),
        fc.nat(whole.length),
        (changes, cut) => {
          const bytes = Uint8Array.from([...whole, 0, 0, 0]);
          for (const { at, byte } of changes) bytes[at] = byte;
          for (const end of [bytes.length, whole.length, cut]) {
            const read = decodeMessage(game, "client", bytes, 0, end);
            if (read?.name === "chat") expect(read.values).toMatchObject({ text: expect.any(String) });
          }
        },
      ),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (json) => {
        const read = readPayload(anything, json);
        if (read.problem === undefined) expect(payloadJson(anything, read.value).problem).toBeUndefined();
      }),
    );
  });
});

describe("a schema that is at fault", () => {
  const faults: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      "throws",
      () => {
        throw new Error("oops");
      },
      /oops/,
    ],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
      /undefined/,
    ],
    ["answers later", () => Promise.resolve({ value: 1 }), /answers later, with a promise/],
    ["answers later that it failed", () => Promise.reject(new Error("late")), /answers later/],
    ["answers nothing", () => undefined, /answers undefined instead of a result/],
    ["answers with a text", () => "yes", /answers yes instead/],
    ["has issues that are none", () => ({ issues: 5 }), /is not iterable|object is not|undefined/],
  ];
  test.each(faults)("because it %s: refused at both ends, and reported", (_what, answer, text) => {
    odd = answer;
    const heard: [string, unknown][] = [];
    const onFault = (fault: unknown, message: string): unknown => heard.push([message, fault]);
    const bytes = foreign(3, "1");
    expect(decodeMessage(game, "client", bytes, 0, bytes.length, onFault)).toBeUndefined();
    expect(encodeForChannel(game, "odd", 1, newValueCounters(), onFault)).toBe("invalid");
    expect(heard.map(([message]) => message)).toEqual(["odd", "odd"]);
    for (const [, fault] of heard) expect(String(fault)).toMatch(text);
    expect(decodeMessage(game, "client", bytes)).toBeUndefined();
  });

  test("says what it does not take, shortly", () => {
    odd = () => ({ issues: [] });
    expect(readPayload(game.schema.messages[3]!.schema!, "1").problem).toBe("is refused by its schema");
    odd = () => ({ issues: [{ message: "x".repeat(999) }] });
    expect(readPayload(game.schema.messages[3]!.schema!, "1").problem).toBe("x".repeat(200));
    expect(readPayload(chatSchema, '{"text":"far too long"}').problem).toBe("text.3: is too long");
  });
});
