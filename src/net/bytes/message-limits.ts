/**
 * What games and channels both know of messages. First the longest of each promise, in bytes of payload. Longer than a packet it travels in fragments; a
 * definition may allow less, never more.
 */

/** Lost with any of its pieces: more than 8 full packets would rarely arrive whole. */
export const MAX_UNRELIABLE_BYTES = 8_192;
export const MAX_RELIABLE_BYTES = 256 * 1024;
export const MAX_BULK_BYTES = 16 * 1024 * 1024;

/** Of channels: 0 is the least. */
export const MAX_PRIORITY = 7;
export const MAX_WEIGHT = 100;
/** Of one reliable-latest channel: 0 … 255. */
export const MAX_KEYS = 256;
