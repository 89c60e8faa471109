/** Why a connection was refused or ended. The position is the code on the wire: append only. */
export const DISCONNECT_REASONS = [
  "closed", // the peer left of its own will
  "timeout", // silence for too long
  "full", // no place in the room
  "draining", // the server is shutting down
  "kicked", // the room's rules, or an operator
  "version-mismatch", // no common protocol version
  "definition-mismatch", // the two sides hold different games
  "room-error", // the room's code failed for this player
  "protocol-error", // the peer broke the protocol
  "replaced", // the same player connected anew
  "flooding", // more messages or bytes than one peer may send
  "server-restarted", // the server knows nothing of this connection any more
  "token-refused", // the server would not take the token
  "unknown-room", // the token names a room that is not here
] as const;
export type DisconnectReason = (typeof DISCONNECT_REASONS)[number];

export function reasonCode(reason: DisconnectReason): number {
  return DISCONNECT_REASONS.indexOf(reason);
}
