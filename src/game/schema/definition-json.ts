import type { Game } from "./define-game.ts";
import type { MessageSchema, RecordSchema } from "./game-schema.ts";
import type { Shape } from "./shape.ts";

/**
 * A definition in its canonical form: compact JSON in the order of declaration. Two games with the same text
 * understand each other's bytes; code (`step`, a room's rules) is no part of it. Its UTF-8 is what the handshake hashes.
 */
export function definitionJson(game: Game<Shape>): string {
  const { schema } = game;
  return JSON.stringify({
    name: game.name,
    tickRate: game.tickRate,
    avatar: schema.avatar,
    input: fieldsOf(schema.input),
    entities: Object.fromEntries(schema.kinds.map((kind) => [kind.name, fieldsOf(kind)])),
    messages: Object.fromEntries(schema.messages.map((message) => [message.name, messageOf(message)])),
  });
}

/** The same in parts, each with a name for people: so that two ends can say what differs. */
export function definitionParts(game: Game<Shape>): { readonly name: string; readonly json: string }[] {
  const { name, tickRate, schema } = game;
  const part = (label: string, value: unknown) => ({ name: label, json: JSON.stringify([label, value]) });
  return [
    part("name", name),
    part("tick rate", tickRate),
    part("avatar", schema.avatar ?? null),
    part("input", fieldsOf(schema.input)),
    ...schema.kinds.map((kind) => part(`entity ${kind.name}`, fieldsOf(kind))),
    ...schema.messages.map((message) => part(`message ${message.name}`, messageOf(message))),
  ];
}

/** What both ends must know of a message. How an end sends it (priority, budgets) is its own business. */
function messageOf(message: MessageSchema): Record<string, unknown> {
  const { from, channelName, keyField, ownChannel, maxMessageBytes, schema } = message;
  return {
    ...{ from, channel: channelName, key: keyField?.name, ownChannel: ownChannel || undefined },
    maxMessageBytes,
    // Of code nothing more can be compared.
    ...(schema === undefined ? { fields: fieldsOf(message) } : { schema: schema["~standard"].vendor }),
  };
}

function fieldsOf(record: RecordSchema): Record<string, unknown> {
  return Object.fromEntries(
    record.fields.map(({ name, spec }) => {
      const { type, min, max, step, bits, maxBytes, choices, inner, visibleTo, follows } = spec;
      const numbers = { type, min, max, step, bits, maxBytes, choices, inner };
      return [name, { ...numbers, default: canonicalValue(spec.default), visibleTo, follows }];
    }),
  );
}

/** A default as it is written down: x before y, in whatever order a game wrote them. */
function canonicalValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalValue);
  if (value instanceof Uint8Array) return Array.from(value);
  if (typeof value !== "object" || value === null) return value;
  const { x, y } = value as { readonly x?: unknown; readonly y?: unknown };
  return { x, y };
}
