import { parseArgs } from "node:util";
import type { LinkShape } from "./namespaces.ts";
import { PEERS, type Peer } from "./peer-list.ts";

/** Something that all peers are put through. */
export interface Case {
  readonly name: string;
  readonly clients: number;
  /** Undefined on loopback. */
  readonly link?: LinkShape;
}

export interface PeersOptions {
  readonly peers: readonly Peer[];
  readonly cases: readonly Case[];
  readonly probes: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly repeats: number;
  readonly json: string | undefined;
  /** Results to show instead of running anything. */
  readonly from: string | undefined;
  readonly writesDocs: boolean;
  readonly isPreliminary: boolean;
}

export const HELP = `npm run bench:peers -- [OPTIONS]: the same game on Tickwire and its peers, as root, on two cores or more

  --only NAMES         of ${PEERS.map(({ name }) => name).join(", ")}
  --clients N          on the link; default 30
  --loss LIST          in percent, each way; one case each; default 0,2,5,10; "none" for no link
  --rtt-ms N           of the link; default 80
  --jitter-ms N        each way, give or take; default 5
  --loopback N         clients without a link; default 100, 0 for none
  --probes N           clients that are measured; default 12
  --seconds N          measured in each run; default 8
  --warm-up-seconds N  before that; default 7: so long clients take to know a link
  --repeats N          default 3
  --json FILE          write all there is
  --from FILE          run nothing, show what was written with --json
  --write-docs         write docs/BENCHMARKS.md and its plots
  --preliminary        say there that the machine was not quiet
  --help`;

/** What was asked for wrongly, in one sentence. */
export class OptionError extends Error {}

const TAKES_TEXT = { type: "string" } as const;
const TAKES_NOTHING = { type: "boolean" } as const;
const flags = {
  ...{ only: TAKES_TEXT, clients: TAKES_TEXT, loss: TAKES_TEXT, "rtt-ms": TAKES_TEXT },
  ...{ "jitter-ms": TAKES_TEXT, loopback: TAKES_TEXT, probes: TAKES_TEXT, seconds: TAKES_TEXT },
  ...{ "warm-up-seconds": TAKES_TEXT, repeats: TAKES_TEXT, json: TAKES_TEXT, from: TAKES_TEXT },
  ...{ "write-docs": TAKES_NOTHING, preliminary: TAKES_NOTHING, help: TAKES_NOTHING },
} as const;

/** Undefined when help is wanted. @throws OptionError */
export function readOptions(args: readonly string[]): PeersOptions | undefined {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({ args: [...args], options: flags }));
  } catch (error) {
    throw new OptionError((error as Error).message.split("\n")[0]);
  }
  if (values.help === true) return undefined;
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const number = (name: string, usual: number, least: number, most: number, isWhole = true): number => {
    const given = text(name);
    const value = given === undefined ? usual : Number(given);
    if (given !== "" && value >= least && value <= most && (!isWhole || Number.isInteger(value)))
      return value;
    throw new OptionError(
      `--${name} takes a${isWhole ? " whole" : ""} number from ${least} to ${most}, not "${given}"`,
    );
  };
  const clients = number("clients", 30, 1, 500);
  const loopbackClients = number("loopback", 100, 0, 500);
  const rttMs = number("rtt-ms", 80, 0, 2000, false);
  const jitterMs = number("jitter-ms", 5, 0, rttMs / 2, false);
  const losses = readLosses(text("loss") ?? "0,2,5,10");
  const cases: Case[] = [
    ...(loopbackClients > 0 ? [{ name: "loopback", clients: loopbackClients }] : []),
    ...losses.map((lossPercent) => ({
      name: `${lossPercent} %`,
      clients,
      link: { rttMs, jitterMs, lossPercent },
    })),
  ];
  if (cases.length === 0) throw new OptionError("with --loopback 0 and --loss none there is nothing to run");
  const fewest = Math.min(...cases.map((each) => each.clients));
  return {
    peers: readPeers(text("only")),
    cases,
    probes: number("probes", Math.min(12, fewest), 1, fewest),
    seconds: number("seconds", 8, 1, 3600),
    warmUpSeconds: number("warm-up-seconds", 7, 0, 600),
    repeats: number("repeats", 3, 1, 100),
    json: text("json"),
    from: text("from"),
    writesDocs: values["write-docs"] === true,
    isPreliminary: values.preliminary === true,
  };
}

function readPeers(only: string | undefined): readonly Peer[] {
  if (only === undefined) return PEERS;
  return only.split(",").map((wanted) => {
    const peer = PEERS.find(({ name }) => name === wanted);
    if (peer !== undefined) return peer;
    throw new OptionError(`no peer "${wanted}"; there are: ${PEERS.map(({ name }) => name).join(", ")}`);
  });
}

function readLosses(text: string): readonly number[] {
  if (text === "none") return [];
  return text.split(",").map((part) => {
    const percent = Number(part);
    if (part.trim() !== "" && percent >= 0 && percent < 100) return percent;
    throw new OptionError(`--loss takes percents such as 0,2,5,10, or none, not "${text}"`);
  });
}
