/** `docs/BENCHMARKS.md` as text: how it is measured, and what came of it once it was. */
import type { Case } from "./options.ts";
import { barPlot, linePlot } from "./plots.ts";
import { cellOf, type Results } from "./results.ts";
import type { Figure, Summary } from "./summary.ts";
import { doubtLines, figureText, latencyText, loopbackTable, lossTable, peersTable } from "./tables.ts";

export interface Page {
  readonly markdown: string;
  /** By file name, beside the page in `benchmarks/`. */
  readonly plots: Readonly<Record<string, string>>;
}

const METHOD = `# Benchmarks against peers

The same game, and bots that behave the same, on Tickwire and on what else one would write a multiplayer server in
TypeScript with. \`npm run bench:peers\` runs it and writes this page; nothing here is edited by hand. If you know one of
the peers better than we do, its code is in [bench/peers](../bench/peers): tell us what is not as you would write it.

## Repeat it

\`\`\`sh
npm ci
npm run bench:peers:install
npm run bench:peers -- --write-docs --json peers.json
\`\`\`

Linux, root (for network namespaces and TUN devices), \`iproute2\`, \`/usr/bin/python3\`, two cores and nothing else to
do on them. All peers, 30 clients at four losses and 100 on loopback, three times each, take about 45 minutes.
\`npm run bench:peers -- --help\` lists what can be chosen; \`--only tickwire-node,colyseus --repeats 1\` is a short one.

## What is measured

**The game.** One ship for each player on a torus of 1000 × 1000, at 30 ticks a second. Everyone is told of every ship
at every tick: id, x, y, vx, vy, hp, and the serial number of the newest input that was used for it. All ships move;
each takes another direction with p = 0.05 per tick; now and then one loses a hit point. Places are as exact as a 64th,
velocities whole, for every peer by its own means.

**The bots.** Each sends an input at every tick, 30 a second, in the peer's own client, which decodes all it is told. A
few, the probes, number their inputs; the others send 0 as the number, so that the numbers cost little on the wire.

**Where.** The server's process on one core, all players in one process on another. The players are on Node always,
servers as the row says. On loopback, or in two network namespaces with a link between them: a TUN device in each
and [a relay](../bench/peers/link.py) that delays each packet by half the round trip ± the jitter, keeps their order, and
loses each with the same chance, both ways alike. TCP, UDP and WebRTC cross the same link. The relay runs beside the
players, or on a third core if there is one, at a higher priority.

**Input → state** is the time from setting an input in the client to the newest decoded state, neither predicted nor
interpolated, of a tick at or after the one that used it. Half of the probes set their inputs in the client's tick, half
at any time between two ticks. Tickwire's client has ticks of its own and sends what was set with the next. Other clients
have none: a timer of the bench gives them 30 a second, and an input is sent when it is set, in a tick or between. An
input that a newer one superseded before any tick ran with it counts until the state that the newer one is in: what a
stall swallows is not left out. One without an answer five seconds after the end counts with what it waited.

**Inputs never used** are those that no tick ran with. Where the newest input is the one in force, as in most peers'
examples, two that come between two ticks leave one unused, loss or not; so a little of it is usual at 0 %.
A peer that does nothing about a lost input looks quick here: the next one is in the state a tick later. What it costs is
in this figure: read both.

**Server CPU per client-update** is the processor time of the server's process, the kernel's share included, over one
tick told to one client: receiving, stepping, encoding and sending. **Bytes per entity** are what a client is sent for one
ship at one tick: on loopback the payload of UDP or TCP, of WebRTC's channel without what DTLS and SCTP add; on the link
all of IP, acks and resends included. **Memory** is the resident set of the server's process at the end.

Percentiles come from HDR histograms. Each figure is the median of all repeats, ± half of how far they lie apart. Repeats
alternate the order of peers. The first seconds of a run are not counted: clients get to know the link in them. A peer that cannot run says why in its row.

## What it does not show

- Games where not everyone sees everyone, or where most stands still: interest management and deltas make more of a
  difference there.
- What players feel: prediction hides a ship's own latency, and interpolation adds to that of others.
- Many rooms, many cores, reconnection, messages beside state.
- WebSocket peers are not encrypted here; behind TLS they would cost more. Tickwire and geckos.io encrypt always.
- All Node servers run without flags of Node's. No peer's code was tuned beyond what its documentation recommends.
- Peers without a game loop tick by \`setInterval\`, as in their examples; Node rounds 33.3 ms down to 33, so they tick
  30.3 times a second. Costs are per update that was sent, so that does not count against them.
- uWebSockets.js, which Colyseus, socket.io and nengi can use instead of ws, is not on npm and so is not here.
`;

const NO_FIGURES = `## Results

There are none yet: they are worth something only from a machine that has nothing else to do.
`;

