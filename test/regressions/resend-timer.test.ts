import { describe, expect, test } from "vitest";
import { RELIABLE, Rig, seeded } from "../net/endpoint/rig.ts";

/** 900 messages of 200 bytes each way, one a turn, over a path of so many milliseconds each way. */
function play(oneWayMs: number, jitterMs = 0) {
  const rig = new Rig();
  const chance = seeded(4);
  rig.fate = () => [oneWayMs + chance() * jitterMs];
  const client = rig.join();
  rig.run(200);
  const [atServer] = [...rig.server.connections()];
  const before = client.endpoint.counters.bytesSent + rig.server.counters.bytesSent;
  rig.run(900, () => {
    client.endpoint.send(RELIABLE, new Uint8Array(200));
    atServer!.send(RELIABLE, new Uint8Array(200));
  });
  const bytes = client.endpoint.counters.bytesSent + rig.server.counters.bytesSent - before;
  rig.run(100);
  const heard = rig.serverSaw.filter(({ kind }) => kind === "message").length;
  const counters = [client.endpoint.counters, rig.server.counters];
  const again = counters.reduce((sum, each) => sum + each.messagesResent + each.messagesProbed, 0);
  return { bytes, heard, again };
}

describe("resend timer below RTT does not triple bandwidth", () => {
  const still = play(0);

  test.each([10, 60, 150, 300, 600])("on a path of %i ms each way nothing is sent twice", (oneWayMs) => {
    const { bytes, heard, again } = play(oneWayMs);
    expect(heard).toBe(900);
    // One probe at most while the round trip is not known.
    expect(again).toBeLessThanOrEqual(2);
    expect(bytes).toBeLessThan(still.bytes * 1.05);
  });

  test("jitter of two turns costs little", () => {
    const { bytes, heard, again } = play(150, 60);
    expect(heard).toBe(900);
    expect(again).toBeLessThan(1_800 * 0.05);
    expect(bytes).toBeLessThan(still.bytes * 1.1);
  });
});

describe("no storm after an outage", () => {
  test("while nothing is acked only probes go out; then each message once more", () => {
    const rig = new Rig();
    rig.fate = () => [50];
    const client = rig.join();
    rig.run(20);
    rig.run(60, () => client.endpoint.send(RELIABLE, new Uint8Array(200)));
    rig.fate = () => [];
    const before = { ...client.endpoint.counters };
    let said = 60;
    rig.run(240, () => {
      if (client.endpoint.send(RELIABLE, new Uint8Array(200)) === "queued") said += 1;
    });
    const { messagesResent, messagesProbed, bytesSent } = client.endpoint.counters;
    expect(messagesResent - before.messagesResent).toBe(0);
    // After 8 s: one each second, and the first ones in quicker succession.
    expect(messagesProbed - before.messagesProbed).toBeLessThan(40);
    expect(bytesSent - before.bytesSent).toBeLessThan(30_000);
    rig.fate = () => [50];
    rig.run(200);
    expect(rig.serverSaw.filter(({ kind }) => kind === "message")).toHaveLength(said);
    expect(rig.server.counters.messagesDuplicate).toBeLessThan(10);
  });
});
