import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../../src/net/connection/connection.ts";
import { PacketType } from "../../../src/net/wire/packet-type.ts";
import { QueuedBlocks } from "../queued-blocks.ts";
import { RELIABLE, Rig, SERVER, TURN_MS } from "./rig.ts";

const RESYNC = [10];

function playing() {
  const rig = new Rig();
  const client = rig.joined();
  const server = [...rig.server.connections()][0] as Connection;
  const asked = (): number => rig.serverSaw.filter(({ kind }) => kind === "resync").length;
  const talk = (): void => client.endpoint.connection.queueInput(Uint8Array.of(1), 1, 1);
  return { rig, client, server, asked, talk };
}

describe("asking for all state anew", () => {
  test("goes with the next packet, and is told once", () => {
    const { rig, client, server, asked, talk } = playing();
    rig.run(3, talk);
    const before = client.endpoint.counters.datagramsSent;
    client.endpoint.connection.askResync();
    client.endpoint.connection.askResync();
    rig.run(1, talk);
    expect(client.endpoint.counters.datagramsSent - before).toBe(1);
    rig.run(30, talk);
    expect(asked()).toBe(1);
    const resync = rig.serverSaw.find(({ kind }) => kind === "resync");
    expect(resync?.connection).toBe(server);
    client.endpoint.connection.askResync();
    rig.run(2, talk);
    expect(asked()).toBe(2);
  });

  test("needs nothing to go with, and asks for an ack", () => {
    const { rig, client, asked } = playing();
    rig.run(20);
    const { acks } = client.endpoint.connection;
    client.endpoint.connection.askResync();
    rig.run(1);
    const { newest } = acks.sent;
    expect(acks.sent.pending(newest)?.elicitsAck).toBe(true);
    rig.run(3);
    expect([asked(), acks.sent.pending(newest)]).toEqual([1, undefined]);
  });

  test("does not wait for a path that is used up", () => {
    const { rig, client, asked } = playing();
    for (let n = 0; n < 40; n += 1) client.endpoint.send(RELIABLE, new Uint8Array(1_000));
    rig.run(1);
    expect(client.endpoint.connection.congestion.mayStillSend(rig.nowMs)).toBe(false);
    client.endpoint.connection.askResync();
    rig.run(2);
    expect(asked()).toBe(1);
  });

  test("is told once of a packet that comes twice", () => {
    const { rig, client, asked } = playing();
    rig.fate = () => [0, 5, 50];
    client.endpoint.connection.askResync();
    rig.run(10);
    expect(asked()).toBe(1);
    expect(rig.server.counters.refusedDuplicate).toBeGreaterThan(0);
  });

  test("is not repeated when it gets lost: whoever still needs it asks again", () => {
    const { rig, client, asked, talk } = playing();
    rig.fate = () => [];
    client.endpoint.connection.askResync();
    rig.run(3, talk);
    rig.fate = () => [0];
    rig.run(90, talk);
    expect(asked()).toBe(0);
    client.endpoint.connection.askResync();
    rig.run(3, talk);
    expect(asked()).toBe(1);
  });

  test("counts from one who was dropped too: with the knock", () => {
    const { rig, client, server, asked } = playing();
    rig.fate = () => [];
    rig.run(Math.ceil(11_000 / TURN_MS));
    expect([client.endpoint.connection.state, server.state]).toEqual(["dropped", "dropped"]);
    client.endpoint.connection.askResync();
    rig.fate = () => [0];
    rig.run(20);
    expect([server.state, asked()]).toEqual(["connected", 1]);
    const kinds = rig.serverSaw.map(({ kind }) => kind);
    expect(kinds).toEqual(["connected", "dropped", "resumed", "resync"]);
  });

  test("wakes a client that was dropped because it could read nothing of what came", () => {
    const { rig, client, server, asked } = playing();
    const { connection } = client.endpoint;
    const blocks = new QueuedBlocks(server);
    // Its first questions got lost.
    connection.readState = () => {
      if (asked() === 0 && connection.state === "dropped") connection.askResync();
      return asked() > 0;
    };
    rig.run(Math.ceil(15_000 / TURN_MS), () => {
      server.queueOwn(Uint8Array.of(1), 1);
      blocks.tellVital(Uint8Array.of(1));
    });
    expect(client.saw.map(({ kind }) => kind).slice(0, 3)).toEqual(["connected", "dropped", "resumed"]);
    expect(asked()).toBeGreaterThan(0);
    expect([connection.state, server.state]).toEqual(["connected", "connected"]);
  });
});

describe("the frame", () => {
  /** Ends in clear, in whose names we speak. */
  function speaking() {
    const rig = new Rig({ plaintext: true });
    const client = rig.joined();
    rig.fate = () => [];
    const { id } = client.endpoint.connection;
    let number = 100;
    const toServer = (...frames: unknown[]): void => {
      number += 1;
      const header = [PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, number >>> 8, number];
      rig.inject(Uint8Array.of(...header, ...encode([0, 0, 0, ...frames])), client.address);
    };
    const toClient = (...frames: unknown[]): void => {
      number += 1;
      const packet = [PacketType.Data, number >>> 8, number, ...encode([0, 0, 0, 0, 0, ...frames])];
      client.endpoint.receive(Uint8Array.from(packet), SERVER, rig.nowMs);
    };
    const asked = (): number => rig.serverSaw.filter(({ kind }) => kind === "resync").length;
    return { rig, client, toServer, toClient, asked };
  }

  test("is lawful towards the server, one event each", () => {
    const { rig, toServer, asked } = speaking();
    const { accepted } = rig.server.counters;
    toServer(RESYNC);
    expect([rig.server.counters.accepted - accepted, asked()]).toEqual([1, 1]);
    toServer([4], RESYNC, [0, RELIABLE, 0, new Uint8Array(1)]);
    expect(asked()).toBe(2);
  });

  test("is refused towards a client", () => {
    const { client, toClient } = speaking();
    const { accepted } = client.endpoint.counters;
    toClient([5, new Uint8Array(1)], RESYNC);
    expect(client.endpoint.counters).toMatchObject({ accepted, refusedFrame: 1 });
  });

  test.each([
    ["with more in it", [10, 0]],
    ["with a block", [10, new Uint8Array(1)]],
    ["of the next kind", [11]],
  ] as const)("is refused %s", (_name, frame) => {
    const { rig, toServer, asked } = speaking();
    toServer(frame);
    expect([rig.server.counters.refusedFrame, asked()]).toEqual([1, 0]);
  });
});
