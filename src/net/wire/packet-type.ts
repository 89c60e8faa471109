/**
 * The first byte of a datagram. 0x04–0x0F is ours, so that server queries (0xFF), STUN, DTLS and QUIC can share
 * the port.
 */
export const PacketType = {
  Hello: 0x04,
  Cookie: 0x05,
  Connect: 0x06,
  Accept: 0x07,
  Deny: 0x08,
  /** DATA under a key of an even phase, then of an odd one. */
  Data: 0x09,
  DataOdd: 0x0a,
  Advise: 0x0b,
  Reset: 0x0c,
} as const;
export type PacketType = (typeof PacketType)[keyof typeof PacketType];
