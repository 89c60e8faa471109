/** What a server tells of itself on `/metrics`, as of one moment. Counters are since its start. */
export interface ServerReading {
  readonly runtime: string | undefined;
  readonly version: string | undefined;
  readonly players: number;
  readonly ticks: number;
  readonly overruns: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** The longest tick since the start, ms. */
  readonly longestTickMs: number;
  readonly tickBuckets: readonly Bucket[];
  readonly latenessBuckets: readonly Bucket[];
  /** What ticks were spent on. */
  readonly phaseSeconds: PhaseSeconds;
  /** Packets to players, and of these those given up as lost. */
  readonly packetsDown: number;
  readonly lostDown: number;
  readonly bytesDown: number;
  /** Inputs that came in time for their tick. */
  readonly inputsTaken: number;
}

export interface PhaseSeconds {
  readonly step: number;
  readonly capture: number;
  readonly send: number;
}

/** So many were at most so long. */
export interface Bucket {
  readonly toMs: number;
  readonly count: number;
}

/** Reads Prometheus text; undefined if it is no such server's. */
export function readServer(text: string): ServerReading | undefined {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const space = line.lastIndexOf(" ");
    values.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  const value = (name: string): number => values.get(name) ?? 0;
  const phase = (name: string): number => value(`tickwire_tick_phase_seconds_total{phase="${name}"}`);
  if (!values.has("tickwire_ticks_total")) return undefined;
  const build = [...values.keys()].find((key) => key.startsWith("tickwire_build_info{")) ?? "";
  return {
    runtime: /runtime="(\w+)"/.exec(build)?.[1],
    version: /version="([^"]+)"/.exec(build)?.[1],
    players: value("tickwire_players"),
    ticks: value("tickwire_ticks_total"),
    overruns: value("tickwire_tick_overruns_total"),
    cpuSeconds: value("process_cpu_user_seconds_total") + value("process_cpu_system_seconds_total"),
    residentBytes: value("process_resident_memory_bytes"),
    longestTickMs: value('tickwire_tick_duration_quantile_seconds{quantile="1"}') * 1000,
    tickBuckets: bucketsOf(values, "tickwire_tick_duration_seconds_bucket"),
    latenessBuckets: bucketsOf(values, "tickwire_tick_lateness_seconds_bucket"),
    phaseSeconds: { step: phase("step"), capture: phase("capture"), send: phase("send") },
    packetsDown: value('tickwire_net_total{counter="datagrams_sent"}'),
    lostDown: value('tickwire_net_total{counter="packets_lost"}'),
    bytesDown: value('tickwire_net_total{counter="bytes_sent"}'),
    inputsTaken: value('tickwire_room_total{counter="inputs_buffered"}'),
  };
}

function bucketsOf(values: ReadonlyMap<string, number>, name: string): Bucket[] {
  const buckets: Bucket[] = [];
  for (const [key, count] of values) {
    const le = key.startsWith(`${name}{`) ? /le="([^"]+)"/.exec(key)?.[1] : undefined;
    if (le !== undefined) buckets.push({ toMs: le === "+Inf" ? Infinity : Number(le) * 1000, count });
  }
  return buckets.sort((a, b) => a.toMs - b.toMs);
}

/** How long the ticks between two readings took, milliseconds. */
export interface TickTimes {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly overruns: number;
}

/**
 * Between two readings. Percentiles are read off the buckets, evenly within each; the longest is exact if it is the
 * longest since the start, else the upper end of its bucket.
 */
export function tickTimesBetween(before: ServerReading, after: ServerReading): TickTimes {
  const buckets = differences(before.tickBuckets, after.tickBuckets);
  const isRecord = after.longestTickMs > before.longestTickMs;
  const max = isRecord ? after.longestTickMs : Math.min(highest(buckets), after.longestTickMs);
  return {
    p50: Math.min(quantile(buckets, 0.5), max),
    p99: Math.min(quantile(buckets, 0.99), max),
    max,
    overruns: after.overruns - before.overruns,
  };
}

/** What the ticks between two readings were spent on, on average; milliseconds. */
export interface MeanPhases {
  readonly stepMs: number;
  readonly captureMs: number;
  readonly sendMs: number;
}

export function phasesBetween(before: ServerReading, after: ServerReading): MeanPhases {
  const ticks = Math.max(1, after.ticks - before.ticks);
  const mean = (phase: keyof PhaseSeconds): number =>
    ((after.phaseSeconds[phase] - before.phaseSeconds[phase]) * 1000) / ticks;
  return { stepMs: mean("step"), captureMs: mean("capture"), sendMs: mean("send") };
}

/** How late ticks began between two readings: all but one of a hundred, ms. */
export function latenessBetween(before: ServerReading, after: ServerReading): number {
  const buckets = differences(before.latenessBuckets, after.latenessBuckets);
  // Beyond the last bucket nobody knows how much.
  return Math.min(quantile(buckets, 0.99), buckets.at(-2)?.toMs ?? 0);
}

function differences(before: readonly Bucket[], after: readonly Bucket[]): Bucket[] {
  return after.map(({ toMs, count }, i) => ({ toMs, count: count - (before[i]?.count ?? 0) }));
}

function quantile(buckets: readonly Bucket[], share: number): number {
  const wanted = (buckets.at(-1)?.count ?? 0) * share;
  if (wanted === 0) return 0;
  let fromMs = 0;
  let below = 0;
  for (const { toMs, count } of buckets) {
    if (count >= wanted) {
      if (toMs === Infinity) return Infinity;
      return fromMs + ((toMs - fromMs) * (wanted - below)) / (count - below);
    }
    fromMs = toMs;
    below = count;
  }
  return fromMs;
}

/** The upper end of the highest bucket that holds anything. */
function highest(buckets: readonly Bucket[]): number {
  const all = buckets.at(-1)?.count ?? 0;
  if (all === 0) return 0;
  return buckets.find(({ count }) => count === all)!.toMs;
}

const ASK_TIMEOUT_MS = 2_000;

/** Undefined when there is no such door, or none that answers. */
export async function fetchServer(httpUrl: string): Promise<ServerReading | undefined> {
  try {
    const response = await fetch(new URL("/metrics", httpUrl), {
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    return response.ok ? readServer(await response.text()) : undefined;
  } catch {
    return undefined;
  }
}
