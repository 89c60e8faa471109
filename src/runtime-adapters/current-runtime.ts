export type RuntimeName = "node" | "bun" | "deno";

/** Which runtime this is. `process.version` does not tell: Bun and Deno give a Node version there. */
export function runtimeName(): RuntimeName {
  if ("Bun" in globalThis) return "bun";
  return "Deno" in globalThis ? "deno" : "node";
}

/** The runtime's own version, like `24.21.0`. */
export function runtimeVersion(): string {
  return process.versions[runtimeName()] ?? "unknown";
}
