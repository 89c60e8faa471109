/** What the bench asks of a peer: a file `server.ts` that has `start`, and a file `client.ts` that has `connect`. */
import type { ServerLog } from "./fleet.ts";

export interface ServerPlace {
  /** An IP literal. */
  readonly host: string;
  readonly port: number;
}

/** Serves at `host`, on a port of its choice, which it answers. It ends with its process. */
export type StartServer = (host: string, log: ServerLog) => Promise<number>;

export interface ClientEvents {
  /**
   * For peers whose client has ticks of its own: one begins. The input is what was set last. Others are driven by the
   * bench's timer, and send an input when it is set.
   */
  onTick(): void;
  /**
   * A newer state than any before was read: `serial` is what it says of the player's own ship, `ships` how many there
   * are in it.
   */
  onState(serial: number, ships: number): void;
  /** The connection is over before the bench is. */
  onLost(why: string): void;
}

export interface PeerClient {
  /** What its ship is known by, to the server's log too. */
  readonly id: number;
  setInput(serial: number, dx: number, dy: number): void;
  /** What came so far in datagrams, without their headers; TCP is counted by the bench. */
  readonly bytesDown?: number;
}

/** Answers once the player is in and a first state with its ship was read. */
export type Connect = (server: ServerPlace, events: ClientEvents) => Promise<PeerClient>;

export interface ClientModule {
  readonly connect: Connect;
  /** True when `onTick` is called by the peer's own client. */
  readonly hasTicks: boolean;
}

export interface ServerModule {
  readonly start: StartServer;
}
