/**
 * All ships in one datagram, big endian. No acks, no deltas, no encryption, no fragments: what a game can hardly do
 * without, it does without.
 *
 *   state  u32 tick │ u16 count │ count × { u16 id │ u16 x │ u16 y │ i8 vx │ i8 vy │ u8 hp │ u16 serial }
 *   input  u16 serial │ i8 dx │ i8 dy
 *   hello  empty                             x, y in 64ths
 */
import { PLACE_SCALE, type Ship } from "../fleet.ts";

export const HEADER_BYTES = 6;
export const SHIP_BYTES = 11;
export const INPUT_BYTES = 4;

export function writeShips(tick: number, ships: ReadonlyMap<number, Ship>): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + ships.size * SHIP_BYTES);
  bytes.writeUInt32BE(tick, 0);
  bytes.writeUInt16BE(ships.size, 4);
  let at = HEADER_BYTES;
  for (const [id, ship] of ships) {
    bytes.writeUInt16BE(id, at);
    bytes.writeUInt16BE(Math.floor(ship.x * PLACE_SCALE), at + 2);
    bytes.writeUInt16BE(Math.floor(ship.y * PLACE_SCALE), at + 4);
    bytes.writeInt8(ship.vx, at + 6);
    bytes.writeInt8(ship.vy, at + 7);
    bytes.writeUInt8(ship.hp, at + 8);
    bytes.writeUInt16BE(ship.serial, at + 9);
    at += SHIP_BYTES;
  }
  return bytes;
}

/** Reads a state into `ships`. */
export function readShips(bytes: Buffer, ships: Map<number, Ship>): void {
  const count = bytes.readUInt16BE(4);
  for (let n = 0, at = HEADER_BYTES; n < count; n += 1, at += SHIP_BYTES) {
    ships.set(bytes.readUInt16BE(at), {
      x: bytes.readUInt16BE(at + 2) / PLACE_SCALE,
      y: bytes.readUInt16BE(at + 4) / PLACE_SCALE,
      vx: bytes.readInt8(at + 6),
      vy: bytes.readInt8(at + 7),
      hp: bytes.readUInt8(at + 8),
      serial: bytes.readUInt16BE(at + 9),
    });
  }
}
