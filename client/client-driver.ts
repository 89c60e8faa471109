import type { Clock } from "../src/net/ports/clock.ts";
import type { DatagramSocket, OpenDatagramSocket } from "../src/net/ports/datagram-socket.ts";
import { Outbox } from "../src/net/ports/outbox.ts";
import type { PeerAddress } from "../src/net/ports/peer-address.ts";
import type { Ticker } from "../src/net/ports/ticker.ts";

/** What the driver turns: a `GameClient` of any game. */
export interface DrivenClient {
  readonly isTurning: boolean;
  readonly nextDueMs: number;
  start(nowMs: number): void;
  receive(bytes: Uint8Array, from: PeerAddress, nowMs: number): void;
  turn(nowMs: number, outbox: Outbox): void;
  /** The socket did not take so many datagrams, or lost them later. */
  noteUnsent(datagrams: number): void;
}

export interface ClientDriverPorts {
  readonly clock: Clock;
  readonly ticker: Ticker;
  readonly openSocket: OpenDatagramSocket;
}

/**
 * Clients whose ticks fall within this of each other are turned in one go: a hundred bots with a hundred phases
 * must not mean a hundred wake-ups per tick.
 */
const TURN_TOGETHER_MS = 4;

/** Puts clients on real sockets and turns them in time: one ticker for all, a socket for each. */
export class ClientDriver {
  readonly #ports: ClientDriverPorts;
  readonly #clients = new Map<DrivenClient, DatagramSocket>();
  readonly #outbox = new Outbox();
  #lastTurnMs = Number.NEGATIVE_INFINITY;

  constructor(ports: ClientDriverPorts) {
    this.#ports = ports;
  }

  /** Opens a socket towards `server` and starts the client. Once the client is over, its socket closes. */
  async add(client: DrivenClient, server: PeerAddress): Promise<void> {
    const { clock, openSocket } = this.#ports;
    const host = server.host.includes(":") ? "::" : "0.0.0.0";
    const socket = await openSocket(
      { host, port: 0 },
      {
        onDatagram: (bytes, from) => client.receive(bytes, from, clock.nowMs()),
        // It is loss, which the connection's own timers deal with.
        onError: (_kind, _detail, datagrams) => client.noteUnsent(datagrams),
      },
    );
    this.#clients.set(client, socket);
    client.start(clock.nowMs());
    this.#wakeUp();
  }

  /** Turns whoever is due; call it after asking a client for something that should leave at once. */
  readonly turn = (): void => {
    const nowMs = this.#ports.clock.nowMs();
    this.#lastTurnMs = nowMs;
    for (const [client, socket] of this.#clients) {
      if (client.nextDueMs <= nowMs) {
        client.turn(nowMs, this.#outbox);
        socket.sendMany(this.#outbox);
        this.#outbox.clear();
      }
      if (!client.isTurning) {
        this.#clients.delete(client);
        void socket.close();
      }
    }
    this.#wakeUp();
  };

  #wakeUp(): void {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const client of this.#clients.keys()) dueMs = Math.min(dueMs, client.nextDueMs);
    if (dueMs === Number.POSITIVE_INFINITY) this.#ports.ticker.cancel();
    else this.#ports.ticker.wakeAt(Math.max(dueMs, this.#lastTurnMs + TURN_TOGETHER_MS), this.turn);
  }
}
