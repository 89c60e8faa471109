import { describeSnapshot } from "../game/replication/snapshot.ts";
import type { Bot } from "../game/schema/define-bot.ts";
import type { RoomRules } from "../game/schema/define-room.ts";
import type { Shape } from "../game/schema/shape.ts";
import type { Log } from "../ops/log.ts";
import { packageVersion } from "../ops/package-version.ts";
import { runtimeName } from "../runtime-adapters/current-runtime.ts";
import { isProduction, processUsage } from "../runtime-adapters/process.ts";
import type { PlayerInfo } from "../server-door.ts";
import type { Admission } from "./admission.ts";
import { StateDump } from "./state-dump.ts";

/** Time enough for a client that has asked for a token to knock with it. */
const JOIN_TOKEN_SECONDS = 60;

export interface DedicatedServerStats {
  readonly rooms: number;
  /** Everyone in all rooms, bots too. */
  readonly players: number;
  /** Of the players, those that are bots of this process. */
  readonly bots: number;
  /** Of the last seconds. */
  readonly recentTickP99Ms: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export interface DedicatedServer {
  readonly url: string;
  readonly httpUrl: string | undefined;
  readonly seed: number;
  readonly stats: DedicatedServerStats;
  close(detail?: string): Promise<void>;
  readonly closed: Promise<void>;
}

export interface DedicatedServerOptions extends Admission {
  readonly host: string;
  readonly port: number;
  readonly rooms: number;
  readonly maxPlayers?: number;
  readonly seed?: number;
  readonly bots: number;
  readonly bot?: Bot<Shape>;
  readonly http: false | { readonly host: string; readonly port: number };
  /** Gets a line of JSON per tick. */
  readonly dumpState?: string;
  readonly drainSeconds: number;
  readonly log: Log;
}

export type ServeDedicated = (
  room: RoomRules<Shape>,
  options: DedicatedServerOptions,
) => Promise<DedicatedServer>;

/** A served room with all an operator wants beside it: health, metrics, logs, dumps. */
export const serveDedicated: ServeDedicated = async (room, options) => {
  const { log, http, join, dumpState, bot, ...rest } = options;
  const [{ serve }, { TickMeter }] = await Promise.all([
    import("../server-door.ts"),
    import("../ops/tick-meter.ts"),
  ]);
  const ticks = new TickMeter({ budgetMs: 1000 / room.game.tickRate });
  const dump = dumpState === undefined ? undefined : new StateDump(dumpState, log);
  // One room needs no name.
  const inRoom = (name: string) => (options.rooms > 1 ? { room: name } : {});
  // The HTTP door opens first, so that a taken port stops us before there are players; it says "starting" till then.
  let serving: Awaited<ReturnType<typeof serve>> | undefined;
  let isDraining = false;
  const who = ({ id, name, room }: PlayerInfo) => ({ ...inRoom(room), player: id, name });
  const door = http === false ? undefined : await openHttp(http);
  try {
    serving = await serve(room, {
      ...rest,
      ...(bot !== undefined && { bot }),
      onTick: (durationMs, latenessMs, nowMs, parts) => ticks.record(durationMs, latenessMs, nowMs, parts),
      ...(dump !== undefined && {
        onSnapshot: (snapshot, name) => dump.write({ ...inRoom(name), ...describeSnapshot(snapshot) }),
      }),
      onGameError: (error, where, name) =>
        log.error("game-error", { ...inRoom(name), where, error: errorText(error) }),
      ...(!isProduction() && {
        onValueWarning: (warning, name) =>
          log.warn("value-warning", { ...(name !== undefined && inRoom(name)), ...warning }),
      }),
      onJoined: (player) => {
        if (player.isSpectator) log.info("spectator-joined", who(player));
        else log.info("player-joined", who(player));
      },
      onDropped: (player) => {
        if (player.isSpectator) log.info("spectator-dropped", who(player));
        else log.info("player-dropped", who(player));
      },
      onResumed: (player) => {
        if (player.isSpectator) log.info("spectator-resumed", who(player));
        else log.info("player-resumed", who(player));
      },
      onLeft: (player, reason) => {
        if (player.isSpectator) log.info("spectator-left", { ...who(player), reason });
        else log.info("player-left", { ...who(player), reason });
      },
    });
  } catch (error) {
    await door?.close();
    throw withRemedy(error, "--port");
  }
  const server = serving;
  return {
    url: server.url,
    httpUrl: door?.url,
    seed: server.seed,
    get stats() {
      return { ...server.stats, recentTickP99Ms: ticks.recent(performance.now()).p99 };
    },
    close(detail) {
      isDraining = true;
      return server.close(detail);
    },
    closed: server.closed.then(() => door?.close()),
  };

  async function openHttp(bind: { readonly host: string; readonly port: number }) {
    const [{ startHttpDoor }, { createMetrics }] = await Promise.all([
      import("../ops/http-door.ts"),
      import("../ops/metrics.ts"),
    ]);
    const metrics = await createMetrics(
      {
        game: room.game.name,
        runtime: runtimeName(),
        version: packageVersion,
        rooms: () => serving?.stats.rooms ?? options.rooms,
        players: () => serving?.stats.players ?? 0,
        bots: () => serving?.stats.bots ?? 0,
        spectators: () => serving?.stats.spectators ?? 0,
        playersDropped: () => serving?.stats.dropped ?? 0,
        counters: () => serving?.counters() ?? [],
        ticks,
        links: () => serving?.links() ?? [],
      },
      processUsage,
    );
    const ready = () => (isDraining ? "draining" : serving === undefined ? "starting" : true);
    return startHttpDoor({
      ...bind,
      ready,
      metrics: () => metrics.text(),
      ...(join && { join: await joinDoor(bind.host, ready) }),
    }).catch((error: unknown) => {
      throw withRemedy(error, "--http-port");
    });
  }

  async function joinDoor(host: string, ready: () => true | string) {
    const [{ createJoinDoor }, { issueDevelopmentToken, issueToken }] = await Promise.all([
      import("../ops/join-door.ts"),
      import("../token-door.ts"),
    ]);
    const { backendKeys, audience } = options.net;
    const key = backendKeys?.[0];
    const lifetimeSeconds = JOIN_TOKEN_SECONDS;
    return createJoinDoor({
      host,
      ready,
      issue({ name, spectate }) {
        const request = { lifetimeSeconds, spectate, ...(name && { name }), ...(audience && { audience }) };
        return key === undefined ? issueDevelopmentToken(request) : issueToken(key, request);
      },
      expiresInSeconds: lifetimeSeconds,
      url: () => serving?.url ?? "",
    });
  }
};

/** Who starts two servers is told which flag keeps them apart. */
function withRemedy(error: unknown, flag: string): unknown {
  if (!(error instanceof Error) || !/already in use|is taken/.test(error.message)) return error;
  return new Error(`${error.message.replace(/\.$/, "")}; choose another with ${flag} (0 for any free one)`);
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
