export type RuntimeName = "node" | "bun" | "deno";

/** Which runtime this is. `process.version` would say Node on all three. */
export function runtimeName(): RuntimeName {
  if ("Bun" in globalThis) return "bun";
  return "Deno" in globalThis ? "deno" : "node";
}
