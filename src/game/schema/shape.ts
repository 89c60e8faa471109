import type { EntityId, Field, Fields, PlayerId, Value, Values, Vec2 } from "./field.ts";
import type { SchemaInput, SchemaOutput, StandardSchema } from "./standard-schema.ts";

/** How a message travels. */
export type Channel =
  /** Arrives at most once. */
  | "unreliable"
  /** Arrives at most once, and never after a newer one of its name. */
  | "unreliable-sequenced"
  /** Arrives once, in the order sent: one order for all such messages of a game that have no settings of their own. */
  | "reliable-ordered"
  /** Arrives once; a lost one holds up no other. */
  | "reliable-unordered"
  /** Of each key the newest value arrives; an older one that has not arrived yet is dropped. */
  | "reliable-latest"
  /** Arrives once, in order, however large, with what all else leaves over. */
  | "bulk";

/** How one end sends a message. Each of them gives the message a channel, and so an order, of its own. */
export interface SendSettings {
  /** 0 … 7: what has less waits for what has more. Without it 3. Bulk comes after all else. */
  readonly priority?: number;
  /** 1 … 100: its share among messages of the same priority. Without it 1. */
  readonly weight?: number;
  /** What it may use on average, heads and resends included; at least 100. Without it no limit, but that of the path. */
  readonly bytesPerSecond?: number;
  /** What may wait or be under way, for each player; past it `send` answers "queue-full". */
  readonly maxQueuedBytes?: number;
  readonly maxQueuedMessages?: number;
}

interface AnyMessageDef extends SendSettings {
  readonly from: "client" | "server" | "both";
  /** A longer one is answered with "too-large", and refused by the other end. It gives the message its own channel. */
  readonly maxMessageBytes?: number;
}

/** A message of fields, which travel as entities' do. */
export interface FieldsMessageDef extends AnyMessageDef {
  /** Without it: "reliable-ordered". */
  readonly channel?: Channel;
  /** Of reliable-latest: the field (bool, uint, int or oneOf of at most 256 values) that says which value is replaced. */
  readonly key?: string;
  readonly fields: Fields;
  readonly schema?: never;
}

/** A message of any value for JSON that its schema takes; both ends ask the schema. */
export interface SchemaMessageDef extends AnyMessageDef {
  /** Without it: "reliable-ordered". */
  readonly channel?: Exclude<Channel, "unreliable" | "unreliable-sequenced">;
  readonly key?: never;
  readonly fields?: never;
  /** Of Zod, Valibot, ArkType or any other library of https://standardschema.dev; it must answer at once. */
  readonly schema: StandardSchema;
}

export type MessageDef = FieldsMessageDef | SchemaMessageDef;

/** Names a kind may not have, because `world.<kind>` would hide them. */
export type ReservedKind =
  | "tick"
  | "dt"
  | "random"
  | "math"
  | "players"
  | "near"
  | "spawn"
  | "despawn"
  | "get"
  | "broadcast"
  | "rewind"
  | "state";

export type EntityDefs = {
  readonly [kind: string]: Fields & { readonly id?: never; readonly kind?: never; readonly owner?: never };
} & { readonly [K in ReservedKind]?: `world.${K} exists already: choose another name` };
export type MessageDefs = { readonly [name: string]: MessageDef };

/** What the types of one game are made of. */
export interface Shape {
  readonly input: Fields;
  readonly entities: { readonly [kind: string]: Fields };
  readonly messages: MessageDefs;
  readonly avatar: string;
}

export type Kind<S extends Shape> = keyof S["entities"] & string;
export type Avatar<S extends Shape> = S["avatar"] & Kind<S>;
type Frozen<T> = T extends Vec2 ? Readonly<Vec2> : T;

/** What every entity has. */
interface BuiltIn<K> {
  readonly id: EntityId;
  readonly kind: K;
  readonly owner: PlayerId | undefined;
}

/** An entity on the server: write to its fields. */
export type Entity<S extends Shape, K extends Kind<S>> =
  K extends Kind<S> ? BuiltIn<K> & Values<S["entities"][K]> : never;

/** An entity inside `step`: without the fields only the server knows, so that both sides compute the same. */
export type Mover<S extends Shape, K extends Kind<S>> =
  K extends Kind<S>
    ? BuiltIn<K> & {
        -readonly [F in keyof S["entities"][K] as S["entities"][K][F] extends Field<unknown, "server">
          ? never
          : F]: Value<S["entities"][K][F]>;
      }
    : never;

type Seen<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Field<unknown, "server"> ? never : K]: F[K] extends Field<
    unknown,
    "owner" | "team"
  >
    ? Frozen<Value<F[K]>> | undefined
    : Frozen<Value<F[K]>>;
};

/** An entity as a client sees it: read only; fields for other eyes are undefined. */
export type SeenEntity<S extends Shape, K extends Kind<S>> =
  K extends Kind<S> ? BuiltIn<K> & Seen<S["entities"][K]> : never;

/** A message as it is received. */
export type Payload<D extends MessageDef> = D extends { readonly schema: infer V extends StandardSchema }
  ? SchemaOutput<V>
  : D extends { readonly fields: infer F extends Fields }
    ? Values<F>
    : never;
/** A message as it is sent: what a schema makes of it, the other end gets. */
export type SentPayload<D extends MessageDef> = D extends { readonly schema: infer V extends StandardSchema }
  ? SchemaInput<V>
  : Payload<D>;
export type InputValues<S extends Shape> = Values<S["input"]>;

export type FromClient<S extends Shape> = {
  [K in keyof S["messages"]]: S["messages"][K]["from"] extends "server" ? never : K;
}[keyof S["messages"]] &
  string;
export type FromServer<S extends Shape> = {
  [K in keyof S["messages"]]: S["messages"][K]["from"] extends "client" ? never : K;
}[keyof S["messages"]] &
  string;

/** What became of a message: it is never silently stalled. "invalid": its schema refuses it. */
export type SendResult = "queued" | "too-large" | "queue-full" | "invalid";
