import { describe, expect, test } from "vitest";
import { Connection } from "../../../src/net/connection/connection.ts";
import { EventQueue } from "../../../src/net/connection/event-queue.ts";
import { type Peer, PeerTable } from "../../../src/net/connection/peer-table.ts";
import { UsedTokens } from "../../../src/net/connection/used-tokens.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

const tokenId = (n: number): Uint8Array => {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(4, n);
  return id;
};

describe("UsedTokens", () => {
  test("remembers who took a token until it has expired", () => {
    const used = new UsedTokens();
    used.add(tokenId(1), 100, 11);
    used.add(tokenId(256), 200, 22);
    expect([1, 256, 2].map((n) => used.connectionOf(tokenId(n)))).toEqual([11, 22, undefined]);
    used.hasRoom(100); // at its last second it still counts
    expect(used.connectionOf(tokenId(1))).toBe(11);
    used.hasRoom(131);
    expect(used.connectionOf(tokenId(1))).toBeUndefined();
    expect(used.connectionOf(tokenId(256))).toBe(22);
    used.forget(tokenId(256));
    expect(used.connectionOf(tokenId(256))).toBeUndefined();
  });

  test("has an end: no token is taken that could not be remembered, and expired ones make room", () => {
    const used = new UsedTokens();
    for (let n = 0; n < 65_536; n += 1) {
      if (n % 8_192 === 0) expect(used.hasRoom(1)).toBe(true);
      used.add(tokenId(n), n < 10 ? 50 : 500, n + 1);
    }
    expect(used.hasRoom(2)).toBe(false);
    expect(used.hasRoom(50)).toBe(false);
    expect(used.hasRoom(51)).toBe(true);
    expect(used.connectionOf(tokenId(9))).toBeUndefined();
    expect(used.connectionOf(tokenId(10))).toBe(11);
  });
});

function peer(id: number, playerId = "", state: "accepted" | "connected" | "closed" = "connected"): Peer {
  const connection = new Connection({
    side: "server",
    address: { host: "10.0.0.1", port: id },
    channels: [],
    counters: newNetCounters(),
    events: new EventQueue<Connection>(),
    tickMs: 33,
    timeoutMs: 10_000,
  });
  connection.id = id;
  connection.playerId = playerId;
  connection.become("accepted", 0);
  if (state !== "accepted") connection.become("connected", 0);
  if (state === "closed") connection.life.abort("timeout", "", "network", 0);
  return { connection, tokenId: tokenId(id), packet: new Uint8Array(0), accept: new Uint8Array(0) };
}

describe("PeerTable", () => {
  test("finds peers by id, and living ones by player", () => {
    const table = new PeerTable();
    const [ada, bob, gone] = [peer(1, "ada"), peer(2, "bob", "accepted"), peer(3, "eve", "closed")];
    const stranger = peer(4);
    for (const each of [ada, bob, gone, stranger]) table.add(each, 100);
    expect(table.size).toBe(4);
    expect([table.get(1), table.get(5)]).toEqual([ada, undefined]);
    expect([table.ofPlayer("ada"), table.ofPlayer("bob"), table.ofPlayer("eve"), table.ofPlayer("")]).toEqual(
      [...[ada, bob, undefined, undefined]],
    );
    expect(table.all).toEqual([ada, bob, gone, stranger]);
  });

  test("a token counts as used for good once its connection lived, else its owner may come again", () => {
    const table = new PeerTable();
    const [lived, never] = [peer(1), peer(2, "", "accepted")];
    for (const each of [lived, never]) {
      table.add(each, 100);
      table.remove(each);
    }
    expect(table.size).toBe(0);
    expect(table.usedTokens.connectionOf(tokenId(1))).toBe(1);
    expect(table.usedTokens.connectionOf(tokenId(2))).toBeUndefined();
  });

  test("a free id is none that is taken, and never 0", () => {
    const table = new PeerTable();
    table.add(peer(7), 100);
    const draws = [0, 7, 7, 8];
    const id = table.freeId((into) => new DataView(into.buffer).setUint32(0, draws.shift()!));
    expect(id).toBe(8);
    expect(draws).toEqual([]);
  });
});
