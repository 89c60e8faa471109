import type { ValueReader } from "./option-values.ts";

/** The same both ways, or one for each. */
export type EachWay<T> = T | { readonly up: T; readonly down: T };

/** Reads `5`, or `1/5`: one from the players to the server, five from the server to them. */
export function eachWay<T>(read: ValueReader<T>): ValueReader<EachWay<T>> {
  return (text) => {
    const slash = text.indexOf("/");
    if (slash < 0) return read(text);
    return { up: read(text.slice(0, slash)), down: read(text.slice(slash + 1)) };
  };
}
