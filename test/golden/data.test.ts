import { describe, expect, test } from "vitest";
import type { PacketKey } from "../../src/net/crypto/packet-cipher.ts";
import { PacketSeal } from "../../src/net/crypto/packet-seal.ts";
import { nextPacketKey } from "../../src/net/crypto/session-keys.ts";
import { FrameKind } from "../../src/net/wire/frames.ts";
import { sodium } from "../net/endpoint/rig.ts";
import data from "./data.json" with { type: "json" };
import { hex, unhex, withFlips } from "./hex.ts";
import { plainBody } from "./plain-values.ts";

type End = "client" | "server";
const cipher = sodium.packetCipher();
const packetKey = ({ key, iv }: { key: string; iv: string }): PacketKey => ({
  key: unhex(key),
  iv: unhex(iv),
});
const keyOf = (from: string): PacketKey => packetKey(from === "client" ? data.toServer : data.toClient);
const headerOf = (from: string): number => (from === "client" ? 7 : 3);
const text = (value: unknown): string => JSON.stringify(value);

describe.each(data.packets)("$from $number: $name", ({ from, number, packet, body, decoded }) => {
  const headerEnd = headerOf(from);
  const key = keyOf(from);
  const bytes = unhex(packet);

  test("opens to its body, and the body seals to it", () => {
    const end = cipher.open(bytes, headerEnd, key, number);
    expect(hex(cipher.opened.subarray(headerEnd, end))).toBe(body);
    const slot = new Uint8Array(1200);
    slot.set(bytes.subarray(0, headerEnd));
    slot.set(unhex(body), headerEnd);
    const length = cipher.seal(slot, headerEnd, headerEnd + body.length / 2, key, number);
    expect(hex(slot.subarray(0, length))).toBe(packet);
  });

  test("its header says whose it is", () => {
    const view = new DataView(bytes.buffer);
    expect(bytes[0]).toBe(0x09);
    if (from === "client") expect(view.getUint32(1)).toBe(data.connectionId);
    expect(view.getUint16(headerEnd - 2)).toBe(number % 65_536);
  });

  test("its body says this", () => {
    expect(plainBody(unhex(body), from as End)).toEqual(decoded);
  });

  test("every flip of it is refused", () => {
    const opened: number[] = [];
    for (const { flipped, bit } of withFlips(bytes)) {
      if (cipher.open(flipped, headerEnd, key, number) >= 0) opened.push(bit);
    }
    expect(opened).toEqual([]);
  });

  test("every flip of its body is refused or says something else", () => {
    const said = text(decoded);
    const same: number[] = [];
    for (const { flipped, bit } of withFlips(unhex(body))) {
      if (text(plainBody(flipped, from as End)) === said) same.push(bit);
    }
    expect(text(plainBody(unhex(body), from as End))).toBe(said);
    expect(same).toEqual([]);
  });
});

test("every kind of frame occurs", () => {
  const seen = new Set(data.packets.flatMap(({ decoded }) => decoded.frames.map(({ kind }) => kind)));
  expect([...seen].sort()).toEqual(Object.keys(FrameKind).sort());
});

describe("key update", () => {
  const { keys, packets, body } = data.keyUpdate;
  const receiver = (): PacketSeal => {
    const send = packetKey(data.toServer);
    return new PacketSeal(sodium, cipher, send, packetKey(keys[0]!));
  };
  /** Whether the packet opens, `newest` being the highest number received. */
  const opens = (seal: PacketSeal, i: number, newest: number, nowMs = 0): boolean => {
    const { packet, number } = packets[i]!;
    return seal.open(unhex(packet), 3, number, newest, nowMs) >= 0;
  };

  test("each key leads to the next, and a sender that changes every four packets sends these", () => {
    for (const [i, key] of keys.slice(0, -1).entries()) {
      const next = nextPacketKey(sodium, packetKey(key));
      expect({ key: hex(next.key), iv: hex(next.iv) }).toEqual(keys[i + 1]);
    }
    const rule = { packets: data.keyUpdate.everyPackets, ms: Number.POSITIVE_INFINITY };
    const seal = new PacketSeal(sodium, cipher, packetKey(keys[0]!), packetKey(data.toServer), rule);
    for (const { number, packet, phase } of packets) {
      const slot = new Uint8Array(1200);
      const type = seal.typeOf(number, number - 1, 0);
      expect(type).toBe(phase === 0 ? 0x09 : 0x0a);
      slot.set([type, 0, number, ...unhex(body)]);
      const length = seal.seal(slot, 3, 3 + body.length / 2, number);
      expect(hex(slot.subarray(0, length))).toBe(packet);
    }
  });

  test("a receiver follows in order, and takes a straggler for three seconds", () => {
    const seal = receiver();
    for (let i = 0; i < packets.length; i += 1) expect(opens(seal, i, i)).toBe(true);
    expect(seal.keyChanges).toBe(2);
    expect(opens(seal, 7, 12, 3_000)).toBe(true);
    expect(opens(seal, 7, 12, 3_001)).toBe(false);
    // Two phases ago: no key is kept.
    expect(opens(seal, 3, 12, 0)).toBe(false);
  });

  test("a receiver that missed the first packets of a phase follows; a whole phase it cannot miss", () => {
    const seal = receiver();
    expect(opens(seal, 0, 0)).toBe(true);
    expect(opens(seal, 6, 1)).toBe(true);
    expect(opens(seal, 4, 7)).toBe(true);
    expect(opens(seal, 2, 7)).toBe(true);
    const late = receiver();
    expect(opens(late, 0, 0)).toBe(true);
    expect(opens(late, 8, 1)).toBe(false);
  });

  test("no flip of a packet opens, nor moves the receiver on", () => {
    const seal = receiver();
    expect(opens(seal, 0, 0)).toBe(true);
    for (const i of [1, 4]) {
      for (const { flipped } of withFlips(unhex(packets[i]!.packet))) {
        expect(seal.open(flipped, 3, i + 1, 1, 0)).toBe(-1);
      }
    }
    expect(seal.keyChanges).toBe(0);
    expect(opens(seal, 4, 1)).toBe(true);
  });
});
