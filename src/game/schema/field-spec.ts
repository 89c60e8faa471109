/** Who may ever see a field. Decides what its type is on the client. */
export type Audience = "everyone" | "team" | "owner" | "server";
/** From the many to the few: each sees what those before it see, and "server" is nobody outside. */
export const AUDIENCES: readonly Audience[] = ["everyone", "team", "owner", "server"];

export type FieldType =
  | "bool"
  | "uint"
  | "int"
  | "fixed"
  | "angle"
  | "vec2"
  | "text"
  | "bytes"
  | "id"
  | "oneOf"
  | "optional"
  | "list";

/** A declared field as plain data, its keys in the order of the definition's JSON. */
export interface FieldSpec {
  readonly type: FieldType;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly bits?: number;
  readonly maxBytes?: number;
  readonly choices?: readonly string[];
  readonly inner?: FieldSpec;
  readonly default?: unknown;
  readonly visibleTo?: Audience;
  readonly follows?: string;
}
