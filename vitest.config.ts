import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    // The package's own `exports`, as users import them: Vite does not resolve a package's import of itself.
    alias: [
      { find: /^tickwire$/, replacement: at("./src/mod.ts") },
      { find: /^tickwire\/server$/, replacement: at("./src/server-door.ts") },
      { find: /^tickwire\/client$/, replacement: at("./client/mod.ts") },
      { find: /^tickwire\/testing$/, replacement: at("./src/testing-door.ts") },
      { find: /^tickwire\/token$/, replacement: at("./src/token-door.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // What needs more than npm brings: `npm run test:system`.
    exclude: [...configDefaults.exclude, "test/system/**"],
    // Bun lacks what vitest's forks need; Deno lacks what its threads need.
    pool: "Bun" in globalThis ? "threads" : "forks",
    setupFiles: ["test/cli/end-what-is-left.ts"],
    // It only ends what hangs: a shared machine may be slow for a while.
    testTimeout: 60_000,
    // Many tests wait for programs they started: on two cores the default would be one at a time.
    maxWorkers: Math.max(2, cpus().length - 1),
  },
});
