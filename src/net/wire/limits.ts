import { MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";
import { MAX_KEYS } from "../bytes/message-limits.ts";

/** Versions of the wire protocol this code speaks. */
export const MIN_PROTOCOL_VERSION = 1;
export const MAX_PROTOCOL_VERSION = 1;

/** HELLO is padded to this, so that no answer to an unproven address is larger than its question. */
export const HELLO_BYTES = MAX_DATAGRAM_BYTES;
export const CLIENT_RANDOM_BYTES = 16;
export const DEFINITION_HASH_BYTES = 32;
export const COOKIE_BYTES = 16;
/** X25519 public keys. */
export const PUBLIC_KEY_BYTES = 32;
/** Sealed ConnectTokens. */
export const MAX_TOKEN_BYTES = 720;
export const PROOF_BYTES = 16;
export const RESET_TOKEN_BYTES = 16;
export const DENY_NONCE_BYTES = 12;
/** Hash of one part of a definition, so that two ends can name what differs. */
export const PART_HASH_BYTES = 4;
/** Of a player's display name, as UTF-8. */
export const MAX_NAME_BYTES = 24;
/** Of the sentence that goes with a denial or a disconnect, as UTF-8. */
export const MAX_DETAIL_BYTES = 200;

/** Room at the end of every DATA packet for the tag of a sealed body. */
export const TAG_BYTES = 16;
/** `ackDelay` saturates here, so that it stays one byte. */
export const MAX_ACK_DELAY_MS = 127;
export const MIN_INPUT_LEAD_TICKS = -32;
export const MAX_INPUT_LEAD_TICKS = 127;

/**
 * Largest payload of one frame, state block and input block: a datagram less the longest header, body head
 * and frame head, and the tag. (Header 7 + body head 17 + frame head 10 + tag 16 = 50.) Longer messages travel in
 * fragments, whose longer heads leave room for a little less.
 */
export const MAX_PAYLOAD_BYTES = MAX_DATAGRAM_BYTES - 60;
export const MAX_STATE_BLOCK_BYTES = MAX_DATAGRAM_BYTES - 60;
export const MAX_INPUT_BLOCK_BYTES = 600;

/** Channels are told apart by a number below this. */
export const MAX_CHANNELS = 64;
/** Of a value on a reliable-latest channel. */
export const MAX_KEY = MAX_KEYS - 1;
/** Random bytes of a PATH_CHALLENGE, which its PATH_RESPONSE repeats. */
export const PATH_DATA_BYTES = 8;
/** Frames in one packet: more is a sign of forgery, not of a game. */
export const MAX_FRAMES = 256;
