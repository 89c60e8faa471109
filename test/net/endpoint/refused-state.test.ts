import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../../src/net/connection/connection.ts";
import { PacketType } from "../../../src/net/wire/packet-type.ts";
import { QueuedBlocks } from "../queued-blocks.ts";
import { RELIABLE, Rig, SERVER, type Seen, UNRELIABLE } from "./rig.ts";

const GOOD = Uint8Array.of(1, 7);
const BAD = Uint8Array.of(0xff, 7);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const said = (saw: readonly Seen[]): string[] =>
  saw.filter(({ kind }) => kind === "message").map(({ payload }) => new TextDecoder().decode(payload));

/** A server whose client cannot read blocks that begin with 255. */
function playing() {
  const rig = new Rig();
  const client = rig.joined();
  const server = [...rig.server.connections()][0] as Connection;
  const blocks = new QueuedBlocks(server);
  /** What the client was given to read. */
  const read: number[][] = [];
  client.endpoint.connection.readState = (bytes, start, end) => {
    read.push([...bytes.slice(start, end)]);
    return bytes[start] !== 0xff;
  };
  const { counters } = client.endpoint;
  const ofKind = (kind: Seen["kind"]): Seen[] => client.saw.filter((seen) => seen.kind === kind);
  return { rig, client, server, blocks, read, counters, ofKind };
}

describe("a packet whose block of state cannot be read", () => {
  test("is not acked, and nothing of it is taken: its messages come with another, once", () => {
    const { rig, client, server, blocks, counters, ofKind } = playing();
    server.send(RELIABLE, text("kept"));
    server.send(UNRELIABLE, text("lost"));
    server.queueOwn(text("own of the bad tick"), 19);
    blocks.tell(BAD);
    rig.run(2);
    expect(counters).toMatchObject({ refusedBlock: 1, refusedFrame: 0 });
    expect(client.saw.map(({ kind }) => kind)).toEqual(["connected"]);
    rig.run(60, () => {
      server.queueOwn(text("own"), 3);
      blocks.tell(GOOD);
    });
    const [bad] = blocks.carried;
    expect(blocks.told.filter(({ number }) => number === bad!.number)).toEqual([
      { number: bad!.number, fate: "lost" },
    ]);
    expect(said(client.saw)).toEqual(["kept"]);
    expect(server.unackedMessages).toBe(0);
    expect(new Set(ofKind("own").map(({ payload }) => new TextDecoder().decode(payload)))).toEqual(
      new Set(["own"]),
    );
    expect(counters.refusedBlock).toBe(1);
    expect(ofKind("state")).toHaveLength(59);
    expect(blocks.told.filter(({ fate }) => fate === "lost")).toHaveLength(1);
  });

  test("is no sign of life, nor does it tell of a tick", () => {
    const { rig, client, server, blocks } = playing();
    rig.run(3);
    const { tick } = client.endpoint.connection;
    rig.run(350, () => {
      server.tick += 1;
      server.queueOwn(text("own"), 3);
      blocks.tellVital(BAD);
    });
    expect(client.endpoint.connection).toMatchObject({ state: "dropped", tick });
    rig.run(40, () => blocks.tell(GOOD));
    expect(client.endpoint.connection).toMatchObject({ state: "connected", tick: server.tick });
  });

  test("is not read again when it is repeated, though it could be by then", () => {
    const { rig, client, blocks, read, counters, ofKind } = playing();
    const { fate } = rig;
    const copies: Uint8Array[] = [];
    rig.fate = (bytes, to) => {
      if (to !== SERVER) copies.push(bytes);
      return [0];
    };
    blocks.tell(BAD);
    rig.run(1);
    rig.fate = fate;
    rig.run(5, () => blocks.tell(GOOD));
    expect([copies.length, counters.refusedBlock]).toEqual([1, 1]);
    client.endpoint.connection.readState = () => true;
    const before = { ...counters };
    const reads = read.length;
    for (let i = 0; i < 20; i += 1) client.endpoint.receive(copies[0]!, SERVER, rig.nowMs);
    rig.run(1);
    expect(counters.refusedDuplicate - before.refusedDuplicate).toBe(20);
    expect([counters.refusedBlock, read.length]).toEqual([1, reads + (ofKind("state").length - 4 - 1)]);
  });

  test("costs nothing of those after it", () => {
    const { rig, server, blocks, counters, ofKind, client } = playing();
    let tick = 0;
    rig.run(90, () => {
      tick += 1;
      server.send(RELIABLE, text(`${tick}`));
      blocks.tell(tick % 3 === 0 ? BAD : GOOD);
    });
    rig.run(60);
    expect(counters.refusedBlock).toBe(30);
    expect(ofKind("state")).toHaveLength(60);
    expect(said(client.saw)).toEqual(Array.from({ length: 90 }, (_, i) => `${i + 1}`));
  });

  test("is not read at all when anything else is wrong with it, or by who is leaving", () => {
    const { client, hear, read, counters } = listening();
    hear([[1, GOOD], [1]]);
    hear([
      [1, GOOD],
      [0, RELIABLE, 300, GOOD],
    ]);
    expect([read.length, counters.refusedFrame]).toEqual([0, 2]);
    client.endpoint.close("closed", "", 1);
    hear([[1, BAD]]);
    expect([read.length, counters.refusedBlock]).toEqual([0, 0]);
  });
});