/** The page; without results it says how they are made. */
export function benchmarksPage(results: Results | undefined): Page {
  if (results === undefined) return { markdown: `${METHOD}\n${NO_FIGURES}`, plots: {} };
  const loopback = results.cases.find(({ link }) => link === undefined);
  const linked = results.cases.filter(({ link }) => link !== undefined);
  const plots = { ...loopbackPlots(results, loopback), ...linkPlots(results, linked) };
  const doubts = doubtLines(results);
  const sections = [
    METHOD,
    `## Results\n\n${circumstances(results)}`,
    ...(loopback === undefined ? [] : [loopbackSection(results, loopback)]),
    ...(linked.length === 0 ? [] : [linkSection(results, linked)]),
    `### Peers\n\n${peersTable(results.peers)}\n`,
    ...(doubts.length === 0 ? [] : [`### Doubts\n\n${doubts.join("\n")}\n`]),
  ];
  return { markdown: sections.join("\n"), plots };
}

function circumstances({ date, command, isPreliminary, machine, ...results }: Results): string {
  const { cpu, cores, kernel, memoryGb, load } = machine;
  const preliminary =
    "**Preliminary: the machine had other work to do while this ran. Compare nothing here; it shows what the page looks like.**\n\n";
  return `${isPreliminary ? preliminary : ""}${date.slice(0, 10)}, ${cpu}, ${cores} cores, ${memoryGb.toFixed(0)} GB, Linux ${kernel}; load before the first run
${load.toFixed(2)}. ${results.repeats} × ${results.seconds} s after ${results.warmUpSeconds} s, ${results.probes} probes, by

\`\`\`sh
${command}
\`\`\`
`;
}

function loopbackSection(results: Results, loopback: Case): string {
  return `### ${loopback.clients} clients on loopback

${loopbackTable(results, loopback)}

![Server CPU per client-update](benchmarks/cpu.svg)

![Bytes per entity](benchmarks/bytes.svg)

![Memory of the server](benchmarks/memory.svg)
`;
}

function linkSection(results: Results, linked: readonly Case[]): string {
  const { rttMs, jitterMs } = linked[0]!.link!;
  const table = (textOf: (summary: Summary) => string): string => lossTable(results, linked, textOf);
  return `### ${linked[0]!.clients} clients, round trip ${rttMs} ms ± ${jitterMs} each way

Input → state, inputs set in the client's tick, p50 / p95 / p99 in ms:

${table(({ inTick }) => latencyText(inTick))}

![Input to state, p99, over loss](benchmarks/latency.svg)

The same for inputs set at any time:

${table(({ anyTime }) => latencyText(anyTime))}

Inputs set in the client's tick that were never used, in percent:

${table(({ inTick }) => figureText(inTick.unusedPercent, 1))}

p99 of those alone that were used, in ms:

${table(({ inTick }) => figureText(inTick.usedP99Ms, 0))}

Bytes per entity on the wire, all of IP:

${table(({ wireBytesPerEntity }) => (wireBytesPerEntity === undefined ? "" : figureText(wireBytesPerEntity, 1)))}

Server CPU per client-update, µs:

${table(({ cpuUs }) => figureText(cpuUs, 1))}
`;
}

function loopbackPlots(results: Results, loopback: Case | undefined): Record<string, string> {
  if (loopback === undefined) return {};
  const bars = (figureIn: (summary: Summary) => Figure) =>
    results.peers.flatMap(({ name }) => {
      const { summary } = cellOf(results, name, loopback);
      if (summary === undefined) return [];
      const { median, halfRange } = figureIn(summary);
      return [{ label: name, value: median, halfRange }];
    });
  const of = `${loopback.clients} clients on loopback`;
  return {
    "cpu.svg": barPlot(
      `Server CPU per client-update, ${of}`,
      "µs",
      bars(({ cpuUs }) => cpuUs),
    ),
    "bytes.svg": barPlot(
      `Payload per entity and update, ${of}`,
      "bytes",
      bars((summary) => summary.bytesPerEntity),
    ),
    "memory.svg": barPlot(
      `Memory of the server, ${of}`,
      "MB",
      bars(({ residentMb }) => residentMb),
    ),
  };
}

function linkPlots(results: Results, linked: readonly Case[]): Record<string, string> {
  if (linked.length === 0) return {};
  const lines = results.peers.map(({ name }) => ({
    label: name,
    values: linked.map((each) => cellOf(results, name, each).summary?.inTick.p99Ms.median),
  }));
  const title = `Input → state, p99 in ms, ${linked[0]!.clients} clients, round trip ${linked[0]!.link!.rttMs} ms`;
  const places = linked.map(({ name }) => name);
  return { "latency.svg": linePlot(title, "packets lost, each way", places, lines) };
}
