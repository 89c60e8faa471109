import type { Gauge } from "prom-client";
import type { TickMeter } from "./tick-meter.ts";

export type CounterGroup = "net" | "room" | "values" | "socket";

/** Where the numbers come from. They are read when someone asks, so an unscraped server pays nothing. */
export interface MetricsSource {
  readonly game: string;
  readonly runtime: string;
  readonly version: string;
  rooms(): number;
  players(): number;
  bots(): number;
  /** Who looks on. */
  spectators(): number;
  /** Of the players, those whose connection has fallen silent. */
  playersDropped(): number;
  /** Counters since the start. Names come from our source, never from a peer. */
  counters(): Iterable<readonly [group: CounterGroup, name: string, value: number]>;
  readonly ticks: TickMeter;
  /** How it stands with the way to each player. */
  links(): Iterable<LinkSample>;
}

export interface LinkSample {
  readonly rttMs: number | undefined;
  readonly lossRatio: number;
  readonly queueingDelayMs: number;
  readonly bytesPerSecond: number;
}

/** What the process has used; the runtime adapters know. */
export interface UsageSource {
  readonly residentBytes: number;
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
  readonly uptimeSeconds: number;
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** So fine that percentiles between two readings are right within a fifth. */
const tickBucketsSeconds = [
  ...[0.00025, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.012, 0.014],
  ...[0.0167, 0.02, 0.025, 0.03, 0.0333, 0.04, 0.05, 0.0667, 0.1, 0.2, 0.5],
];
const groups: readonly CounterGroup[] = ["net", "room", "values", "socket"];

/** Prometheus text of a server. Nothing global: two servers in one process have two of them. */
export async function createMetrics(source: MetricsSource, usage?: () => UsageSource): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];

  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        setFinite(this, read());
      },
    });
  };
  /** A counter whose total is kept elsewhere. */
  const total = (
    name: string,
    help: string,
    read: () => Iterable<readonly [string, number]>,
    label?: string,
  ) => {
    new Counter({
      name,
      help,
      registers,
      ...(label !== undefined && { labelNames: [label] }),
      collect() {
        this.reset();
        for (const [labelValue, value] of read()) {
          if (!Number.isFinite(value) || value < 0) continue;
          if (label === undefined) this.inc(value);
          else this.inc({ [label]: labelValue }, value);
        }
      },
    });
  };
  const one = (read: () => number) => () => [["", read()] as const];

  new Gauge({
    name: "tickwire_build_info",
    help: "Always 1; what runs is in the labels.",
    labelNames: ["version", "runtime", "game"],
    registers,
  }).set({ version: source.version, runtime: source.runtime, game: source.game }, 1);
  gauge("tickwire_rooms", "Rooms that this server runs.", () => source.rooms());
  gauge("tickwire_players", "Players in rooms, bots included.", () => source.players());
  gauge("tickwire_spectators", "Who looks on in rooms; no players.", () => source.spectators());
  gauge("tickwire_players_dropped", "Of the players, those whose connection has fallen silent.", () =>
    source.playersDropped(),
  );
  gauge("tickwire_bots", "Bots that this process plays.", () => source.bots());

  const { ticks } = source;
  total(
    "tickwire_ticks_total",
    "Ticks simulated.",
    one(() => ticks.summary().ticks),
  );
  total(
    "tickwire_tick_overruns_total",
    "Ticks that took longer than a tick may.",
    one(() => ticks.summary().overruns),
  );
  const duration = new Histogram({
    name: "tickwire_tick_duration_seconds",
    help: "How long ticks took.",
    buckets: tickBucketsSeconds,
    registers,
  });
  const lateness = new Histogram({
    name: "tickwire_tick_lateness_seconds",
    help: "How long after their due time ticks began.",
    buckets: tickBucketsSeconds,
    registers,
  });
  ticks.listen((durationMs, latenessMs) => {
    if (Number.isFinite(durationMs)) duration.observe(durationMs / 1_000);
    if (Number.isFinite(latenessMs)) lateness.observe(Math.max(0, latenessMs) / 1_000);
  });
  total(
    "tickwire_tick_phase_seconds_total",
    "What ticks were spent on: the game's own code, capturing what it did, telling the players.",
    () => [
      ["step", ticks.parts.stepMs / 1_000],
      ["capture", ticks.parts.captureMs / 1_000],
      ["send", ticks.parts.sendMs / 1_000],
    ],
    "phase",
  );
  new Gauge({
    name: "tickwire_tick_duration_quantile_seconds",
    help: "Quantiles of how long ticks took since the start; 1 is the longest.",
    labelNames: ["quantile"],
    registers,
    collect() {
      const { p50, p99, max, ticks: count } = ticks.summary();
      this.reset();
      if (count === 0) return;
      this.set({ quantile: "0.5" }, p50 / 1_000);
      this.set({ quantile: "0.99" }, p99 / 1_000);
      this.set({ quantile: "1" }, max / 1_000);
    },
  });

  addLinks((name, help, read) => {
    new Gauge({
      name,
      help: `${help} Over all players: 0 is the least, 1 the most.`,
      labelNames: ["quantile"],
      registers,
      collect() {
        const values = Array.from(source.links(), read).filter(Number.isFinite);
        values.sort((a, b) => a - b);
        this.reset();
        if (values.length === 0) return;
        for (const quantile of [0, 0.5, 1]) {
          this.set({ quantile }, values[Math.floor(quantile * (values.length - 1))]!);
        }
      },
    });
  });

  for (const group of groups) {
    const help = `Counters of the ${group} since the start.`;
    total(`tickwire_${group}_total`, help, () => countersOf(source, group), "counter");
  }
  total("tickwire_packets_refused_total", "Packets refused, by reason.", () => refusalsOf(source), "reason");
  if (usage !== undefined) addUsage(usage, gauge, (name, help, read) => total(name, help, one(read)));

  return { contentType: registry.contentType, text: () => registry.metrics() };
}

