/**
 * The largest UDP payload we send or accept: it fits the smallest IPv6 path (1280 bytes) with its headers and
 * leaves room for a tunnel. A longer datagram is refused unread.
 */
export const MAX_DATAGRAM_BYTES = 1200;

/** What IPv4 and UDP put before each datagram: what a narrow link carries besides ours. */
export const IP_UDP_HEADER_BYTES = 28;
