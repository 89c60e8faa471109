/**
 * What the owner of a token can do and nobody who merely saw it:
 *
 *   proof     = BLAKE2b-16(key = tokenKey, CONNECT without its proof)
 *   deny key  = BLAKE2b-32(key = tokenKey, "tickwire deny")        the nonce of each DENY is random
 *   reset     = BLAKE2b-16(key = the server's first backend key, "tickwire reset" ‖ audience ‖ connectionId u32)
 */
import { PROOF_BYTES, RESET_TOKEN_BYTES } from "../wire/limits.ts";
import { ascii, concatenated } from "./session-keys.ts";
import type { Sodium } from "./sodium.ts";

const DENY = ascii("tickwire deny");
const RESET = ascii("tickwire reset");

export function connectProof(sodium: Sodium, tokenKey: Uint8Array, packet: Uint8Array): Uint8Array {
  return sodium.hash(PROOF_BYTES, packet, tokenKey);
}

export function denyKey(sodium: Sodium, tokenKey: Uint8Array): Uint8Array {
  return sodium.hash(32, DENY, tokenKey);
}

/** The same before and after a restart, so that a server can end a connection it no longer knows. */
export function resetTokenOf(
  sodium: Sodium,
  backendKey: Uint8Array,
  audience: string,
  connectionId: number,
): Uint8Array {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, connectionId);
  return sodium.hash(RESET_TOKEN_BYTES, concatenated(RESET, ascii(audience), id), backendKey);
}
