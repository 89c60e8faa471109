/**
 * A network of the kernel's own: a player behind a router that translates addresses, and a server beyond it, each in a
 * network namespace.
 *
 *   client 192.168.1.2 ── 192.168.1.1 router 198.51.100.1, .2 ── 198.51.100.10 server
 *                                  SNAT to a Mapping →
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const execute = promisify(execFile);

export const SERVER_HOST = "198.51.100.10";
export const SERVER_PORT = 7777;
const CLIENT_HOST = "192.168.1.2";
const CLIENT_GATEWAY = "192.168.1.1";

/** What the server sees the client as. */
export interface Mapping {
  readonly host: string;
  /** One of them, as the kernel chooses. */
  readonly ports: string;
}

export const mappings = {
  first: { host: "198.51.100.1", ports: "20000-20999" },
  otherPort: { host: "198.51.100.1", ports: "30000-30999" },
  otherHost: { host: "198.51.100.2", ports: "40000-40999" },
} as const satisfies Record<string, Mapping>;
export type MappingName = keyof typeof mappings;

/** Datagrams of a mapping at the server's end. */
export interface MappingTraffic {
  readonly received: number;
  readonly sent: number;
}

const NAME_PREFIX = "tickwire";
const packages: Readonly<Record<string, string>> = {
  ip: "iproute2",
  nft: "nftables",
  conntrack: "conntrack",
};
let made = 0;

export class NattedNetwork {
  readonly #client: string;
  readonly #router: string;
  readonly #server: string;

  private constructor(name: string) {
    this.#client = `${name}-client`;
    this.#router = `${name}-router`;
    this.#server = `${name}-server`;
  }

  /** @throws Error with one sentence when the machine does not let us. */
  static async make(): Promise<NattedNetwork> {
    made += 1;
    const network = new NattedNetwork(`${NAME_PREFIX}-${process.pid}-${made}`);
    try {
      await network.#build();
    } catch (error) {
      await network.remove();
      throw error;
    }
    return network;
  }

