import {
  checkField,
  checkFollowerSpeed,
  checkKindName,
  checkName,
  checkTickRate,
  refuse,
} from "./check-definition.ts";
import { checkMessage, longestRecordBytes, mostMessageBytes } from "./check-message.ts";
import type { AnyField, Fields } from "./field.ts";
import type { FieldSpec } from "./field-spec.ts";
import {
  fieldsFor,
  type GameSchema,
  type KindSchema,
  type MessageSchema,
  recordSchema,
  type StepFunction,
} from "./game-schema.ts";
import { ChannelNumbers, hasOwnChannel, hasSettings, settingsOf } from "./message-channels.ts";
import type { EntityDefs, InputValues, Kind, MessageDef, MessageDefs, Mover, Shape } from "./shape.ts";
import type { StepWorld } from "./world-types.ts";

/** A definition that was checked: what server, client, bots, replays and tests share. */
export interface Game<S extends Shape> {
  readonly "~shape": S;
  readonly name: string;
  /** Ticks per second. */
  readonly tickRate: number;
  /** The definition made ready to run, for the machinery. */
  readonly schema: GameSchema;
}

type Steps<S extends Shape> = {
  readonly [K in Kind<S>]?: (self: Mover<S, K>, input: Readonly<InputValues<S>>, world: StepWorld<S>) => void;
};

export interface GameDefinition<
  I extends Fields,
  E extends EntityDefs,
  M extends MessageDefs,
  A extends keyof E & string,
> {
  readonly name: string;
  /** Ticks per second, 1 … 240. */
  readonly tickRate: number;
  readonly input: I;
  readonly entities: E;
  readonly messages?: M;
  /** The kind that players steer. */
  readonly avatar?: A;
  /** Moves one entity one tick. Runs for all on the server, for your own on your client. */
  readonly step?: Steps<{ input: I; entities: E; messages: M; avatar: A }>;
}

/** Most bytes one entity and one input may take: each must fit one packet. */
const MAX_ENTITY_BYTES = 960;
const MAX_INPUT_BYTES = 480;
const MAX_FIELDS = 128;

/**
 * Checks a definition and makes it ready to run.
 *
 * @throws Error with one sentence that names the field, for anything that could not work.
 */
export function defineGame<
  I extends Fields,
  E extends EntityDefs,
  M extends MessageDefs = Record<never, never>,
  A extends keyof E & string = keyof E & string,
>(definition: GameDefinition<I, E, M, A>): Game<{ input: I; entities: E; messages: M; avatar: A }> {
  const { name, tickRate } = definition;
  if (typeof name !== "string" || name.length < 1 || name.length > 64) {
    refuse("name", "a game's name has 1 to 64 characters");
  }
  checkTickRate(name, tickRate);
  const input = checkedRecord("input", definition.input, false, MAX_INPUT_BYTES);
  const steps = (definition.step ?? {}) as Record<string, StepFunction>;
  const kinds = compileKinds(definition.entities, steps, tickRate);
  const messages = compileMessages(definition.messages ?? {});
  const kindByName = new Map(kinds.map((kind) => [kind.name, kind]));
  if (definition.avatar !== undefined && !kindByName.has(definition.avatar)) {
    refuse("avatar", `there is no kind "${definition.avatar}"`);
  }
  const schema: GameSchema = {
    input,
    kinds,
    kindByName,
    messages,
    messageByName: new Map(messages.map((message) => [message.name, message])),
    avatar: definition.avatar,
  };
  const game = { name, tickRate, schema };
  return game as unknown as Game<{ input: I; entities: E; messages: M; avatar: A }>;
}

function compileKinds(
  entities: object,
  steps: Readonly<Record<string, StepFunction>>,
  tickRate: number,
): KindSchema[] {
  if (typeof entities !== "object" || entities === null) refuse("entities", "must be an object of kinds");
  const names = Object.keys(entities);
  if (names.length > 256) refuse("entities", "a game has at most 256 kinds");
  for (const name of Object.keys(steps)) {
    if (!names.includes(name)) refuse(`step.${name}`, `there is no kind "${name}"`);
  }
  return Object.entries(entities as Record<string, Fields>).map(([name, fields], index) => {
    checkKindName(name);
    const record = checkedRecord(name, fields, true, MAX_ENTITY_BYTES);
    const specs = specsOf(name, fields);
    for (const field of specs.keys()) checkFollowerSpeed(`${name}.${field}`, field, specs, tickRate);
    const shared = fieldsFor(record, "everyone");
    return { ...record, name, index, shared, own: fieldsFor(record, "owner"), step: steps[name] };
  });
}

function compileMessages(messages: object): MessageSchema[] {
  const entries = Object.entries(messages as Record<string, MessageDef>);
  if (entries.length > 256) refuse("messages", "a game has at most 256 messages");
  const channels = new ChannelNumbers();
  return entries.map(([name, message], index) => {
    checkName(name, name);
    checkMessage(name, message);
    const { from, channel: channelName = "reliable-ordered", maxMessageBytes, schema } = message;
    const record =
      message.fields === undefined
        ? { fields: [], width: 1, maxBytes: mostMessageBytes(channelName) }
        : checkedRecord(name, message.fields, false, longestRecordBytes(channelName));
    const keyField = record.fields.find((field) => field.name === message.key);
    const settings = settingsOf(message);
    return {
      ...{ ...record, name, index, from, channelName, keyField, settings, maxMessageBytes, schema },
      ownChannel: !hasOwnChannel(channelName) && hasSettings(message),
      channel: channels.next(name, channelName, hasSettings(message)),
    };
  });
}

function checkedRecord(path: string, fields: Fields, isEntity: boolean, mostBytes: number) {
  const specs = specsOf(path, fields);
  if (specs.size > MAX_FIELDS) refuse(path, `has ${specs.size} fields, and may have ${MAX_FIELDS}`);
  for (const name of specs.keys()) checkField(`${path}.${name}`, name, specs, isEntity);
  const record = recordSchema(fields);
  if (record.maxBytes > mostBytes) {
    refuse(
      path,
      `may take ${record.maxBytes} bytes when every field is at its longest; at most ${mostBytes} fit`,
    );
  }
  return record;
}

function specsOf(path: string, fields: Fields): Map<string, FieldSpec> {
  if (typeof fields !== "object" || fields === null) refuse(path, "must be an object of fields");
  return new Map(
    Object.entries(fields).map(([name, field]) => {
      // As from untyped code, where anything may stand here.
      if (typeof (field as Partial<AnyField> | null)?.spec?.type !== "string") {
        refuse(`${path}.${name}`, "is no field: make one with t, like t.uint(100)");
      }
      return [name, field.spec];
    }),
  );
}
