import { describe, expect, test } from "vitest";
import { MsgpackReader } from "../../src/net/bytes/msgpack-reader.ts";
import type { Connection } from "../../src/net/connection/connection.ts";
import { newBodyHead, readBodyHead } from "../../src/net/wire/data-packet.ts";
import { opened, type Shaken, shakeHands } from "../golden/source/handshake-vectors.ts";
import { flushed, give, START_MS } from "../golden/source/wire.ts";
import { seeded } from "./endpoint/rig.ts";
import { QueuedBlocks } from "./queued-blocks.ts";

type End = "client" | "server";
const TURN_MS = 33;
const TURNS = 3_000;
/** Past this every number in a head has its full width. */
const WARM_TURNS = 400;

/** Bytes of a sealed packet that are no frame: header, head of the body, tag. */
function overheadOf(packet: Uint8Array, from: End, number: number, { keys }: Shaken): number {
  const headerEnd = from === "client" ? 7 : 3;
  const body = opened(packet, headerEnd, from === "client" ? keys.toServer : keys.toClient, number);
  const reader = new MsgpackReader().reset(body);
  readBodyHead(reader, from === "client" ? "server" : "client", newBodyHead());
  expect(reader.ok).toBe(true);
  return packet.length - (body.length - reader.at);
}

/** Both ends talk every turn, as in a game; each packet gets lost with this chance. */
function talk(lossRatio: number): Record<End, number[]> {
  const shaken = shakeHands(400);
  const { client, server } = shaken;
  const blocks = new QueuedBlocks([...server.connections()][0] as Connection);
  const random = seeded(9);
  const numbers = { client: 0, server: 0 };
  const overheads: Record<End, number[]> = { client: [], server: [] };
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const nowMs = START_MS + turn * TURN_MS;
    const peer = [...server.connections()][0] as Connection;
    if (peer.state === "connected") {
      peer.tick = 300 + turn;
      peer.inputLead = 2;
      blocks.tell(new Uint8Array(100));
    }
    client.connection.queueInput(new Uint8Array(12), 12, 300 + turn);
    for (const from of ["client", "server"] as const) {
      const [sender, receiver] = from === "client" ? [client, server] : [server, client];
      for (const packet of flushed(sender, nowMs)) {
        numbers[from] += 1;
        if (turn > WARM_TURNS) overheads[from].push(overheadOf(packet, from, numbers[from], shaken));
        if (random() >= lossRatio) give(receiver, packet, nowMs);
      }
    }
  }
  return overheads;
}

describe("overhead of a sealed packet without its frames", () => {
  test.each([
    ["on a clean path", 0, 29],
    ["under 5 % loss", 0.05, 33],
    ["under 30 % loss", 0.3, 33],
  ] as const)("%s", (name, lossRatio, most) => {
    const overheads = talk(lossRatio);
    for (const from of ["client", "server"] as const) {
      const sizes = overheads[from];
      const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
      const largest = Math.max(...sizes);
      console.log(`${name}, from the ${from}: mean ${mean.toFixed(1)}, at most ${largest} bytes`);
      expect(sizes.length).toBeGreaterThan(TURNS - WARM_TURNS - 1);
      // That large they do become: the bound is no idle one.
      expect(largest).toBe(most);
    }
  });
});
