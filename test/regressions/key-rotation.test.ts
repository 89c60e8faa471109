import { expect, test } from "vitest";
import { RELIABLE, Rig, type Seen, seeded } from "../net/endpoint/rig.ts";

const numbers = (saw: readonly Seen[]): number[] =>
  saw.filter(({ kind }) => kind === "message").map(({ payload }) => payload[0]! * 256 + payload[1]!);

test("key rotation every two seconds under 20 % loss for 60 virtual seconds: nothing lost, many changes both ways", () => {
  const rekey = { packets: 2 ** 20, ms: 2_000 };
  const rig = new Rig({ rekey }, 8);
  const client = rig.join({ rekey });
  rig.run(10);
  const random = seeded(31);
  rig.fate = () => (random() < 0.2 ? [] : [20 + random() * 120]);
  const [serverEnd] = [...rig.server.connections()];
  let sent = 0;
  rig.run(Math.round(60_000 / 33), () => {
    const payload = Uint8Array.of(sent >>> 8, sent);
    expect(client.endpoint.send(RELIABLE, payload)).toBe("queued");
    expect(serverEnd!.send(RELIABLE, payload)).toBe("queued");
    sent += 1;
  });
  rig.fate = () => [0];
  rig.run(60);
  const all = Array.from({ length: sent }, (_, n) => n);
  expect(numbers(rig.serverSaw)).toEqual(all);
  expect(numbers(client.saw)).toEqual(all);
  // Each end counts its own changes and those it followed; 60 s hold 30 of each at most.
  for (const end of [serverEnd!, client.endpoint.connection]) {
    expect(end.seal!.keyChanges).toBeGreaterThan(45);
    expect(end.seal!.keyChanges).toBeLessThanOrEqual(62);
  }
  expect(rig.server.counters.packetsLost).toBeGreaterThan(100);
});
