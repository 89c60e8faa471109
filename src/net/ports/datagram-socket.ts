import type { Outbox } from "./outbox.ts";
import type { PeerAddress } from "./peer-address.ts";

/** What can go wrong with a socket, on any runtime. Native codes fold into these; text is for humans only. */
export type SocketErrorKind =
  | "address-in-use"
  | "address-unavailable"
  | "permission-denied"
  | "message-too-large"
  | "unreachable"
  | "buffer-full"
  | "closed"
  | "unknown";

/** Thrown by `OpenDatagramSocket` only: after it, errors are counted and reported through `onError`. */
export class SocketError extends Error {
  override readonly name = "SocketError";
  readonly kind: SocketErrorKind;
  constructor(kind: SocketErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What a socket tells its owner. Installed before it opens: a datagram may arrive while it does. */
export interface DatagramEvents {
  /** `bytes` belong to the socket and live for the call. Longer than `MAX_DATAGRAM_BYTES` is possible. */
  onDatagram(bytes: Uint8Array, from: PeerAddress): void;
  /**
   * A send or receive failed. It is the same thing as loss: the socket goes on. `datagrams` of ours did not
   * leave for it: 0 when it concerns none, many when the rest of a batch was dropped.
   */
  onError(kind: SocketErrorKind, detail: string, datagrams: number): void;
}

export interface DatagramBind {
  /** IP literal to bind. `0.0.0.0` or `::` for all. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Wished size of the kernel's receive buffer; granted where the runtime can and the kernel lets it. */
  readonly receiveBufferBytes?: number;
}

export interface DatagramSocket {
  /** The address bound, with the real port. */
  readonly address: PeerAddress;
  /** Size of the kernel's receive buffer as the kernel says, or undefined where the runtime cannot tell. */
  readonly receiveBufferBytes: number | undefined;
  /**
   * Sends all datagrams of the outbox and returns how many the system took. The rest is dropped and counted
   * through `onError`, never queued: game data is stale by the next turn. The outbox may be reused at once.
   * Where the runtime tells of a failure only later, the datagram counts as taken and `onError` comes later.
   */
  sendMany(outbox: Outbox): number;
  /** No event is delivered once it was called, and sending takes none. A second call does nothing. */
  close(): Promise<void>;
}

export type OpenDatagramSocket = (bind: DatagramBind, events: DatagramEvents) => Promise<DatagramSocket>;
