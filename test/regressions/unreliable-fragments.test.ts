import { expect, test } from "vitest";
import { Rig, SEQUENCED, seeded, UNRELIABLE } from "../net/endpoint/rig.ts";

const BYTES = 8_192;

test("unreliable fragments: a message of eight packets arrives whole, or not at all", () => {
  const rig = new Rig();
  const chance = seeded(8);
  rig.fate = () => (chance() < 0.05 ? [] : [30 + chance() * 20]);
  const client = rig.join();
  rig.run(60);
  const [atServer] = [...rig.server.connections()];
  let said = 0;
  let turn = 0;
  rig.run(4_500, () => {
    turn += 1;
    if (turn % 15 !== 0) return;
    said += 1;
    for (const channel of [UNRELIABLE, SEQUENCED]) {
      const payload = new Uint8Array(BYTES).fill(said);
      expect(atServer!.send(channel, payload)).toBe("queued");
    }
  });
  rig.run(120);
  for (const channel of [UNRELIABLE, SEQUENCED]) {
    const heard = client.saw.filter((event) => event.kind === "message" && event.channel === channel);
    for (const { payload } of heard) {
      expect(payload.length).toBe(BYTES);
      expect(payload.every((byte) => byte === payload[0])).toBe(true);
    }
    // 0.95 ^ 8 is 66 %; what is overtaken by newer ones while it waits for its last piece is lost besides.
    expect(heard.length).toBeGreaterThan(said * (channel === UNRELIABLE ? 0.5 : 0.25));
    expect(heard.length).toBeLessThan(said * 0.85);
  }
  expect(client.endpoint.counters.messagesIncomplete).toBeGreaterThan(0);
  expect(rig.server.counters.fragmentsResent).toBe(0);
});
