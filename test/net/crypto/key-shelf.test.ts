import { describe, expect, test } from "vitest";
import { LastingKey } from "../../../src/net/crypto/key-shelf.ts";
import type { PacketKey } from "../../../src/net/crypto/packet-cipher.ts";
import { PacketSeal } from "../../../src/net/crypto/packet-seal.ts";
import { nextPacketKey } from "../../../src/net/crypto/session-keys.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";
import { OpenCipher } from "./open-cipher.ts";

const sodium = await loadSodium();

let draws = 0;
/** No two alike, and like nothing else in memory. */
function freshKey() {
  draws += 1;
  const seed = sodium.hash(44, Uint8Array.of(draws >>> 8, draws), new Uint8Array(32).fill(77));
  return { key: seed.slice(0, 32), iv: seed.slice(32) };
}

function lastingKey({ key, iv }: PacketKey): LastingKey {
  return new LastingKey(key, iv);
}

function packetOf(n: number): Uint8Array {
  const slot = new Uint8Array(1200);
  slot.set([9, n >>> 8, n, 0x93, 0, 0, n & 127]);
  return slot;
}

const open = new OpenCipher();
const { cipher } = open;
const copiesOf = (key: PacketKey): number => open.copiesOf(key);

describe("a key on the shelf", () => {
  test("seals as it does when it is brought, before, on and after the shelf", () => {
    const plain = freshKey();
    const lasting = lastingKey(plain);
    for (const number of [1, 2, 2 ** 32 + 5]) {
      const [a, b] = [packetOf(number), packetOf(number)];
      expect(cipher.seal(a, 3, 7, lasting, number)).toBe(cipher.seal(b, 3, 7, plain, number));
      expect([...a]).toEqual([...b]);
      if (number === 2) lasting.letGo();
      expect(cipher.open(a.slice(0, 23), 3, lasting, number)).toBe(7);
    }
  });

  test("lies there from its first packet until it is let go, and not again", () => {
    const lasting = lastingKey(freshKey());
    expect(copiesOf(lasting)).toBe(0);
    cipher.seal(packetOf(1), 3, 7, lasting, 1);
    cipher.seal(packetOf(2), 3, 7, lasting, 2);
    expect(copiesOf(lasting)).toBe(1);
    lasting.letGo();
    expect(copiesOf(lasting)).toBe(0);
    cipher.seal(packetOf(3), 3, 7, lasting, 3);
    lasting.letGo();
    expect(copiesOf(lasting)).toBe(0);
  });

  test("has its slot for itself, among more than are asked for at a time; who comes later gets those let go", () => {
    const keys = Array.from({ length: 700 }, freshKey);
    const lasting = keys.map(lastingKey);
    const sealAll = (): void => {
      for (let i = 0; i < keys.length; i += 1) {
        const [a, b] = [packetOf(i), packetOf(i)];
        cipher.seal(a, 3, 7, lasting[i]!, 5);
        cipher.seal(b, 3, 7, keys[i]!, 5);
        expect(sodium.equal(a, b)).toBe(true);
      }
    };
    sealAll();
    const slots = new Set(lasting.map(({ at }) => at));
    expect(slots.size).toBe(700);
    for (let i = 0; i < keys.length; i += 3) {
      lasting[i]!.letGo();
      lasting[i] = lastingKey(keys[i]!);
    }
    sealAll();
    expect(new Set(lasting.map(({ at }) => at))).toEqual(slots);
  });

  test("of one cipher is brought to another, which has its own", () => {
    const other = sodium.packetCipher();
    const plain = freshKey();
    const lasting = lastingKey(plain);
    const packet = packetOf(1);
    const length = cipher.seal(packet, 3, 7, lasting, 1);
    expect(other.open(packet.slice(0, length), 3, lasting, 1)).toBe(7);
    expect([...other.opened.subarray(3, 7)]).toEqual([0x93, 0, 0, 1]);
  });
});

describe("a seal that has ended", () => {
  test("leaves none of its keys, former and next ones included", () => {
    const [send, receive] = [freshKey(), freshKey()];
    const rule = { packets: 1, ms: 1e9 };
    const ours = new PacketSeal(sodium, cipher, send, receive, rule);
    const theirs = new PacketSeal(sodium, cipher, receive, send, rule);
    const sent: PacketKey[] = [send];
    for (let number = 1; number <= 5; number += 1) {
      const slot = packetOf(number);
      slot[0] = ours.typeOf(number, number - 1, 0);
      expect(theirs.open(slot.slice(0, ours.seal(slot, 3, 7, number)), 3, number, number - 1, 0)).toBe(7);
      sent.push(nextPacketKey(sodium, sent.at(-1)!));
    }
    expect(ours.keyChanges).toBe(4);
    // One sends with the newest; the other opens with it, and stragglers with the one before.
    expect(sent.map(copiesOf)).toEqual([0, 0, 0, 1, 2, 0]);
    theirs.end();
    expect(sent.map(copiesOf)).toEqual([0, 0, 0, 0, 1, 0]);
    ours.end();
    expect(sent.map(copiesOf)).toEqual([0, 0, 0, 0, 0, 0]);

    // Both go on, for a goodbye and its like, and change their keys once more.
    const { keys } = open;
    const slot = packetOf(6);
    slot[0] = ours.typeOf(6, 5, 0);
    expect(theirs.open(slot.slice(0, ours.seal(slot, 3, 7, 6)), 3, 6, 5, 0)).toBe(7);
    expect([ours.keyChanges, theirs.keyChanges]).toEqual([5, 5]);
    expect(open.keys).toBe(keys);
  });
});
