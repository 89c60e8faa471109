/**
 * Keys of one connection, from what both ends know once CONNECT was accepted:
 *
 *   transcript = BLAKE2b-32(COOKIE ‖ CONNECT ‖ serverKey)            packets as sent, byte for byte
 *   direction  = BLAKE2b-44(key = tokenKey, label ‖ X25519 ‖ transcript) → key 32 ‖ IV 12
 *   next phase = BLAKE2b-44(key = key, "tickwire ku")                    → key 32 ‖ IV 12
 *
 * The token's key proves who the client is; X25519 keeps the past safe when that key leaks; the transcript binds
 * every choice made on the way, so that no one can talk the ends down to a lower version.
 */
import type { PacketKey } from "./packet-cipher.ts";
import { PACKET_IV_BYTES, PACKET_KEY_BYTES } from "./packet-cipher.ts";
import type { Sodium } from "./sodium.ts";

export interface SessionKeys {
  readonly toServer: PacketKey;
  readonly toClient: PacketKey;
}

const TO_SERVER = ascii("tickwire to server");
const TO_CLIENT = ascii("tickwire to client");
const KEY_UPDATE = ascii("tickwire ku");

export function deriveSessionKeys(
  sodium: Sodium,
  tokenKey: Uint8Array,
  sharedSecret: Uint8Array,
  cookiePacket: Uint8Array,
  connectPacket: Uint8Array,
  serverKey: Uint8Array,
): SessionKeys {
  const transcript = sodium.hash(32, concatenated(cookiePacket, connectPacket, serverKey));
  const direction = (label: Uint8Array): PacketKey =>
    splitKey(
      sodium.hash(
        PACKET_KEY_BYTES + PACKET_IV_BYTES,
        concatenated(label, sharedSecret, transcript),
        tokenKey,
      ),
    );
  return { toServer: direction(TO_SERVER), toClient: direction(TO_CLIENT) };
}

/** The key of the next phase. */
export function nextPacketKey(sodium: Sodium, { key }: PacketKey): PacketKey {
  return splitKey(sodium.hash(PACKET_KEY_BYTES + PACKET_IV_BYTES, KEY_UPDATE, key));
}

function splitKey(bytes: Uint8Array): PacketKey {
  return { key: bytes.slice(0, PACKET_KEY_BYTES), iv: bytes.slice(PACKET_KEY_BYTES) };
}

export function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
