import { describe, expect, test } from "vitest";
import {
  type CounterGroup,
  createMetrics,
  type LinkSample,
  type MetricsSource,
} from "../../src/ops/metrics.ts";
import { TickMeter } from "../../src/ops/tick-meter.ts";
import { processUsage } from "../../src/runtime-adapters/process.ts";

type CounterRow = readonly [CounterGroup, string, number];

function fakeSource(counters: readonly CounterRow[] = []) {
  const now = { players: 3, counters, links: [] as LinkSample[] };
  const source: MetricsSource = {
    game: "arena",
    runtime: "node",
    version: "0.1.0",
    rooms: () => 4,
    players: () => now.players,
    bots: () => 2,
    spectators: () => 5,
    playersDropped: () => 1,
    counters: () => now.counters,
    ticks: new TickMeter({ budgetMs: 33 }),
    links: () => now.links,
  };
  return { source, now };
}

/** The samples of a Prometheus text; a line that is no sample, HELP or TYPE fails. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const types = new Set<string>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    if (line.startsWith("# TYPE ")) types.add(line.split(" ")[2]!);
    if (line.startsWith("# ")) {
      expect(line).toMatch(/^# (HELP|TYPE) [a-z_]+ \S/);
      continue;
    }
    const match = /^([a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (\S+)$/.exec(line);
    expect(match, line).not.toBeNull();
    const family = match![1]!.replace(/_(bucket|sum|count)$/, "");
    expect(types.has(family) || types.has(match![1]!), line).toBe(true);
    samples.set(`${match![1]}${match![2] ?? ""}`, Number(match![3]));
  }
  return samples;
}

describe("metrics", () => {
  test("say what runs and who plays, as of now", async () => {
    const { source, now } = fakeSource();
    const metrics = await createMetrics(source);
    now.players = 7;
    const samples = parse(await metrics.text());
    expect(samples.get('tickwire_build_info{version="0.1.0",runtime="node",game="arena"}')).toBe(1);
    expect(samples.get("tickwire_players")).toBe(7);
    expect(samples.get("tickwire_bots")).toBe(2);
    expect(samples.get("tickwire_players_dropped")).toBe(1);
    expect(samples.get("tickwire_spectators")).toBe(5);
    expect(samples.get("tickwire_rooms")).toBe(4);
  });

  test("tell of players' links the least, the middle and the most", async () => {
    const { source, now } = fakeSource();
    const metrics = await createMetrics(source);
    expect(await metrics.text()).not.toContain("tickwire_link_rate_bytes{");
    now.links = [5, 1, 3].map((n) => ({
      rttMs: n === 5 ? undefined : n * 10,
      lossRatio: n / 10,
      queueingDelayMs: n,
      bytesPerSecond: n * 1_000,
    }));
    const samples = parse(await metrics.text());
    const of = (family: string) =>
      ["0", "0.5", "1"].map((quantile) => samples.get(`tickwire_link_${family}{quantile="${quantile}"}`));
    expect(of("rate_bytes")).toEqual([1_000, 3_000, 5_000]);
    expect(of("queueing_delay_seconds")).toEqual([0.001, 0.003, 0.005]);
    expect(of("loss_ratio")).toEqual([0.1, 0.3, 0.5]);
    expect(of("round_trip_seconds")).toEqual([0.01, 0.01, 0.03]);
  });

  test("count ticks in seconds", async () => {
    const { source } = fakeSource();
    const metrics = await createMetrics(source);
    source.ticks.record(1.5, 0.25, 0);
    source.ticks.record(40, 0.25, 0);
    const samples = parse(await metrics.text());
    expect(samples.get("tickwire_ticks_total")).toBe(2);
    expect(samples.get("tickwire_tick_overruns_total")).toBe(1);
    expect(samples.get('tickwire_tick_duration_seconds_bucket{le="0.001"}')).toBe(0);
    expect(samples.get('tickwire_tick_duration_seconds_bucket{le="0.002"}')).toBe(1);
    expect(samples.get('tickwire_tick_duration_seconds_bucket{le="0.05"}')).toBe(2);
    expect(samples.get("tickwire_tick_duration_seconds_sum")).toBeCloseTo(0.0415, 9);
    expect(samples.get("tickwire_tick_lateness_seconds_count")).toBe(2);
    expect(samples.get('tickwire_tick_duration_quantile_seconds{quantile="0.5"}')).toBeCloseTo(0.0015, 5);
    expect(samples.get('tickwire_tick_duration_quantile_seconds{quantile="1"}')).toBe(0.04);
  });

  test("give no quantile before the first tick", async () => {
    const { source } = fakeSource();
    const samples = parse(await (await createMetrics(source)).text());
    expect([...samples.keys()].filter((key) => key.includes("quantile"))).toEqual([]);
    expect(samples.get("tickwire_ticks_total")).toBe(0);
  });

  test("expose counters by group and refusals by reason, once per scrape", async () => {
    const { source, now } = fakeSource([
      ["net", "packetsUp", 10],
      ["net", "refusedReplay", 4],
      ["socket", "refused.too-short", 1],
      ["socket", "sendsDropped", 0],
      ["room", "inputs-late", 5],
      ["room", "broken", Number.NaN],
    ]);
    const metrics = await createMetrics(source);
    await metrics.text();
    now.counters = [...now.counters.slice(1), ["net", "packetsUp", 25]];
    const samples = parse(await metrics.text());
    expect(samples.get('tickwire_net_total{counter="packets_up"}')).toBe(25);
    expect(samples.get('tickwire_packets_refused_total{reason="replay"}')).toBe(4);
    expect(samples.get('tickwire_packets_refused_total{reason="too_short"}')).toBe(1);
    expect(samples.get('tickwire_socket_total{counter="sends_dropped"}')).toBe(0);
    expect(samples.get('tickwire_room_total{counter="inputs_late"}')).toBe(5);
    expect([...samples.keys()].join()).not.toContain("broken");
  });

  test("tell the process' memory and CPU time truly", async () => {
    const { source } = fakeSource();
    const metrics = await createMetrics(source, processUsage);
    const before = parse(await metrics.text());
    const startMs = performance.now();
    while (performance.now() - startMs < 200) Math.sqrt(startMs);
    const after = parse(await metrics.text());
    expect(after.get("process_resident_memory_bytes")).toBeGreaterThan(20e6);
    const cpu = (samples: Map<string, number>): number =>
      samples.get("process_cpu_user_seconds_total")! + samples.get("process_cpu_system_seconds_total")!;
    expect(cpu(after) - cpu(before)).toBeGreaterThan(0.02);
    const startSeconds = after.get("process_start_time_seconds")!;
    expect(Math.abs(Date.now() / 1_000 - processUsage().uptimeSeconds - startSeconds)).toBeLessThan(2);
  });

  test("are no one else's", async () => {
    const first = fakeSource();
    const second = fakeSource();
    const metrics = [await createMetrics(first.source), await createMetrics(second.source)];
    second.now.players = 9;
    const texts = await Promise.all(metrics.map((each) => each.text()));
    expect(texts.map((text) => parse(text).get("tickwire_players"))).toEqual([3, 9]);
  });
});
