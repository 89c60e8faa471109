import { describe, expect, test } from "vitest";
import { OpenCipher } from "../crypto/open-cipher.ts";
import { Rig, SERVER, sodium, TURN_MS } from "./rig.ts";

const turns = (seconds: number): number => Math.ceil((seconds * 1000) / TURN_MS);

/** Three who play, with ciphers of the two ends that show what they hold. */
function playing(packets: number) {
  const [ours, theirs] = [new OpenCipher(), new OpenCipher()];
  const rekey = { packets, ms: 1e9 };
  const rig = new Rig({ sodium: { ...sodium, packetCipher: () => ours.cipher }, rekey });
  const clients = Array.from({ length: 3 }, () =>
    rig.join({ cipher: theirs.cipher, plaintext: false, rekey }),
  );
  rig.run(turns(3));
  expect(clients.map(({ endpoint }) => endpoint.connection.state)).toEqual(Array(3).fill("connected"));
  return { rig, ours, theirs, client: clients[0]! };
}

describe.each([
  ["that never changed", 1e9, 2],
  ["that changed with each packet or so", 1, 3],
] as const)("keys %s", (_name, packets, each) => {
  test("are held while their connection lives, and are not many", () => {
    const { rig, ours, theirs } = playing(packets);
    expect([ours.keys, theirs.keys]).toEqual([3 * each, 3 * each]);
    rig.run(turns(20));
    expect([ours.keys, theirs.keys]).toEqual([3 * each, 3 * each]);
  });

  test("are wiped at both ends when a client leaves", () => {
    const { rig, ours, theirs, client } = playing(packets);
    client.endpoint.close("closed", "bye", rig.nowMs);
    rig.run(turns(3));
    expect([ours.keys, theirs.keys]).toEqual([2 * each, 2 * each]);
  });

  test("are wiped at both ends when the server sends them away", () => {
    const { rig, ours, theirs } = playing(packets);
    for (const connection of rig.server.connections()) connection.close("kicked", "", rig.nowMs);
    rig.run(turns(3));
    expect([ours.keys, theirs.keys]).toEqual([0, 0]);
  });

  test("are wiped at both ends when nothing is heard any more", () => {
    const { rig, ours, theirs } = playing(packets);
    rig.fate = () => [];
    rig.run(turns(60));
    expect(rig.server.connectionCount).toBe(0);
    expect([ours.keys, theirs.keys]).toEqual([0, 0]);
  });

  test("are wiped at a server whose clients never say that they are in", () => {
    const ours = new OpenCipher();
    const rig = new Rig({ sodium: { ...sodium, packetCipher: () => ours.cipher } });
    rig.fate = (bytes, to) => (to === SERVER && bytes[0]! >= 9 ? [] : [0]);
    rig.join({ plaintext: false });
    rig.run(turns(30));
    expect(rig.server.connectionCount).toBe(0);
    expect(ours.keys).toBe(0);
  });
});
