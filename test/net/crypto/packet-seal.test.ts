import { describe, expect, test } from "vitest";
import { PacketSeal, type RekeyRule } from "../../../src/net/crypto/packet-seal.ts";
import { nextPacketKey } from "../../../src/net/crypto/session-keys.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";
import { PacketType } from "../../../src/net/wire/packet-type.ts";

const sodium = await loadSodium();
const cipher = sodium.packetCipher();
const keyOf = (fill: number) => ({ key: new Uint8Array(32).fill(fill), iv: new Uint8Array(12).fill(fill) });

/** One end that seals and one that opens; `newest` is what the second has seen. */
class Pair {
  readonly sender: PacketSeal;
  readonly receiver = new PacketSeal(sodium, cipher, keyOf(2), keyOf(1));
  newest = 0;
  acked = 0;

  constructor(rule: RekeyRule) {
    this.sender = new PacketSeal(sodium, cipher, keyOf(1), keyOf(2), rule);
  }

  packet(number: number, nowMs = 0): Uint8Array {
    const slot = new Uint8Array(1200);
    slot.set([this.sender.typeOf(number, this.acked, nowMs), number >>> 8, number, 0x93, 0, 0, number & 127]);
    return slot.slice(0, this.sender.seal(slot, 3, 7, number));
  }

  /** True when it opens and says what was said. */
  open(bytes: Uint8Array, number: number, nowMs = 0): boolean {
    const end = this.receiver.open(bytes, 3, number, this.newest, nowMs);
    if (end >= 0) this.newest = Math.max(this.newest, number);
    return end === 7 && this.receiver.opened[6] === (number & 127);
  }
}

describe("PacketSeal", () => {
  test("changes its key after so many packets, once one under the present key was acked", () => {
    const pair = new Pair({ packets: 4, ms: 1e9 });
    const types = Array.from({ length: 20 }, (_, i) => {
      const number = i + 1;
      const packet = pair.packet(number);
      expect(pair.open(packet, number)).toBe(true);
      if (number === 7) pair.acked = 3;
      if (number === 16) pair.acked = 9;
      return packet[0];
    });
    // 8 is the first after the ack; the next change waits for an ack of 8 or more, which comes after 16.
    const even = PacketType.Data;
    const odd = PacketType.DataOdd;
    expect(types).toEqual([...Array(7).fill(even), ...Array(9).fill(odd), ...Array(4).fill(even)]);
    expect(pair.sender.keyChanges).toBe(2);
    expect(pair.receiver.keyChanges).toBe(2);
  });

  test("changes its key after a time", () => {
    const pair = new Pair({ packets: 1e9, ms: 1_000 });
    expect(pair.packet(1, 500)[0]).toBe(PacketType.Data);
    pair.acked = 1;
    expect(pair.packet(2, 1_499)[0]).toBe(PacketType.Data);
    expect(pair.packet(3, 1_500)[0]).toBe(PacketType.DataOdd);
  });

  test("stragglers of the former key open for three seconds, in any order", () => {
    const pair = new Pair({ packets: 3, ms: 1e9 });
    pair.acked = 2;
    const packets = [1, 2, 3, 4, 5].map((number) => pair.packet(number));
    expect(packets.map((bytes) => bytes[0])).toEqual([9, 9, 9, 10, 10]);
    expect(pair.open(packets[0]!, 1, 0)).toBe(true);
    expect(pair.open(packets[4]!, 5, 100)).toBe(true); // the change is seen by its second packet
    expect(pair.open(packets[1]!, 2, 3_100)).toBe(true);
    expect(pair.open(packets[3]!, 4, 3_100)).toBe(true); // below the change it was seen at, under the new key
    expect(pair.open(packets[2]!, 3, 3_101)).toBe(false);
    expect(pair.receiver.keyChanges).toBe(1);
  });

  test("a forged packet of the next phase changes nothing, nor does a true one that is not new", () => {
    const pair = new Pair({ packets: 1e9, ms: 1e9 });
    expect(pair.open(pair.packet(1), 1)).toBe(true);
    const forged = pair.packet(2).with(0, PacketType.DataOdd);
    for (const number of [2, 3, 16_000]) expect(pair.open(forged, number)).toBe(false);
    expect(pair.receiver.keyChanges).toBe(0);
    expect(pair.open(pair.packet(3), 3)).toBe(true);

    // Under the true next key, but numbered below the newest: a sender never goes back.
    const next = nextPacketKey(sodium, keyOf(1));
    const slot = new Uint8Array(1200);
    slot.set([PacketType.DataOdd, 0, 2, 0x93, 0, 0, 2]);
    const packet = slot.slice(0, cipher.seal(slot, 3, 7, next, 2));
    expect(pair.open(packet, 2)).toBe(false);
    expect(pair.receiver.keyChanges).toBe(0);
  });

  test("a hundred changes one after the other", () => {
    const pair = new Pair({ packets: 1, ms: 1e9 });
    for (let number = 1; number <= 101; number += 1) {
      expect(pair.open(pair.packet(number), number)).toBe(true);
      pair.acked = number;
    }
    expect(pair.receiver.keyChanges).toBe(100);
  });
});
