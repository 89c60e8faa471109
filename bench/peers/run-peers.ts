// npm run bench:peers -- [OPTIONS]: see --help
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { benchmarksPage } from "./benchmarks-page.ts";
import { whyNoLink } from "./namespaces.ts";
import { type Case, HELP, OptionError, type PeersOptions, readOptions } from "./options.ts";
import type { Peer } from "./peer-list.ts";
import type { PeerFacts, Results } from "./results.ts";
import { type Cores, runPeer } from "./run-peer.ts";
import { type Run, summarize } from "./summary.ts";

const GB = 1_000_000_000;
const QUIET_LOAD = 0.5;
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const stop = new AbortController();

async function main(): Promise<number> {
  let options: PeersOptions | undefined;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    console.error(error.message);
    return 2;
  }
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  const cores = cpus().length;
  if (options.from === undefined && cores < 2) {
    console.error("server and players need a core each, and this machine has one");
    return 1;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  const results = options.from === undefined ? await runAll(options, coresOf(cores)) : readResults(options);
  const page = benchmarksPage(results);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
  if (options.writesDocs) {
    mkdirSync(at("../../docs/benchmarks"), { recursive: true });
    writeFileSync(at("../../docs/BENCHMARKS.md"), page.markdown);
    for (const [name, svg] of Object.entries(page.plots))
      writeFileSync(at(`../../docs/benchmarks/${name}`), svg);
  }
  console.log(page.markdown.slice(page.markdown.indexOf("## Results")));
  return stop.signal.aborted || results.runs.every(({ failure }) => failure !== undefined) ? 1 : 0;
}

function coresOf(count: number): Cores {
  return { server: 0, players: 1, link: count > 2 ? 2 : 1 };
}

/** All cases of all peers, repeat by repeat; what fails is noted and the rest goes on. */
async function runAll(options: PeersOptions, cores: Cores): Promise<Results> {
  const { peers, cases, repeats } = options;
  const noLink = await whyNoLink();
  const facts = peers.map(factsOf);
  const load = loadavg()[0]!;
  if (load > QUIET_LOAD && !options.isPreliminary) {
    console.error(`The machine is busy (load ${load.toFixed(1)}): the figures will be worth little.`);
  }
  const runs: Run[] = [];
  const total = peers.length * cases.length * repeats;
  const startedMs = performance.now();
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    for (const each of cases) {
      // Whatever drifts over a repeat does not always hit the same.
      for (const peer of repeat % 2 === 1 ? peers : [...peers].reverse()) {
        if (stop.signal.aborted) continue;
        const run = await runOne(peer, each, repeat, options, cores, noLink);
        if (run === undefined) continue;
        runs.push(run);
        const leftMs = ((performance.now() - startedMs) / runs.length) * (total - runs.length);
        console.error(`${runs.length}/${total} ${lineOf(run, each)}; ${Math.ceil(leftMs / 60_000)} min left`);
      }
    }
  }
  // What runtimes say they are.
  for (const run of runs) {
    const own = facts.find(({ name }) => name === run.peer)!;
    Object.assign(own.versions, run.report?.versions);
  }
  return {
    date: new Date().toISOString(),
    command: ["npm run bench:peers --", ...process.argv.slice(2)].join(" "),
    isPreliminary: options.isPreliminary,
    machine: {
      ...{ cpu: cpus()[0]!.model, cores: cpus().length, kernel: release() },
      ...{ memoryGb: totalmem() / GB, load },
    },
    ...{ seconds: options.seconds, warmUpSeconds: options.warmUpSeconds, repeats, probes: options.probes },
    ...{ cases, peers: facts, runs },
  };
}

async function runOne(
  peer: Peer,
  each: Case,
  repeat: number,
  options: PeersOptions,
  cores: Cores,
  noLink: string | undefined,
): Promise<Run | undefined> {
  const known = { peer: peer.name, case: each.name, repeat };
  const missing = peer.packages.find((name) => versionOf(name) === undefined);
  if (missing !== undefined) {
    return { ...known, failure: `${missing} is not installed: npm run bench:peers:install` };
  }
  if (each.link !== undefined && noLink !== undefined) return { ...known, failure: noLink };
  const { probes, seconds, warmUpSeconds } = options;
  const shape = { clients: each.clients, probes, seconds, warmUpSeconds, seed: repeat };
  try {
    const report = await runPeer(
      peer,
      { ...shape, ...(each.link !== undefined && { link: each.link }) },
      cores,
      stop.signal,
    );
    return { ...known, report };
  } catch (error) {
    return stop.signal.aborted ? undefined : { ...known, failure: (error as Error).message };
  }
}

function lineOf({ peer, report, failure }: Run, { name, clients }: Case): string {
  if (report === undefined) return `${peer}, ${name}: ${failure}`;
  const { inTick, cpuUs } = summarize([report], clients);
  return `${peer}, ${name}: p99 ${inTick.p99Ms.median.toFixed(0)} ms, ${cpuUs.median.toFixed(1)} µs per client-update`;
}

function factsOf({ name, transport, does, settings, packages }: Peer): PeerFacts {
  const versions: Record<string, string> = {};
  for (const each of packages) versions[each] = versionOf(each) ?? "not installed";
  if (packages.length === 0 && name.startsWith("tickwire")) {
    versions.tickwire = JSON.parse(readFileSync(at("../../package.json"), "utf8")).version;
  }
  return { name, transport, does, settings, versions };
}

function versionOf(name: string): string | undefined {
  try {
    return JSON.parse(readFileSync(at(`node_modules/${name}/package.json`), "utf8")).version;
  } catch {
    return undefined;
  }
}

function readResults({ from }: PeersOptions): Results {
  return JSON.parse(readFileSync(from!, "utf8"));
}

process.exitCode = await main();
