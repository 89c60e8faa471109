import { describe, expect, test } from "vitest";
import { channelTable } from "../../../src/game/schema/channel-table.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { definitionJson } from "../../../src/game/schema/definition-json.ts";
import type { AnyField, Fields } from "../../../src/game/schema/field.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { chatSchema, handSchema } from "./hand-schema.ts";

// As from untyped code: what the types refuse must be refused at run time too.
function define(changes: object): unknown {
  return defineGame({ name: "g", tickRate: 30, input: {}, entities: {}, ...changes } as never);
}

function withMessage(changes: object): unknown {
  return define({ messages: { m: { from: "both", fields: {}, ...changes } } });
}

function withField(field: AnyField, others: Fields = {}): unknown {
  return define({ entities: { ship: { ...others, it: field } } });
}

function withSchema(schema: unknown, changes: object = {}): unknown {
  return withMessage({ fields: undefined, schema, ...changes });
}

function manyFields(count: number): Fields {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, t.bool()]));
}

describe("a definition is refused with the path of what is wrong", () => {
  const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["an empty range", () => withField(t.int(3, 2)), /^ship\.it: its range 3 … 2 is empty/],
    ["a negative uint", () => withField(t.uint(-1)), /^ship\.it: .*empty/],
    ["a step of 0", () => withField(t.fixed(0, 1, 0)), /^ship\.it: its step must be positive, not 0/],
    [
      "a step too small to divide by",
      () => withField(t.fixed(0, 1e-305, 1e-306)),
      /step 1e-306 is too small/,
    ],
    ["a range between two steps", () => withField(t.fixed(0.3, 0.4, 1)), /holds no multiple of 1/],
    ["too many values", () => withField(t.fixed(0, 1, 1e-12)), /too many values/],
    ["a uint of 2^40", () => withField(t.uint(2 ** 40)), /too many values/],
    ["bounds that are no numbers", () => withField(t.fixed(Number.NaN, 1, 1)), /must be numbers/],
    ["a fraction as bound", () => withField(t.int(0.5, 2)), /must be whole numbers/],
    ["an angle of 25 bits", () => withField(t.angle(25)), /bits must be a whole number from 1 to 24/],
    ["text without room", () => withField(t.text(0)), /limit in bytes/],
    ["the same choice twice", () => withField(t.oneOf("a", "a")), /each choice once/],
    ["a list without limit", () => withField(t.list(t.bool(), Infinity)), /limit of a list/],
    ["what is wrong inside a list", () => withField(t.list(t.uint(-1), 2)), /^ship\.it\[\]: .*empty/],
    [
      "an unknown rate",
      () => withField(t.fixed(0, 1, 1).follows("vx")),
      /follows "vx", but there is no such/,
    ],
    [
      "a rate that is text",
      () => withField(t.fixed(0, 1, 1).follows("n"), { n: t.text(3) }),
      /is a text and/,
    ],
    ["a follower that is text", () => withField(t.text(3).follows("it")), /only a fixed follows/],
    [
      "a rate that follows",
      () =>
        withField(t.fixed(0, 1, 1).follows("v"), {
          v: t.fixed(0, 1, 1).follows("a"),
          a: t.fixed(0, 1, 1),
        }),
      /^ship\.it: follows "v", which follows "a" itself/,
    ],
    ["a follower of itself", () => withField(t.fixed(0, 1, 1).follows("it")), /which follows "it" itself/],
    [
      "a circle of followers",
      () => withField(t.fixed(0, 1, 1).follows("v"), { v: t.fixed(0, 1, 1).follows("it") }),
      /itself/,
    ],
    [
      "a rate seen by fewer than its follower",
      () => withField(t.fixed(0, 1, 1).follows("v"), { v: t.fixed(0, 1, 1).visibleTo("team") }),
      /^ship\.it: is visible to everyone but follows "v", which only team sees/,
    ],
    [
      "a follower too fast to stay exact",
      () => withField(t.fixed(0, 1, 1e-9).follows("v"), { v: t.fixed(0, 1, 1) }),
      /^ship\.it: follows "v", which may move it .* steps per tick: at most 2\^20/,
    ],
    [
      "a rate without measure",
      () => withField(t.fixed(0, 1e-289, 1e-290).follows("v"), { v: t.fixed(0, 1e300, 1e299) }),
      /^ship\.it: follows "v", which may move it .* steps per tick/,
    ],
    [
      "an unknown audience",
      () => withField(t.bool().visibleTo("me" as never)),
      /visibleTo takes one of "everyone"/,
    ],
    ["a default out of range", () => withField(t.uint(9).default(10)), /its default 10 is out of its range/],
    ["a reserved kind", () => define({ entities: { players: {} } }), /world\.players exists already/],
    ["a reserved field", () => define({ entities: { ship: { owner: t.id() } } }), /its own owner already/],
    ["a name that every object has", () => define({ entities: { toString: {} } }), /every object has/],
    ["an odd name", () => define({ input: { "a b": t.bool() } }), /^input\.a b: a name is/],
    ["a tick rate of 0", () => define({ tickRate: 0 }), /^g: tickRate must be .* 1 to 240, not 0/],
    ["a tick rate of 241", () => define({ tickRate: 241 }), /tickRate/],
    ["an unknown avatar", () => define({ avatar: "shop" }), /no kind "shop"/],
    ["an unknown step", () => define({ step: { shop() {} } }), /^step\.shop: there is no kind/],
    ["an unknown direction", () => define({ messages: { m: { from: "me", fields: {} } } }), /from must be/],
    [
      "an unknown channel",
      () => withMessage({ channel: "reliable" }),
      /^m: channel must be one of "unre.*"bulk", not "reliable"/,
    ],
    ["bytes without room", () => withField(t.bytes(0)), /limit in bytes/],
    ["bytes past the largest message", () => withField(t.bytes(2 ** 24 + 1)), /from 1 to 16777216/],
    [
      "a priority of 8",
      () => withMessage({ priority: 8 }),
      /^m\.priority: must be a whole number from 0 to 7, not 8/,
    ],
    [
      "a weight of 0",
      () => withMessage({ weight: 0 }),
      /^m\.weight: must be a whole number from 1 to 100, not 0/,
    ],
    ["a budget of nothing", () => withMessage({ bytesPerSecond: 99 }), /^m\.bytesPerSecond: .* from 100/],
    [
      "a queue of nothing",
      () => withMessage({ maxQueuedMessages: 0 }),
      /^m\.maxQueuedMessages: .* from 1 to/,
    ],
    ["half a byte", () => withMessage({ maxQueuedBytes: 0.5 }), /^m\.maxQueuedBytes: .* whole number/],
    [
      "a limit past its channel's",
      () => withMessage({ channel: "unreliable", maxMessageBytes: 8_193 }),
      /^m\.maxMessageBytes: must be a whole number from 1 to 8192, not 8193/,
    ],
    [
      "a queue shorter than a message",
      () => withMessage({ maxMessageBytes: 500, maxQueuedBytes: 499 }),
      /^m\.maxQueuedBytes: 499 has no room for one message of 500 bytes/,
    ],
    [
      "a key where nothing is replaced",
      () => withMessage({ key: "it", fields: { it: t.bool() } }),
      /^m\.key: only reliable-latest/,
    ],
    [
      "a key that is no field",
      () => withMessage({ channel: "reliable-latest", key: "it" }),
      /^m\.key: there is no field "it"/,
    ],
    [
      "a key that every object has",
      () => withMessage({ channel: "reliable-latest", key: "toString" }),
      /^m\.key: there is no field "toString"/,
    ],
    [
      "a key that is text",
      () => withMessage({ channel: "reliable-latest", key: "it", fields: { it: t.text(3) } }),
      /^m\.key: .* "it" is a text/,
    ],
    [
      "a key of 257 values",
      () => withMessage({ channel: "reliable-latest", key: "it", fields: { it: t.uint(256) } }),
      /^m\.key: "it" has 257 values; a key has at most 256/,
    ],
    [
      "a bulk message past 16 MiB",
      () => withMessage({ channel: "bulk", fields: { a: t.bytes(2 ** 23), b: t.bytes(2 ** 23) } }),
      /^m: may take/,
    ],
    ["neither fields nor a schema", () => withMessage({ fields: undefined }), /^m: a message has fields, or/],
    [
      "fields and a schema",
      () => withMessage({ schema: chatSchema }),
      /^m\.schema: a message has fields or a schema, not both/,
    ],
    ...["unreliable", "unreliable-sequenced"].map((channel): [string, () => unknown, RegExp] => [
      `a schema on what is ${channel}`,
      () => withSchema(chatSchema, { channel }),
      /^m\.schema: only reliable and bulk messages have a schema, and this one is unreliable/,
    ]),
    ["a schema with a key", () => withSchema(chatSchema, { key: "text" }), /^m\.key: .* schema has none/],
    ["a schema that is none", () => withSchema({ parse() {} }), /^m\.schema: takes a Standard Schema/],
    ["a schema that is nothing", () => withSchema(null), /^m\.schema: takes a Standard Schema/],
    [
      "a schema of another version",
      () => withSchema({ "~standard": { ...chatSchema["~standard"], version: 2 } }),
      /^m\.schema: takes a Standard Schema of version 1/,
    ],
    [
      "a schema that cannot judge",
      () => withSchema({ "~standard": { version: 1, vendor: "v" } }),
      /^m\.schema: takes a Standard Schema/,
    ],
    ...[undefined, "", "v".repeat(65)].map((vendor): [string, () => unknown, RegExp] => [
      `a schema of the vendor ${vendor}`,
      () => withSchema({ "~standard": { ...chatSchema["~standard"], vendor } }),
      /^m\.schema: its vendor must have 1 to 64 characters/,
    ]),
    [
      "a schema that answers later",
      () => withSchema(handSchema(() => Promise.reject(new Error("late")))),
      /^m\.schema: answers later, with a promise/,
    ],
    ["a message that is none", () => define({ messages: { m: null } }), /^m: a message says who sends it/],
    ["what is no field", () => define({ input: { go: 5 } }), /^input\.go: is no field: make one with t/],
    ["what is no field of a kind", () => withField(undefined as never), /^ship\.it: is no field/],
    ["what is no field of a message", () => withMessage({ fields: { a: {} } }), /^m\.a: is no field/],
    ["no fields", () => define({ entities: { ship: null } }), /^ship: must be an object of fields/],
    ["no input", () => define({ input: undefined }), /^input: must be an object of fields/],
    ["no kinds", () => define({ entities: undefined }), /^entities: must be an object of kinds/],
    ["too many fields", () => define({ input: manyFields(129) }), /^input: has 129 fields, and may have 128/],
    [
      "too many fields of a kind",
      () => define({ entities: { ship: manyFields(129) } }),
      /^ship: has 129 fields, and may have 128/,
    ],
    [
      "too many fields of a message",
      () => withMessage({ fields: manyFields(129) }),
      /^m: has 129 fields, and may have 128/,
    ],
    [
      "an empty range in an input",
      () => define({ input: { a: t.fixed(1, 0, 1) } }),
      /^input\.a: its range 1 … 0 is empty/,
    ],
    ["an empty range in a message", () => withMessage({ fields: { a: t.uint(-1) } }), /^m\.a: .* is empty/],
    ["an empty range in an optional", () => withField(t.optional(t.int(2, 1))), /^ship\.it\[\]: .* is empty/],
    [
      "a rate in an input",
      () => define({ input: { a: t.fixed(0, 1, 1).follows("b") } }),
      /^input\.a: only fields/,
    ],
    ["an audience in an input", () => define({ input: { a: t.bool().visibleTo("owner") } }), /audience/],
    ["an entity too long for a packet", () => withField(t.text(2000)), /^ship: may take 2003 bytes/],
  ];
  test.each(wrong)("%s", (_name, run, message) => {
    expect(run).toThrow(message);
  });
});

