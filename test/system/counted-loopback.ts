/**
 * A network namespace with nothing but a loopback device, whose datagrams the kernel counts by the ports of a server and
 * of a proxy before it.
 *
 *   clients ── toProxy → PROXY_PORT ── toServer → SERVER_PORT
 *           ← fromProxy ──          ← fromServer ──
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

export const PROXY_PORT = 7000;
export const SERVER_PORT = 7777;

/** Datagrams sent, those that nft drops included. */
export interface LoopbackCounts {
  readonly toProxy: number;
  readonly toServer: number;
  readonly fromServer: number;
  readonly fromProxy: number;
  /** By nft, on the way to the server. */
  readonly dropped: number;
  /** Found a socket's receive buffer full: its program did not read in time. */
  readonly overflowed: number;
}

const rules = {
  toProxy: `udp dport ${PROXY_PORT}`,
  toServer: `udp dport ${SERVER_PORT}`,
  fromServer: `udp sport ${SERVER_PORT}`,
  fromProxy: `udp sport ${PROXY_PORT}`,
} as const;
let made = 0;

export class CountedLoopback {
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
  }

  /** `dropPermille`: of what is sent to the server the kernel itself drops so much. */
  static async make(dropPermille = 0): Promise<CountedLoopback> {
    made += 1;
    const loopback = new CountedLoopback(`tickwire-${process.pid}-${made}-loopback`);
    await run(["ip", "netns", "add", loopback.#name]);
    try {
      await loopback.#build(dropPermille);
    } catch (error) {
      await loopback.remove();
      throw error;
    }
    return loopback;
  }

  /** What runs a command inside, by the process id it is started with. */
  inside(words: readonly string[]): readonly string[] {
    return ["ip", "netns", "exec", this.#name, ...words];
  }

  async counts(): Promise<LoopbackCounts> {
    const listing = await run(this.inside(["nft", "-j", "list", "counters"]));
    const objects: { counter?: { name: string; packets: number } }[] = JSON.parse(listing).nftables;
    const entries = objects.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : []));
    return { ...(Object.fromEntries(entries) as LoopbackCounts), overflowed: await this.#overflowed() };
  }

  async remove(): Promise<void> {
    await run(["ip", "netns", "delete", this.#name]);
  }

  async #overflowed(): Promise<number> {
    const [names, values] = (await run(this.inside(["cat", "/proc/net/snmp"])))
      .split("\n")
      .filter((line) => line.startsWith("Udp: "))
      .map((line) => line.split(" "));
    return Number(values![names!.indexOf("RcvbufErrors")]);
  }

  async #build(dropPermille: number): Promise<void> {
    await run(["ip", "-n", this.#name, "link", "set", "lo", "up"]);
    const counting = Object.entries(rules).map(
      ([name, rule]) => `add counter ip watch ${name}
       add rule ip watch out ${rule} counter name ${name}`,
    );
    // Dropped where they arrive: a sender whose datagram is dropped on its way out is told.
    const dropping =
      dropPermille === 0
        ? []
        : [
            `add rule ip watch in ${rules.toServer} numgen random mod 1000 < ${dropPermille} counter name dropped drop`,
          ];
    const script = [
      "add table ip watch",
      "add chain ip watch out { type filter hook output priority 0; }",
      "add chain ip watch in { type filter hook input priority 0; }",
      "add counter ip watch dropped",
      ...counting,
      ...dropping,
    ];
    await run(this.inside(["nft", script.join("\n")]));
  }
}

async function run([program, ...words]: readonly string[]): Promise<string> {
  return (await execute(program!, words)).stdout;
}
