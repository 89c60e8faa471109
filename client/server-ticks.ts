/** How long the server's ticks take, milliseconds. */
export interface ServerTicks {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const ASK_TIMEOUT_MS = 2_000;
const QUANTILES = { p50: "0.5", p99: "0.99", max: "1" } as const;

/** Reads the tick times off a server's `/metrics`; undefined when it has none or cannot be reached. */
export async function fetchServerTicks(httpUrl: string): Promise<ServerTicks | undefined> {
  try {
    const response = await fetch(new URL("/metrics", httpUrl), {
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    return response.ok ? readServerTicks(await response.text()) : undefined;
  } catch {
    return undefined;
  }
}

/** From Prometheus text. */
export function readServerTicks(text: string): ServerTicks | undefined {
  const read = (quantile: string): number => {
    const line = text
      .split("\n")
      .find((candidate) =>
        candidate.startsWith(`tickwire_tick_duration_quantile_seconds{quantile="${quantile}"}`),
      );
    return line === undefined ? Number.NaN : Number(line.slice(line.lastIndexOf(" ") + 1)) * 1000;
  };
  const ticks = { p50: read(QUANTILES.p50), p99: read(QUANTILES.p99), max: read(QUANTILES.max) };
  return Object.values(ticks).every(Number.isFinite) ? ticks : undefined;
}
