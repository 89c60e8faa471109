import { hex, unhex } from "./hex.ts";

/** A value for JSON: bytes as `{ "hex": … }`, what is not there as null. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: hex(value) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([name, each]) => [name, plain(each)]),
  );
}

/** The same back. */
export function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === "hex") return unhex(entries[0]![1] as string);
  return Object.fromEntries(entries.map(([name, each]) => [name, revived(each)]));
}