const game = defineGame({
  name: "g",
  tickRate: 20,
  avatar: "ship",
  input: { go: t.bool() },
  entities: {
    ship: {
      x: t.fixed(-1, 1, 0.5).follows("v"),
      v: t.fixed(-1, 1, 1),
      ammo: t.uint(9).default(3).visibleTo("owner"),
    },
  },
  messages: {
    b: { from: "both", fields: { list: t.list(t.optional(t.oneOf("p", "q")), 4) } },
    s1: { from: "client", channel: "unreliable-sequenced", fields: {} },
    u: { from: "server", channel: "unreliable", fields: {} },
    s2: { from: "client", channel: "unreliable-sequenced", fields: {} },
  },
  step: { ship() {} },
});

test("as many fields as there may be", () => {
  expect(() => define({ entities: { ship: manyFields(128) } })).not.toThrow();
});

test("a schema that throws or refuses what is not there is a schema all the same", () => {
  const thrower = handSchema(() => {
    throw new Error("oops");
  });
  for (const schema of [thrower, chatSchema]) expect(() => withSchema(schema)).not.toThrow();
});

test("the canonical form is compact, in order, and without code", () => {
  expect(definitionJson(game)).toBe(
    '{"name":"g","tickRate":20,"avatar":"ship","input":{"go":{"type":"bool"}},"entities":{"ship":{' +
      '"x":{"type":"fixed","min":-1,"max":1,"step":0.5,"follows":"v"},"v":{"type":"fixed","min":-1,"max":1,"step":1},' +
      '"ammo":{"type":"uint","max":9,"default":3,"visibleTo":"owner"}}},"messages":{"b":{"from":"both",' +
      '"channel":"reliable-ordered","fields":{"list":{"type":"list","max":4,"inner":{"type":"optional",' +
      '"inner":{"type":"oneOf","choices":["p","q"]}}}}},"s1":{"from":"client","channel":"unreliable-sequenced",' +
      '"fields":{}},"u":{"from":"server","channel":"unreliable","fields":{}},' +
      '"s2":{"from":"client","channel":"unreliable-sequenced","fields":{}}}}',
  );
});

