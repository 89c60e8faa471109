import { readFileSync } from "node:fs";

/** What a server has done with datagrams, from its `/metrics`. */
export interface ServerCounts {
  readonly received: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly refusedInAll: number;
}

export async function fetchCounts(httpUrl: string): Promise<ServerCounts> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  const refused: Record<string, number> = {};
  for (const [, reason, count] of text.matchAll(
    /^tickwire_packets_refused_total\{reason="(\w+)"\} (\S+)$/gm,
  )) {
    refused[reason!] = Number(count);
  }
  return {
    received: net(text, "datagrams_received"),
    accepted: net(text, "accepted"),
    refused,
    refusedInAll: Object.values(refused).reduce((sum, count) => sum + count, 0),
  };
}

function net(text: string, counter: string): number {
  const [, count] = new RegExp(`^tickwire_net_total\\{counter="${counter}"\\} (\\S+)$`, "m").exec(text) ?? [];
  if (count === undefined) throw new Error(`/metrics has no ${counter}`);
  return Number(count);
}

/** What the kernel keeps for a bound UDP socket. */
export interface SocketCounts {
  /** Bytes that wait to be read. */
  readonly queuedBytes: number;
  /** Datagrams for which there was no room. */
  readonly drops: number;
}

/** Of the IPv4 socket bound to `port`, as Linux tells it. */
export function socketCounts(port: number): SocketCounts {
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  const row = readFileSync("/proc/net/udp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([, local]) => local?.endsWith(`:${hexPort}`));
  if (row === undefined) throw new Error(`no socket is bound to UDP port ${port}`);
  return { queuedBytes: Number.parseInt(row[4]!.split(":")[1]!, 16), drops: Number(row.at(-1)) };
}
