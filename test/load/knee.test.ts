import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Crowds } from "../../client/load/crowds.ts";
import { searchKnee } from "../../client/load/knee-search.ts";
import { type LoadOutcome, LoadRun } from "../../client/load/load-run.ts";
import type { KneeSearch } from "../../client/load/scenario.ts";
import { ModelCrowd, ModelServer } from "./model-crowd.ts";

const TICK_RATE = 30;
/** Of a tick's time, ticks may take so much. */
const MAX_TICK_MS = 25;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Searches the knee of a server that costs so much per player, in time that passes at once. */
async function seek(
  cost: { fixedMs: number; playerMs: number },
  seed: number,
  search: Partial<KneeSearch> = {},
  room?: number,
): Promise<LoadOutcome> {
  const server = new ModelServer(cost, seed, () => Date.now());
  let probing = 0;
  let playing = 0;
  const noteProbes = (count: number): void => {
    probing = count;
    server.players = probing + playing;
  };
  const notePlayers = (count: number): void => {
    playing = count;
    server.players = probing + playing;
  };
  const latencyMs = (): number => 20 + server.tickMs();
  const crowds = new Crowds(
    new ModelCrowd(noteProbes, latencyMs),
    [new ModelCrowd(notePlayers, latencyMs, room)],
    4,
  );
  const run = new LoadRun({
    crowds,
    clock: { nowMs: () => Date.now() },
    readServer: () => server.read(),
    link: undefined,
    tickRate: TICK_RATE,
    connectTimeoutMs: 1_000,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  const knee = { least: 10, most: 5_000, seconds: 5, warmUpSeconds: 1, ...search };
  const outcome = run.run({ name: "knee", knee });
  let isOver = false;
  void outcome.finally(() => {
    isOver = true;
  });
  while (!isOver) await vi.advanceTimersByTimeAsync(250);
  return outcome;
}

describe("the search for the knee", () => {
  // Ticks vary by a twentieth either way, so p99 is nearly that above what the cost says.
  test.each([
    [{ fixedMs: 2, playerMs: 0.05 }, 1],
    [{ fixedMs: 2, playerMs: 0.05 }, 2],
    [{ fixedMs: 5, playerMs: 0.02 }, 3],
    [{ fixedMs: 0.5, playerMs: 0.4 }, 4],
  ])("lands within a tenth of what %o makes it (seed %i)", async (cost, seed) => {
    const computed = (MAX_TICK_MS / 1.05 - cost.fixedMs) / cost.playerMs;
    const { knee, window } = await seek(cost, seed);
    expect(knee!.clients / computed).toBeGreaterThan(0.9);
    expect(knee!.clients / computed).toBeLessThan(1.1);
    expect(knee!.failing).toBeGreaterThan(knee!.clients);
    // The report is that of the knee.
    expect(window!.state.connected).toBe(knee!.clients);
    expect(knee!.trials.length).toBeLessThan(30);
  });

  test("says that all was held, or nothing", async () => {
    const all = await seek({ fixedMs: 1, playerMs: 0.001 }, 1, { most: 200 });
    expect(all.knee).toMatchObject({ clients: 200, failing: undefined });
    const none = await seek({ fixedMs: 40, playerMs: 0.001 }, 1, { most: 200 });
    expect(none.knee).toMatchObject({ clients: 0, failing: 1 });
  });

  test("takes another objective, and a full room for too many", async () => {
    const { knee } = await seek({ fixedMs: 2, playerMs: 0.05 }, 5, {
      objective: { maxInputToStateP99Ms: 32 },
    });
    // 20 ms of way, and 10 / 0.05 / 1.05 players' worth of tick.
    expect(knee!.clients / ((12 / 1.05 - 2) / 0.05)).toBeGreaterThan(0.9);
    expect(knee!.clients / ((12 / 1.05 - 2) / 0.05)).toBeLessThan(1.1);
    const full = await seek({ fixedMs: 1, playerMs: 0.001 }, 1, {}, 96);
    expect(full.knee!.clients).toBeGreaterThanOrEqual(95);
    expect(full.knee!.clients).toBeLessThanOrEqual(100);
    expect(full.knee!.trials.find(({ isMet }) => !isMet)!.why).toMatch(/^100 of \d+ play$/);
  });

  test("believes a failure only when it comes twice", async () => {
    let tries = 0;
    const knee = await searchKnee({ least: 10, most: 100, withinPercent: 5 }, async (clients) => {
      tries += 1;
      return { clients, isMet: clients < 50 && tries !== 2, why: "", isHarnessLate: false };
    });
    expect(knee.clients).toBeGreaterThanOrEqual(47);
    expect(knee.failing! - knee.clients).toBeLessThanOrEqual(2);
  });

  test("ends with what it knows when it is stopped", async () => {
    let tries = 0;
    const knee = await searchKnee({ least: 10, most: 1_000, withinPercent: 5 }, async (clients) => {
      tries += 1;
      return tries > 3 ? undefined : { clients, isMet: true, why: "", isHarnessLate: false };
    });
    expect(knee).toMatchObject({ clients: 40, failing: undefined });
  });
});