test("ordered messages share a channel, sequenced ones have one each", () => {
  expect(channelTable(game).map((channel) => channel.kind)).toEqual([
    "reliable-ordered",
    "unreliable",
    "unreliable-sequenced",
    "unreliable-sequenced",
  ]);
  expect(game.schema.messages.map((message) => message.channel)).toEqual([0, 2, 1, 3]);
});

test("a default's x stands before its y, in whatever order it was written", () => {
  const json = (field: AnyField): string => definitionJson(withField(field) as never);
  const at = t.vec2(0, 3, 1);
  expect(json(at.default({ y: 1, x: 2 }))).toBe(json(at.default({ x: 2, y: 1 })));
  const path = t.list(at, 2);
  expect(json(path.default([{ y: 1, x: 2 }]))).toContain('"default":[{"x":2,"y":1}]');
});

test("as many sequenced messages as there are channels, and no more", () => {
  const withMessages = (count: number): unknown => {
    const message = { from: "both", channel: "unreliable-sequenced", fields: {} };
    const names = Array.from({ length: count }, (_, i) => [`m${i}`, message]);
    return define({ messages: Object.fromEntries(names) });
  };
  expect(channelTable(withMessages(62) as never)).toHaveLength(64);
  expect(() => withMessages(63)).toThrow("m62: a game has at most 62 channels besides the two");
});

