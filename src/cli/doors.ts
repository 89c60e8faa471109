import type { Log } from "../ops/log.ts";

// Stand-ins until the doors exist: these types then come from `src/mod.ts`, `src/server-door.ts` and
// `client/bot-runner.ts`, and the two loaders at the end become literal imports.

export interface Game {
  readonly name: string;
  readonly tickRate: number;
  readonly schema: { readonly avatar: string | undefined };
}

export interface RoomRules {
  readonly game: Game;
  readonly hooks: object;
}

export interface Bot {
  readonly game: Game;
  readonly think: (...args: never[]) => unknown;
}

export interface ServerStats {
  readonly players: number;
  readonly bots: number;
  readonly tick: {
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
    readonly overruns: number;
    readonly ticks: number;
  };
  readonly recentTickP99Ms: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export interface Server {
  readonly url: string;
  readonly httpUrl: string | undefined;
  readonly stats: ServerStats;
  close(reason?: string): Promise<void>;
  readonly closed: Promise<void>;
}

export interface ServeOptions {
  host?: string;
  port?: number;
  maxPlayers?: number;
  seed?: number;
  bots?: number;
  bot?: Bot;
  http?: false | { host?: string; port?: number };
  dumpState?: string;
  drainSeconds?: number;
  log?: Log;
}

export type Serve = (room: RoomRules, options?: ServeOptions) => Promise<Server>;

export interface BotsOptions {
  url: string;
  httpUrl?: string;
  count: number;
  seconds?: number;
  seed: number;
  signal?: AbortSignal;
  log?: Log;
}

export interface BotsReport {
  connected: number;
  failed: number;
  disconnected: number;
  snapshotsPerSecondPerBot: number;
  server: { tickMs: { p50: number; p99: number; max: number } } | undefined;
  errors: Record<string, number>;
}

export type RunBots = (game: Game, bot: Bot | undefined, options: BotsOptions) => Promise<BotsReport>;

export async function loadServe(): Promise<Serve> {
  return (await loadDoor<{ serve: Serve }>("../server-door.ts")).serve;
}

export async function loadRunBots(): Promise<RunBots> {
  return (await loadDoor<{ runBots: RunBots }>("../../client/bot-runner.ts")).runBots;
}

async function loadDoor<T>(file: string): Promise<T> {
  return (await import(new URL(file, import.meta.url).href)) as T;
}
