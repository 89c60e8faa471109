import {
  type Client,
  defineGame,
  defineRoom,
  type MessageOf,
  type SentMessageOf,
  type StandardSchema,
  t,
} from "tickwire";

/*
 * What the types must infer of messages with a schema, and what they must refuse. `tsc` is the judge (an unused
 * @ts-expect-error fails it); functions that are never called hold what needs no run.
 */
type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Equal<A, B>): void {}

interface Sent {
  text: string;
  at?: string;
}
interface Received {
  text: string;
  at: Date;
}
declare const orderSchema: StandardSchema<Sent, Received>;
/** As libraries type theirs: more than is asked for, and `types` of which only types are there. */
declare const libraryNote: {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "library";
    readonly validate: (
      value: unknown,
      options?: { readonly libraryOptions?: object },
    ) => { readonly value: string } | Promise<{ readonly issues: readonly { readonly message: string }[] }>;
    readonly types?: { readonly input: string | number; readonly output: string } | undefined;
    readonly jsonSchema: object;
  };
  parse(value: unknown): string;
};
/** ArkType's are functions. */
declare const callableTable: ((value: unknown) => unknown) & StandardSchema<number[]>;

function schemaMessages() {
  return defineGame({
    name: "shop",
    tickRate: 30,
    input: {},
    entities: {},
    messages: {
      order: { from: "client", schema: orderSchema },
      note: { from: "both", channel: "bulk", maxMessageBytes: 9_000, schema: libraryNote },
      table: { from: "server", channel: "reliable-latest", schema: callableTable },
      plain: { from: "both", fields: { n: t.uint(3) } },
    },
  });
}
type Shop = ReturnType<typeof schemaMessages>;

export function rightUses(me: Client<Shop["~shape"]>): void {
  same<MessageOf<Shop, "order">, Received>(true);
  same<SentMessageOf<Shop, "order">, Sent>(true);
  same<MessageOf<Shop, "note">, string>(true);
  same<SentMessageOf<Shop, "note">, string | number>(true);
  same<MessageOf<Shop, "table">, number[]>(true);
  same<SentMessageOf<Shop, "plain">, { n: number }>(true);
  same<MessageOf<Shop, "plain">, { n: number }>(true);
  me.send("order", { text: "tea" });
  me.send("note", 5);
  me.on("note", (note) => note.toUpperCase());
  me.on("table", (table) => table.map((n) => n + 1));
  defineRoom(schemaMessages(), {
    onMessage: {
      order(world, player, { text, at }) {
        player.send("note", `${text} at ${at.getTime()}`);
        world.broadcast("table", [1, 2]);
      },
      note: (_world, _player, note) => void note.toUpperCase(),
    },
  });
}

export function wrongUses(me: Client<Shop["~shape"]>): void {
  // @ts-expect-error a Date is what the other end gets
  me.send("order", { text: "tea", at: new Date() });
  // @ts-expect-error the text is missing
  me.send("order", {});
  // @ts-expect-error fields are no payload of a schema
  me.send("note", { n: 1 });
  // @ts-expect-error only the server sends it
  me.send("table", [1]);
  // @ts-expect-error what is received is a text
  me.on("note", (note: number) => note);
  defineRoom(schemaMessages(), {
    onMessage: {
      order(world, player, message) {
        // @ts-expect-error what is received is a Date
        message.at.toUpperCase();
        // @ts-expect-error numbers only
        world.broadcast("table", ["1"]);
        // @ts-expect-error a client's message
        player.send("order", { text: "tea" });
      },
    },
  });
}

export function wrongDefinitions(): void {
  const base = { name: "a", tickRate: 30, input: {}, entities: {} };
  defineGame({
    ...base,
    messages: {
      // @ts-expect-error fields or a schema
      both: { from: "both", fields: {}, schema: orderSchema },
    },
  });
  defineGame({
    ...base,
    messages: {
      // @ts-expect-error fields or a schema
      none: { from: "both" },
    },
  });
  defineGame({
    ...base,
    messages: {
      // @ts-expect-error no schema for what may be lost
      lossy: { from: "both", channel: "unreliable", schema: orderSchema },
    },
  });
  defineGame({
    ...base,
    messages: {
      // @ts-expect-error no schema for what may be lost
      lossy: { from: "both", channel: "unreliable-sequenced", schema: orderSchema },
    },
  });
  defineGame({
    ...base,
    messages: {
      // @ts-expect-error a key is a field
      keyed: { from: "both", channel: "reliable-latest", key: "text", schema: orderSchema },
    },
  });
  defineGame({
    ...base,
    messages: {
      // @ts-expect-error no Standard Schema
      parser: { from: "both", schema: { parse: (value: unknown) => value } },
    },
  });
}