test("a message has its own channel where its promise is its own, or its settings are", () => {
  const mixed = defineGame({
    name: "mixed",
    tickRate: 20,
    input: {},
    entities: {},
    messages: {
      plain: { from: "both", fields: {} },
      loose1: { from: "server", channel: "reliable-unordered", fields: { a: t.uint(9) } },
      world: { from: "server", channel: "bulk", fields: { data: t.bytes(4_000_000) } },
      urgent: { from: "client", priority: 7, maxQueuedMessages: 5, fields: {} },
      score: { from: "server", channel: "reliable-latest", key: "team", fields: { team: t.uint(3) } },
      loose2: { from: "client", channel: "reliable-unordered", fields: {} },
      short: {
        from: "both",
        channel: "reliable-unordered",
        maxMessageBytes: 20,
        fields: { text: t.text(99) },
      },
    },
  });
  expect(mixed.schema.messages.map(({ name, channel }) => [name, channel])).toEqual([
    ["plain", 0],
    ["loose1", 2],
    ["world", 3],
    ["urgent", 4],
    ["score", 5],
    ["loose2", 2],
    ["short", 6],
  ]);
  expect(channelTable(mixed)).toEqual([
    { kind: "reliable-ordered", from: "both", maxMessageBytes: 6 },
    { kind: "unreliable", from: "both", maxMessageBytes: 0 },
    { kind: "reliable-unordered", from: "both", maxMessageBytes: 7 },
    { kind: "bulk", from: "server", maxMessageBytes: 4_000_011 },
    { kind: "reliable-ordered", from: "client", maxMessageBytes: 6, priority: 7, maxQueuedMessages: 5 },
    { kind: "reliable-latest", from: "server", maxMessageBytes: 7 },
    { kind: "reliable-unordered", from: "both", maxMessageBytes: 20 },
  ]);
  // What both ends must agree on is in the canonical form; how one end sends is not.
  expect(definitionJson(mixed)).toContain(
    '"urgent":{"from":"client","channel":"reliable-ordered","ownChannel":true,"fields":{}},' +
      '"score":{"from":"server","channel":"reliable-latest","key":"team","fields":{"team":{"type":"uint","max":3}}},' +
      '"loose2":{"from":"client","channel":"reliable-unordered","fields":{}},' +
      '"short":{"from":"both","channel":"reliable-unordered","ownChannel":true,"maxMessageBytes":20,',
  );
});
