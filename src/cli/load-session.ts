import { makeCrowd } from "../../client/load/crowd-maker.ts";
import type { CrowdHandle } from "../../client/load/crowd-orders.ts";
import { Crowds } from "../../client/load/crowds.ts";
import type { LinkPlan } from "../../client/load/link-profiles.ts";
import { type LoadOutcome, type LoadProgress, LoadRun } from "../../client/load/load-run.ts";
import { type PlayedLink, playLink } from "../../client/load/played-link.ts";
import { mostClients, type Scenario } from "../../client/load/scenario.ts";
import { fetchServer, type ServerReading } from "../../client/load/server-reading.ts";
import { MonotonicClock } from "../runtime-adapters/monotonic-clock.ts";
import { CrowdProcess } from "./crowd-process.ts";
import type { LoadedRoom } from "./load-room.ts";
import { startLoadServer } from "./load-server.ts";

export interface LoadSessionOptions {
  /** Where the server is; without it one is started. */
  readonly url?: string;
  readonly httpUrl?: string;
  readonly keyFile?: string;
  readonly audience?: string;
  readonly plaintext: boolean;
  readonly game?: string;
  readonly scenario: Scenario;
  /** Undefined: players reach the server as they can. */
  readonly link?: LinkPlan;
  /** Of the server that is started; without it all are in one. */
  readonly playersPerRoom?: number;
  readonly processes: number;
  readonly probes: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
}

export interface LoadSessionResult {
  readonly outcome: LoadOutcome;
  readonly url: string;
}

/** Patience with a server that nobody knows to be there. */
const FIRST_CONNECT_TIMEOUT_MS = 5_000;
/** With one that is: others may be knocking too, and a server answers one address only so often. */
const CONNECT_TIMEOUT_MS = 30_000;

export type RunLoadSession = (loaded: LoadedRoom, options: LoadSessionOptions) => Promise<LoadSessionResult>;

/** Starts what a load test needs, runs it, and ends all of it. */
export const runLoadSession: RunLoadSession = async ({ room, bot }, options) => {
  const { game, keyFile, audience, plaintext, scenario, seed, signal } = options;
  const clients = mostClients(scenario);
  const own =
    options.url === undefined
      ? await startLoadServer({
          ...roomsFor(clients, options.playersPerRoom),
          seed,
          plaintext,
          isBehindLink: options.link !== undefined,
          ...(game !== undefined && { game }),
        })
      : undefined;
  const serverUrl = own?.url ?? options.url!;
  const httpUrl = own?.httpUrl ?? options.httpUrl;
  let link: PlayedLink | undefined;
  try {
    if (options.link !== undefined) link = await playLink(serverUrl, options.link, seed, clients);
    const url = link?.url ?? serverUrl;
    const keys = keyFile === undefined ? undefined : (await import("./key-file.ts")).readKeyFile(keyFile);
    const access = { plaintext, ...(audience !== undefined && { audience }) };
    const probes = await makeCrowd(room.game, bot, {
      ...{ url, kind: "probes", number: 0, seed, connectTimeoutMs: FIRST_CONNECT_TIMEOUT_MS },
      ...access,
      ...(keys !== undefined && { backendKey: keys[0] }),
    });
    const needed = Math.min(options.processes, Math.max(0, clients - options.probes));
    const players = Array.from({ length: needed }, (_, i): CrowdHandle => {
      return new CrowdProcess({
        ...{ url, number: i + 1, seed, connectTimeoutMs: CONNECT_TIMEOUT_MS },
        ...access,
        ...(keyFile !== undefined && { keyFile }),
        ...(game !== undefined && { game }),
      });
    });
    const crowds = new Crowds(asHandle(probes), players, options.probes);
    try {
      const run = new LoadRun({
        ...{ crowds, clock: new MonotonicClock(), tickRate: room.game.tickRate, signal },
        ...{ readServer: () => readServer(httpUrl), link },
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        onProgress: options.onProgress,
      });
      return { outcome: await run.run(scenario), url: serverUrl };
    } finally {
      await crowds.end();
    }
  } finally {
    await Promise.all([link?.close(), own?.end()]);
  }
};

/** Newcomers knock before those who leave have said goodbye: there is place for more, in the room or in empty ones. */
function roomsFor(clients: number, playersPerRoom: number | undefined) {
  const places = Math.ceil(clients * 1.25) + 16;
  if (playersPerRoom === undefined) return { rooms: 1, maxPlayers: places };
  return { rooms: Math.ceil(places / playersPerRoom), maxPlayers: playersPerRoom };
}

async function readServer(httpUrl: string | undefined): Promise<ServerReading | undefined> {
  return httpUrl === undefined ? undefined : fetchServer(httpUrl);
}

/** A crowd of this process, asked as one of another would be. */
function asHandle(crowd: Awaited<ReturnType<typeof makeCrowd>>): CrowdHandle {
  return {
    aimFor: (count, seconds) => crowd.aimFor(count, seconds),
    churn: (perSecond) => crowd.churn(perSecond),
    open: async () => crowd.open(),
    close: () => crowd.close(),
    sample: async () => crowd.sample(),
    end: () => crowd.end(),
  };
}
