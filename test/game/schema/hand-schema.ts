import type { SchemaResult, StandardSchema } from "../../../src/game/schema/standard-schema.ts";

/** A Standard Schema made by hand, as libraries make them. */
export function handSchema<Input, Output = Input>(
  validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>,
): StandardSchema<Input, Output> {
  return { "~standard": { version: 1, vendor: "hand", validate } };
}

/** `{ text }` of at most 10 characters, which it trims; `at`, an ISO time, becomes a Date. */
export const chatSchema = handSchema<
  { readonly text: string; readonly at?: string | Date },
  { readonly text: string; readonly at: Date | undefined }
>((value) => {
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string") {
    return { issues: [{ message: "must be a text", path: ["text"] }] };
  }
  const text = value.text.trim();
  if (text.length > 10) return { issues: [{ message: "is too long", path: [{ key: "text" }, 3] }] };
  if (!("at" in value)) return { value: { text, at: undefined } };
  if (typeof value.at !== "string") return { issues: [{ message: "must be a time", path: ["at"] }] };
  return { value: { text, at: new Date(value.at) } };
});
