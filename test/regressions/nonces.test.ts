import { describe, expect, test } from "vitest";
import { PacketType } from "../../src/net/wire/packet-type.ts";
import { RELIABLE, Rig, seeded } from "../net/endpoint/rig.ts";
import { SealLog } from "./watched-cipher.ts";

/** Plays a little; all chance but the server's own is the same each time. */
function play(serverSeed: number): SealLog {
  const log = new SealLog();
  const random = seeded(serverSeed);
  const rig = new Rig({
    sodium: log.sodium,
    random: (into) => {
      for (let i = 0; i < into.length; i += 1) into[i] = Math.floor(random() * 256);
    },
  });
  const client = rig.join({ cipher: log.cipher });
  rig.run(40, () => client.endpoint.send(RELIABLE, Uint8Array.of(7)));
  expect(client.endpoint.connection.state).toBe("connected");
  return log;
}

describe("nonce never reused after a restart", () => {
  test("the same client with the same token and key meets other keys", () => {
    const [first, again, restarted] = [play(1), play(1), play(2)];
    expect(first.pairs.length).toBeGreaterThan(30);
    expect(again.pairs).toEqual(first.pairs); // so nothing else differs
    expect(restarted.keys.size).toBe(first.keys.size);
    for (const key of restarted.keys) expect(first.keys).not.toContain(key);
  });

  test("no key and nonce seal twice: loss, key changes, lost ACCEPTs, denials", () => {
    const rekey = { packets: 20, ms: 1_000 };
    const log = new SealLog();
    const rig = new Rig({ sodium: log.sodium, rekey, maxConnections: 4 }, 3);
    const random = seeded(4);
    const accepts = new Map<string, Set<string>>();
    let acceptsSent = 0;
    rig.fate = (bytes, to) => {
      if (bytes[0] === PacketType.Accept) {
        acceptsSent += 1;
        accepts.set(to.host, (accepts.get(to.host) ?? new Set()).add(bytes.join()));
        if (acceptsSent < 6) return [];
      }
      return random() < 0.2 ? [] : [random() * 100];
    };
    for (let i = 0; i < 8; i += 1) rig.join({ cipher: log.cipher, rekey });
    rig.run(600, () => {
      for (const { endpoint } of rig.clients) endpoint.send(RELIABLE, Uint8Array.of(1));
      for (const connection of rig.server.connections()) connection.send(RELIABLE, Uint8Array.of(2));
    });
    expect(rig.server.connectionCount).toBe(4);
    expect(rig.server.counters.connectionsDenied).toBeGreaterThanOrEqual(4);
    // Sent again byte for byte, which seals nothing anew.
    expect(acceptsSent).toBeGreaterThan(accepts.size);
    for (const different of accepts.values()) expect(different.size).toBe(1);
    expect(log.pairs.length).toBeGreaterThan(3_000);
    expect(log.keys.size).toBeGreaterThan(100);
    expect(new Set(log.pairs).size).toBe(log.pairs.length);
  });
});
