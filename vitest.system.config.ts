import { defineConfig } from "vitest/config";
import ordinary from "./vitest.config.ts";

/** Tests that talk to packages of the distribution. They run from Node, which starts the other runtimes. */
export default defineConfig({
  ...ordinary,
  test: {
    ...ordinary.test,
    include: ["test/system/**/*.test.ts"],
    exclude: [],
    // One file after the other: a flood takes the machine from whatever else is measured. Within a file what is
    // concurrent mostly waits.
    fileParallelism: false,
    maxConcurrency: 20,
  },
});
