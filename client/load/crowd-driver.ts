import type { DatagramSocket } from "../../src/net/ports/datagram-socket.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { ClientDriverPorts, DrivenClient } from "../client-driver.ts";

/** Clients whose ticks fall within this of each other are turned in one go. */
const TURN_TOGETHER_MS = 4;

interface Driven {
  readonly client: DrivenClient;
  socket: DatagramSocket | undefined;
  dueMs: number;
}

/**
 * A `ClientDriver` for thousands of clients: it asks each when it is due after it was turned or has received, and not
 * each time anyone is. What a client was asked for in between leaves with its next turn.
 */
export class CrowdDriver {
  readonly #ports: ClientDriverPorts;
  readonly #driven: Driven[] = [];
  readonly #outbox = new Outbox();
  #lastTurnMs = Number.NEGATIVE_INFINITY;
  /** When the ticker will wake us. */
  #wakeMs = Number.POSITIVE_INFINITY;

  constructor(ports: ClientDriverPorts) {
    this.#ports = ports;
  }

  /** Opens a socket towards `server` and starts the client. Once the client is over, its socket closes. */
  async add(client: DrivenClient, server: PeerAddress): Promise<void> {
    const { clock, openSocket } = this.#ports;
    const host = server.host.includes(":") ? "::" : "0.0.0.0";
    const driven: Driven = { client, socket: undefined, dueMs: Number.POSITIVE_INFINITY };
    driven.socket = await openSocket(
      { host, port: 0 },
      {
        onDatagram: (bytes, from) => {
          const nowMs = clock.nowMs();
          client.receive(bytes, from, nowMs);
          driven.dueMs = client.nextDueMs;
          // All it has is in the processor's cache now: later in the turn it would have to be fetched anew.
          if (driven.dueMs <= nowMs && driven.socket !== undefined) this.#turnOne(driven, nowMs);
          // Whoever is over is to be let go of soon.
          this.#wakeAt(driven.dueMs === Number.POSITIVE_INFINITY ? nowMs : driven.dueMs);
        },
        // It is loss, which the connection's own timers deal with.
        onError: (_kind, _detail, datagrams) => client.noteUnsent(datagrams),
      },
    );
    client.start(clock.nowMs());
    this.#driven.push(driven);
    this.#ask(driven);
  }

  #ask(driven: Driven): void {
    driven.dueMs = driven.client.nextDueMs;
    this.#wakeAt(driven.dueMs);
  }

  #wakeAt(dueMs: number): void {
    const atMs = Math.max(dueMs, this.#lastTurnMs + TURN_TOGETHER_MS);
    if (atMs >= this.#wakeMs) return;
    this.#wakeMs = atMs;
    this.#ports.ticker.wakeAt(atMs, this.#turn);
  }

  readonly #turn = (): void => {
    const nowMs = this.#ports.clock.nowMs();
    this.#lastTurnMs = nowMs;
    let dueMs = Number.POSITIVE_INFINITY;
    let kept = 0;
    for (const driven of this.#driven) {
      if (driven.dueMs <= nowMs) this.#turnOne(driven, nowMs);
      // Whoever is over is never due again. Of the others all that is read here is when they are: what is further off
      // would have to be fetched, for thousands.
      if (driven.dueMs === Number.POSITIVE_INFINITY && !driven.client.isTurning) {
        void driven.socket!.close();
        continue;
      }
      dueMs = Math.min(dueMs, driven.dueMs);
      this.#driven[kept] = driven;
      kept += 1;
    }
    this.#driven.length = kept;
    this.#wakeMs = Number.POSITIVE_INFINITY;
    if (dueMs < Number.POSITIVE_INFINITY) this.#wakeAt(dueMs);
  };

  #turnOne(driven: Driven, nowMs: number): void {
    const { client, socket } = driven;
    client.turn(nowMs, this.#outbox);
    socket!.sendMany(this.#outbox);
    this.#outbox.clear();
    driven.dueMs = client.nextDueMs;
  }
}