  /** What runs a command in the client's namespace, by the process id it is started with. */
  asClient(words: readonly string[]): readonly string[] {
    return ["ip", "netns", "exec", this.#client, ...words];
  }

  asServer(words: readonly string[]): readonly string[] {
    return ["ip", "netns", "exec", this.#server, ...words];
  }

  /** From now on the server sees the client as this: as after a router's restart, or on another network. */
  async map(name: MappingName): Promise<void> {
    const { host, ports } = mappings[name];
    await this.#nft(
      this.#router,
      `flush chain ip nat mapping
       add rule ip nat mapping oifname "outside" ip protocol udp counter snat to ${host}:${ports}`,
    );
    // Flows that are known keep their mapping until they are forgotten. There may be none yet, which is an error.
    await run(["ip", "netns", "exec", this.#router, "conntrack", "-D", "-p", "udp"]).catch((error: Error) => {
      if (!/\b0 flow entries/.test(error.message)) throw error;
    });
  }

  /** The router drops everything, both ways, and nobody is told. */
  async drop(): Promise<void> {
    await this.#nft(this.#router, "add rule ip fate forward counter drop");
  }

  async stopDropping(): Promise<void> {
    await this.#nft(this.#router, "flush chain ip fate forward");
  }

  /** The client's link goes down, and its route with it: sends fail at once. */
  async unplug(): Promise<void> {
    await this.#ip(this.#client, "link set uplink down");
  }

  async plugIn(): Promise<void> {
    await this.#ip(this.#client, "link set uplink up");
    await this.#ip(this.#client, `route add default via ${CLIENT_GATEWAY}`);
  }

  async traffic(name: MappingName): Promise<MappingTraffic> {
    const listing = await run(["ip", "netns", "exec", this.#server, "nft", "-j", "list", "counters"]);
    const objects: { counter?: { name: string; packets: number } }[] = JSON.parse(listing).nftables;
    const packets = (counter: string): number =>
      objects.find((each) => each.counter?.name === counter)!.counter!.packets;
    return { received: packets(`from_${name}`), sent: packets(`to_${name}`) };
  }

  /** Removes what was made, however much of it that is. Programs inside must have ended. */
  async remove(): Promise<void> {
    const left = await namespaces();
    for (const name of [this.#client, this.#router, this.#server]) {
      if (left.includes(name)) await run(["ip", "netns", "delete", name]);
    }
  }

  async #build(): Promise<void> {
    for (const name of [this.#client, this.#router, this.#server]) await run(["ip", "netns", "add", name]);
    await run(
      ["ip", "link", "add", "uplink", "netns", this.#client, "type", "veth"].concat(
        ...["peer", "name", "inside", "netns", this.#router],
      ),
    );
    await run(
      ["ip", "link", "add", "uplink", "netns", this.#server, "type", "veth"].concat(
        ...["peer", "name", "outside", "netns", this.#router],
      ),
    );
    await this.#ip(this.#router, `address add ${CLIENT_GATEWAY}/24 dev inside`);
    for (const host of new Set(Object.values(mappings).map((mapping) => mapping.host))) {
      await this.#ip(this.#router, `address add ${host}/24 dev outside`);
    }
    await this.#ip(this.#router, "link set inside up");
    await this.#ip(this.#router, "link set outside up");
    await this.#ip(this.#server, `address add ${SERVER_HOST}/24 dev uplink`);
    await this.#ip(this.#server, "link set uplink up");
    await this.#ip(this.#client, `address add ${CLIENT_HOST}/24 dev uplink`);
    await this.plugIn();
    const forward = "echo 1 > /proc/sys/net/ipv4/ip_forward";
    await run(["ip", "netns", "exec", this.#router, "sh", "-c", forward]);
    await this.#nft(
      this.#router,
      `add table ip nat
       add chain ip nat mapping { type nat hook postrouting priority 100; }
       add table ip fate
       add chain ip fate forward { type filter hook forward priority 0; }`,
    );
    await this.#watchServer();
    await this.map("first");
  }

  /** Counts what reaches the server of each mapping, and what leaves towards it. */
  async #watchServer(): Promise<void> {
    const rules = Object.entries(mappings).map(
      ([name, { host, ports }]) =>
        `add counter ip watch from_${name}
         add counter ip watch to_${name}
         add rule ip watch in ip saddr ${host} udp sport ${ports} udp dport ${SERVER_PORT} counter name from_${name}
         add rule ip watch out ip daddr ${host} udp dport ${ports} udp sport ${SERVER_PORT} counter name to_${name}`,
    );
    await this.#nft(
      this.#server,
      `add table ip watch
       add chain ip watch in { type filter hook input priority 0; }
       add chain ip watch out { type filter hook output priority 0; }
       ${rules.join("\n")}`,
    );
  }

  async #ip(namespace: string, words: string): Promise<void> {
    await run(["ip", "-n", namespace, ...words.split(" ")]);
  }

  async #nft(namespace: string, script: string): Promise<void> {
    await run(["ip", "netns", "exec", namespace, "nft", script]);
  }
}

/** Why there can be no such network here, in one sentence; undefined when there can. */
export async function whyNoNetwork(): Promise<string | undefined> {
  try {
    for (const [program, name] of Object.entries(packages)) {
      if (!isOnPath(program)) throw new Error(`${program} is missing: apt-get install ${name}`);
    }
    await removeLeftovers();
    await (await NattedNetwork.make()).remove();
    return undefined;
  } catch (error) {
    return (error as Error).message.replaceAll("\n", " ").trim();
  }
}

/** Of runs that were killed half way. */
async function removeLeftovers(): Promise<void> {
  for (const name of await namespaces()) {
    const pid = new RegExp(`^${NAME_PREFIX}-(\\d+)-\\d+-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await run(["ip", "netns", "delete", name]);
  }
}

async function namespaces(): Promise<string[]> {
  // A line is a name, and sometimes a number after it.
  return (await run(["ip", "netns", "list"])).split("\n").map((line) => line.split(" ")[0]!);
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/${program}`));
}

async function run([program, ...words]: readonly string[]): Promise<string> {
  return (await execute(program!, words)).stdout;
}
