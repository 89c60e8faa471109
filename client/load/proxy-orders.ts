import type { DatagramBind } from "../../src/net/ports/datagram-socket.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { LinkPlan } from "./link-profiles.ts";
import type { ProxyCounters } from "./proxy-counters.ts";

/** What a proxy in a process of its own is asked for. */
export interface ProxyRequest {
  /** The server. */
  readonly target: PeerAddress;
  readonly plan: LinkPlan;
  readonly seed: number;
  /** Where clients send to. Default: any port of the loopback address. */
  readonly bind?: DatagramBind;
  readonly maxClients?: number;
}

export interface ProxyProgramCounters extends ProxyCounters {
  /** Of the whole process so far. */
  readonly cpuSeconds: number;
}

/** What it is told. The first order opens it; each is answered with one `ProxyAnswer`, in order. */
export type ProxyOrder =
  | { readonly order: "open"; readonly request: ProxyRequest }
  | { readonly order: "counters" }
  | { readonly order: "forget-lateness" };

export type ProxyAnswer =
  | { readonly address: PeerAddress }
  | { readonly counters: ProxyProgramCounters }
  | { readonly isDone: true }
  /** One sentence without a full stop. */
  | { readonly error: string };

/** JSON has no word for infinity: a way without a bottleneck comes as null. */
export function readPlan({ name, up, down }: LinkPlan): LinkPlan {
  const bandwidthKbps = (kbps: number | null): number => kbps ?? Number.POSITIVE_INFINITY;
  return {
    name,
    up: { ...up, bandwidthKbps: bandwidthKbps(up.bandwidthKbps) },
    down: { ...down, bandwidthKbps: bandwidthKbps(down.bandwidthKbps) },
  };
}
