/** One run of one peer: its server on one core, all players on another, on loopback or over a link. */
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Link, type LinkShape, SERVER_IP } from "./namespaces.ts";
import type { Peer, Runtime } from "./peer-list.ts";
import { Program } from "./program.ts";
import type { LinkCount, LinkReport, PlayersReport, RunReport, ServerReport } from "./reports.ts";

export interface RunShape {
  readonly clients: number;
  /** So many of them number their inputs. */
  readonly probes: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly seed: number;
  /** Undefined on loopback. */
  readonly link?: LinkShape;
}

/** Which core does what. */
export interface Cores {
  readonly server: number;
  readonly players: number;
  readonly link: number;
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const binary = (name: string): string => here(`../../node_modules/.bin/${name}`);
/** No flags that a runtime does not need to work. */
const commands: Readonly<Record<Runtime, readonly string[]>> = {
  node: [process.execPath],
  bun: [binary("bun")],
  deno: [binary("deno"), "run", "-A", "--unstable-net"],
};
/** Starting, joining and lingering, at most. */
const AROUND_SECONDS = 120;

/** @throws Error with one sentence when the peer did not run. */
export async function runPeer(
  peer: Peer,
  shape: RunShape,
  cores: Cores,
  signal: AbortSignal,
): Promise<RunReport> {
  const { link: linkShape, seconds, warmUpSeconds, seed } = shape;
  const link =
    linkShape && (await Link.make(linkShape, cores.link, seed, seconds + warmUpSeconds + AROUND_SECONDS));
  const started: Program[] = [];
  const start = (name: string, core: number, namespace: string | undefined, words: readonly string[]) => {
    const inside = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
    const program = new Program(name, [...inside, "taskset", "-c", `${core}`, ...words]);
    started.unshift(program);
    return program;
  };
  try {
    const host = link === undefined ? "127.0.0.1" : SERVER_IP;
    const server = start("the server", cores.server, link?.serverNamespace, [
      ...[...commands[peer.runtime], here("serve-peer.ts"), peer.folder, host],
    ]);
    const { port, versions } = await server.answer<{ port: number; versions: Record<string, string> }>();
    const players = start("the players", cores.players, link?.botsNamespace, [
      ...[...commands.node, here("play-peer.ts"), peer.folder, host],
      ...[port, shape.clients, shape.probes, seed].map(String),
    ]);
    await players.answer();
    await pause(warmUpSeconds * 1000, undefined, { signal });
    const before = await link?.count();
    for (const program of [server, players]) program.say({ what: "begin" });
    await pause(seconds * 1000, undefined, { signal });
    for (const program of [server, players]) program.say({ what: "end" });
    const after = await link?.count();
    const serverReport = await server.answer<ServerReport>();
    if (serverReport.updates === 0) throw new Error("the server told nobody anything");
    await players.answer();
    server.say({ what: "used" });
    const { used } = await server.answer<{ used: unknown }>();
    players.say({ what: "judge", used });
    const playersReport = await players.answer<PlayersReport>();
    return {
      server: serverReport,
      players: playersReport,
      ...(before && after && { link: between(before, after) }),
      versions: { [peer.runtime]: runtimeVersion(peer.runtime, versions) },
    };
  } finally {
    for (const program of started) await program.end();
    await link?.remove();
  }
}

/** Lateness is that since the last count already. */
function between(before: LinkReport, after: LinkReport): LinkReport {
  const of = (a: LinkCount, b: LinkCount): LinkCount => ({
    packets: b.packets - a.packets,
    lost: b.lost - a.lost,
    overflowed: b.overflowed - a.overflowed,
    bytes: b.bytes - a.bytes,
    lateP99Ms: b.lateP99Ms,
  });
  return { up: of(before.up, after.up), down: of(before.down, after.down) };
}

function runtimeVersion(runtime: Runtime, versions: Readonly<Record<string, string>>): string {
  return versions[runtime] ?? "unknown";
}
