/**
 * The largest UDP payload we send or accept: it fits the smallest IPv6 path (1280 bytes) with its headers and
 * leaves room for a tunnel. A longer datagram is refused unread.
 */
export const MAX_DATAGRAM_BYTES = 1200;
