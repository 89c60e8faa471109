import { defineGame } from "../../src/game/schema/define-game.ts";
import { t } from "../../src/game/schema/field-types.ts";
import type { StandardSchema } from "../../src/game/schema/standard-schema.ts";

/** A Standard Schema by hand: lawful is what `isLawful` says. */
function schemaOf<T>(vendor: string, isLawful: (value: unknown) => boolean): StandardSchema<T> {
  return {
    "~standard": {
      version: 1,
      vendor,
      validate: (value) =>
        isLawful(value) ? { value: value as T } : { issues: [{ message: "is not lawful" }] },
    },
  };
}

interface Order {
  readonly items: readonly { readonly name: string; readonly count: number }[];
  readonly note: string | null;
}

/** A game whose messages have schemas: of an object, a text, anything, and a list. */
export const schemaGame = defineGame({
  name: "schemas",
  tickRate: 20,
  input: {},
  entities: {},
  messages: {
    order: {
      from: "client",
      schema: schemaOf<Order>("by hand", (value) => Array.isArray((value as Partial<Order> | null)?.items)),
    },
    note: {
      ...{ from: "both", channel: "reliable-unordered", maxMessageBytes: 300 },
      schema: schemaOf<string>("größe", (value) => typeof value === "string"),
    },
    any: { from: "both", channel: "bulk", schema: schemaOf<unknown>("by hand", () => true) },
    table: {
      ...{ from: "server", channel: "reliable-latest" },
      schema: schemaOf<readonly number[]>("by hand", Array.isArray),
    },
    plain: { from: "both", fields: { isOn: t.bool() } },
  },
});
