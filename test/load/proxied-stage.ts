import { ImpairingProxy, type ImpairingProxyOptions } from "../../client/load/impairing-proxy.ts";
import { type LinkOptions, linkPlan } from "../../client/load/link-profiles.ts";
import type { DatagramSocket } from "../../src/net/ports/datagram-socket.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import { formatAddress, type PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { Ticker } from "../../src/net/ports/ticker.ts";
import { MemoryNetwork } from "../../src/runtime-adapters/memory-socket.ts";

export interface Arrival {
  readonly atMs: number;
  readonly bytes: Uint8Array;
  /** As which the receiver saw the sender. */
  readonly from: string;
}

class VirtualTicker implements Ticker {
  dueMs = Number.POSITIVE_INFINITY;
  #onWake: (() => void) | undefined;

  wakeAt(dueMs: number, onWake: () => void): void {
    this.dueMs = dueMs;
    this.#onWake = onWake;
  }

  cancel(): void {
    this.dueMs = Number.POSITIVE_INFINITY;
  }

  wake(): void {
    this.dueMs = Number.POSITIVE_INFINITY;
    this.#onWake?.();
  }
}

/** A server, a proxy before it and clients, on a perfect network in memory and in virtual time. */
export class ProxiedStage {
  readonly network = new MemoryNetwork({ seed: 1 });
  readonly atServer: Arrival[] = [];
  readonly server: DatagramSocket;
  proxy!: ImpairingProxy;
  /** The proxy's process does nothing before then. */
  stalledUntilMs = 0;
  /** The proxy's sockets towards the server open when this has settled. */
  opening: Promise<void> = Promise.resolve();
  readonly #ticker = new VirtualTicker();
  readonly #outbox = new Outbox();

  private constructor() {
    this.server = this.network.open({ host: "127.0.0.1", port: 7777 }, this.#ears(this.atServer));
  }

  static async open(
    link: LinkOptions,
    seed = 1,
    more: Partial<ImpairingProxyOptions> = {},
  ): Promise<ProxiedStage> {
    const stage = new ProxiedStage();
    stage.proxy = await ImpairingProxy.open({
      target: stage.server.address,
      plan: linkPlan(link),
      seed,
      clock: { nowMs: () => stage.network.nowMs },
      ticker: stage.#ticker,
      openSocket: async (bind, events) => {
        await stage.opening;
        return stage.network.open(bind, events);
      },
      ...more,
    });
    return stage;
  }

  client(): { readonly socket: DatagramSocket; readonly arrivals: Arrival[] } {
    const arrivals: Arrival[] = [];
    return { socket: this.network.open({ host: "127.0.0.1", port: 0 }, this.#ears(arrivals)), arrivals };
  }

  send(socket: DatagramSocket, to: PeerAddress, bytes: Uint8Array): void {
    this.#outbox.clear();
    this.#outbox.open().set(bytes);
    this.#outbox.commit(bytes.length, to);
    socket.sendMany(this.#outbox);
  }

  /** Lets so much time pass, and what is asked of sockets be done. */
  async run(ms: number): Promise<void> {
    const { network } = this;
    const endMs = network.nowMs + ms;
    for (;;) {
      const wakeMs = Math.max(this.#ticker.dueMs, this.stalledUntilMs, network.nowMs);
      const dueMs = Math.min(network.nextDueMs(), wakeMs);
      if (dueMs > endMs) break;
      network.advanceTo(dueMs);
      await turnOfTheLoop();
      if (network.nowMs >= this.#ticker.dueMs && network.nowMs >= this.stalledUntilMs) this.#ticker.wake();
    }
    network.advanceTo(endMs);
    await turnOfTheLoop();
  }

  #ears(arrivals: Arrival[]) {
    return {
      onDatagram: (bytes: Uint8Array, from: PeerAddress) =>
        void arrivals.push({ atMs: this.network.nowMs, bytes: bytes.slice(), from: formatAddress(from) }),
      onError: () => {},
    };
  }
}

/** Enough for whatever waits for a promise that has settled. */
async function turnOfTheLoop(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await undefined;
}

/** A datagram that says its number. */
export function numbered(number: number, length = 100): Uint8Array {
  const bytes = new Uint8Array(length).fill(number & 0xff);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

export function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}
