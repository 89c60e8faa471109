/** The network namespaces of a run, and the link between them. They are gone when it is. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Program } from "./program.ts";
import type { LinkReport } from "./reports.ts";

const run = promisify(execFile);
const PREFIX = "tickwire-peers";
const PYTHON = "/usr/bin/python3";
const LINK_PROGRAM = fileURLToPath(new URL("link.py", import.meta.url));
export const BOTS_IP = "10.91.0.1";
export const SERVER_IP = "10.91.0.2";
const SPARE_SECONDS = 60;

export interface LinkShape {
  readonly rttMs: number;
  /** Each way, ±. */
  readonly jitterMs: number;
  /** Each way, in percent. */
  readonly lossPercent: number;
}

export class Link {
  readonly botsNamespace: string;
  readonly serverNamespace: string;
  readonly #relay: Program;

  private constructor(name: string, relay: Program) {
    this.botsNamespace = `${name}-bots`;
    this.serverNamespace = `${name}-server`;
    this.#relay = relay;
  }

  /** Makes both ends; the relay runs on core `cpu` and ends by itself after `seconds` and a little. */
  static async make(shape: LinkShape, cpu: number, seed: number, seconds: number): Promise<Link> {
    await removeLeftovers();
    const name = `${PREFIX}-${process.pid}`;
    const [bots, server] = [`${name}-bots`, `${name}-server`];
    for (const namespace of [bots, server]) {
      await run("ip", ["netns", "add", namespace]);
      await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    }
    const relay = new Program("the link", [
      // What is late here would count as the peers' lateness.
      ...["nice", "-n", "-10", "taskset", "-c", `${cpu}`, PYTHON, LINK_PROGRAM],
      ...[bots, BOTS_IP, server, SERVER_IP, shape.rttMs / 2, shape.jitterMs, shape.lossPercent / 100],
      ...[seed, Math.ceil(seconds + SPARE_SECONDS)],
    ]);
    const link = new Link(name, relay);
    try {
      await relay.answer();
    } catch (error) {
      await link.remove();
      throw error;
    }
    return link;
  }

  async count(): Promise<LinkReport> {
    this.#relay.say({ what: "count" });
    return await this.#relay.answer<LinkReport>();
  }

  async remove(): Promise<void> {
    await this.#relay.end();
    for (const name of [this.botsNamespace, this.serverNamespace]) {
      if (existsSync(`/var/run/netns/${name}`)) await run("ip", ["netns", "delete", name]);
    }
  }
}

/** Why there can be no link here, in one sentence; undefined when there can. */
export async function whyNoLink(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  if (!existsSync("/dev/net/tun")) return "this kernel has no TUN devices (/dev/net/tun)";
  if (!existsSync(PYTHON)) return `${PYTHON} is missing`;
  try {
    await run("ip", ["netns", "list"]);
  } catch {
    return "ip is missing or may not list namespaces: apt-get install iproute2";
  }
  return undefined;
}

/** Of benches that were killed half way. */
async function removeLeftovers(): Promise<void> {
  const { stdout } = await run("ip", ["netns", "list"]);
  for (const line of stdout.split("\n")) {
    const name = line.split(" ")[0]!;
    const pid = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await run("ip", ["netns", "delete", name]);
  }
}
