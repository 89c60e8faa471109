/**
 * The life of a connection. Each end has its own way in; both leave the same way.
 *
 *   client   idle → asking → connecting → connected ⇄ dropped → closed
 *   server   idle →          accepted   → connected ⇄ dropped → closed
 *                                             └──→ closing ←──┘ → closed
 *
 *   idle        nothing was sent
 *   asking      HELLO is out, a COOKIE is awaited
 *   connecting  CONNECT is out, ACCEPT or DENY is awaited
 *   accepted    ACCEPT is out; nothing else is sent before a packet of the client opens
 *   connected   packets flow
 *   dropped     nothing was heard for long; keys, numbers and reliable queues wait for the peer to come back
 *   closing     the reason is being told, several times, as nobody acks it
 *   closed      over; the reason is known
 */
export type ConnectionState =
  | "idle"
  | "asking"
  | "connecting"
  | "accepted"
  | "connected"
  | "dropped"
  | "closing"
  | "closed";

export const TRANSITIONS: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  idle: ["asking", "accepted", "closed"],
  asking: ["connecting", "closed"],
  connecting: ["asking", "connected", "closed"], // back to asking when the cookie has gone stale
  accepted: ["connected", "closed"],
  connected: ["dropped", "closing", "closed"],
  dropped: ["connected", "closing", "closed"],
  closing: ["closed"],
  closed: [],
};