// By player there would be as many series as there ever were players.
function addLinks(gauge: (name: string, help: string, read: (link: LinkSample) => number) => void): void {
  gauge(
    "tickwire_link_round_trip_seconds",
    "Smoothed round trip.",
    ({ rttMs }) => (rttMs ?? Number.NaN) / 1_000,
  );
  gauge(
    "tickwire_link_queueing_delay_seconds",
    "How long packets to a player wait on their way.",
    (link) => link.queueingDelayMs / 1_000,
  );
  gauge("tickwire_link_loss_ratio", "Share of packets to a player that get lost.", (link) => link.lossRatio);
  gauge(
    "tickwire_link_rate_bytes",
    "What a player may be sent in a second, headers included.",
    (link) => link.bytesPerSecond,
  );
}

// Not prom-client's own defaults: their event loop lag is invented on Deno, garbage collection is silent on Bun
// and Deno, and their observers outlive the server. These four were compared with /proc on all three.
function addUsage(
  usage: () => UsageSource,
  gauge: (name: string, help: string, read: () => number) => void,
  total: (name: string, help: string, read: () => number) => void,
): void {
  const startSeconds = Date.now() / 1_000 - usage().uptimeSeconds;
  gauge("process_resident_memory_bytes", "Resident memory size in bytes.", () => usage().residentBytes);
  gauge("process_start_time_seconds", "Start time of the process since 1970.", () => startSeconds);
  total("process_cpu_user_seconds_total", "CPU time spent in the program.", () => usage().cpuUserSeconds);
  total("process_cpu_system_seconds_total", "CPU time spent in the kernel.", () => usage().cpuSystemSeconds);
}

const refused = /^refused[._-]?/;

function* countersOf(source: MetricsSource, wanted: CounterGroup): Iterable<readonly [string, number]> {
  for (const [group, name, value] of source.counters())
    if (group === wanted && !refused.test(name)) yield [snakeCase(name), value];
}

function* refusalsOf(source: MetricsSource): Iterable<readonly [string, number]> {
  for (const [, name, value] of source.counters())
    if (refused.test(name)) yield [snakeCase(name.replace(refused, "")) || "unspecified", value];
}

/** `packetsUp`, `packets-up` and `packets up` are one label value. */
function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .toLowerCase();
}

function setFinite(gauge: Gauge, value: number): void {
  if (Number.isFinite(value)) gauge.set(value);
}