/** A client to which we speak in its server's name. */
function listening() {
  const rig = new Rig({ plaintext: true });
  const client = rig.joined();
  rig.fate = () => [];
  const read: number[][] = [];
  client.endpoint.connection.readState = (bytes, start, end) => {
    read.push([...bytes.slice(start, end)]);
    return true;
  };
  const { counters } = client.endpoint;
  let number = 100;
  const hear = (frames: readonly unknown[]): void => {
    number += 1;
    const body = encode([0, 0, 0, 0, 0, ...frames]);
    client.endpoint.receive(Uint8Array.of(PacketType.Data, number >>> 8, number, ...body), SERVER, rig.nowMs);
    rig.run(1);
  };
  return { rig, client, hear, read, counters };
}

describe("of the blocks of one packet", () => {
  const own = [5, text("own")];
  const state = [1, GOOD];
  test.each([
    ["state and own", [state, own], ["state", "own"]],
    ["own and state", [own, state], ["own", "state"]],
    ["an own block alone", [[4], own], ["own"]],
    [
      "an empty one of each",
      [
        [1, new Uint8Array(0)],
        [5, new Uint8Array(0)],
      ],
      ["state", "own"],
    ],
  ] as const)("%s are taken", (_name, frames, kinds) => {
    const { client, hear, counters, read } = listening();
    const before = counters.accepted;
    hear(frames);
    expect(counters.accepted - before).toBe(1);
    expect(client.saw.slice(1).map(({ kind }) => kind)).toEqual(kinds);
    expect(read.length).toBe(frames.filter(([kind]) => kind === 1).length);
  });

  test.each([
    ["two of state", [state, state]],
    ["two of state, one of them empty", [[1, new Uint8Array(0)], state]],
    ["two of state with others between", [state, own, [4], state]],
    ["two own ones", [own, own]],
    ["two own ones around state", [own, state, own]],
  ] as const)("%s are refused with all that is in it", (_name, frames) => {
    const { client, hear, counters, read } = listening();
    const before = { ...counters };
    hear([[0, UNRELIABLE, text("hi")], ...frames]);
    expect(counters.refusedFrame - before.refusedFrame).toBe(1);
    expect(counters.accepted).toBe(before.accepted);
    expect(client.saw.slice(1)).toEqual([]);
    expect(read).toEqual([]);
    // Each packet is judged by itself.
    hear([state, own]);
    hear([[4]]);
    hear([own]);
    expect(client.saw.slice(1).map(({ kind }) => kind)).toEqual(["state", "own", "own"]);
    expect(read).toEqual([[...GOOD]]);
  });
});
