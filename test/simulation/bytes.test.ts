import { expect, test } from "vitest";
import { MOST_BYTES } from "../../bench/bytes/bytes-bench.ts";
import { runBytes } from "../../bench/bytes/bytes-scenario.ts";

test.each(Object.entries(MOST_BYTES))(
  "with %i ms more of round trip, an entity costs at most %i bytes per update",
  (addedRttMs, most) => {
    const result = runBytes({ addedRttMs: Number(addedRttMs), seed: 7, warmUpS: 4, measuredS: 3 });
    expect(result.mostPerEntity).toBeLessThanOrEqual(most);
    // All of it was told, and is true.
    expect(result.toldShare).toBeGreaterThan(0.98);
    expect(result.looks).toBeGreaterThan(80_000);
    expect(result.wrongLooks).toBe(0);
  },
);
