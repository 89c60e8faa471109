import { formatAddress } from "../../src/net/ports/peer-address.ts";
import { parseServerUrl } from "../server-url.ts";
import type { LinkPlan } from "./link-profiles.ts";
import type { WatchedLink } from "./load-window.ts";
import { ProxyProgram } from "./proxy-program.ts";

/** A link that is played between the players and a server. */
export interface PlayedLink extends WatchedLink {
  /** Where players send to instead of to the server. */
  readonly url: string;
  close(): Promise<void>;
}

/** Who has left keeps its place for a while: of players that come and go there are more than play. */
const PLACES_PER_CLIENT = 4;

/** @throws Error with one sentence when it cannot be. */
export async function playLink(
  serverUrl: string,
  plan: LinkPlan,
  seed: number,
  clients: number,
): Promise<PlayedLink> {
  const target = parseServerUrl(serverUrl);
  const program = await ProxyProgram.start({ target, plan, seed, maxClients: PLACES_PER_CLIENT * clients });
  return {
    url: `udp://${formatAddress(program.address)}`,
    counters: () => program.counters(),
    forgetLateness: () => program.forgetLateness(),
    close: () => program.close(),
  };
}
