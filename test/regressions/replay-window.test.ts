import { expect, test } from "vitest";
import { PacketType } from "../../src/net/wire/packet-type.ts";
import { RELIABLE, Rig, SERVER } from "../net/endpoint/rig.ts";

test("window not poisoned before decrypt: a forged packet with a high number changes nothing", () => {
  const rig = new Rig();
  const client = rig.joined();
  const [serverEnd] = [...rig.server.connections()];
  const { id } = serverEnd!;
  for (const number of [1_000, 9_000, 16_000, 32_000]) {
    const high = [number >>> 8, number & 255];
    const body = Array.from({ length: 40 }, (_, i) => i);
    rig.inject(
      Uint8Array.from([PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id, ...high, ...body]),
      client.address,
    );
    // The same with a flipped phase: as if the key had changed.
    rig.inject(
      Uint8Array.from([PacketType.DataOdd, id >>> 24, id >>> 16, id >>> 8, id, ...high, ...body]),
      client.address,
    );
    client.endpoint.receive(Uint8Array.from([PacketType.Data, ...high, ...body]), SERVER, rig.nowMs);
  }
  expect(rig.server.counters.refusedForged).toBe(8);
  expect(client.endpoint.counters.refusedForged).toBe(4);

  const before = { ...rig.server.counters };
  client.endpoint.send(RELIABLE, Uint8Array.of(1));
  serverEnd!.send(RELIABLE, Uint8Array.of(2));
  rig.run(4);
  expect(rig.serverSaw.at(-1)).toMatchObject({ kind: "message", payload: Uint8Array.of(1) });
  expect(client.saw.at(-1)).toMatchObject({ kind: "message", payload: Uint8Array.of(2) });
  expect(rig.server.counters.refusedStale).toBe(before.refusedStale);
  expect(serverEnd!.seal!.keyChanges).toBe(0);
});
