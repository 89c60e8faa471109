import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { expect, test } from "vitest";

const blob = { data: t.bytes(2 ** 24 - 100) };
const game = defineGame({
  name: "oversized",
  tickRate: 30,
  input: {},
  entities: {},
  messages: {
    loose: { from: "both", channel: "unreliable", maxMessageBytes: 5_000, fields: { data: t.bytes(60_000) } },
    newest: { from: "both", channel: "unreliable-sequenced", fields: { data: t.bytes(60_000) } },
    ordered: { from: "both", fields: { data: t.bytes(262_100) } },
    capped: { from: "both", maxMessageBytes: 2_000, fields: { data: t.bytes(262_100) } },
    unordered: { from: "both", channel: "reliable-unordered", fields: { data: t.bytes(262_100) } },
    latest: { from: "both", channel: "reliable-latest", fields: { data: t.bytes(262_100) } },
    whole: { from: "server", channel: "bulk", fields: blob },
  },
});
/** The longest of each that travels. */
const MOST = {
  loose: 4_990,
  newest: 8_180,
  ordered: 262_100,
  capped: 1_990,
  unordered: 262_100,
  latest: 262_100,
};

test("oversized message never stalls: it is refused at once, or it arrives whole, and others go on", () => {
  const heardUp: [string, number][] = [];
  const hear = (name: string) => (_world: unknown, _player: unknown, message: { data: Uint8Array }) =>
    void heardUp.push([name, message.data.length]);
  const onMessage = Object.fromEntries(Object.keys(MOST).map((name) => [name, hear(name)]));
  const simulation = new Simulation(defineRoom(game, { onMessage: onMessage as never }), {
    seed: 3,
    link: { latencyMs: 20 },
  });
  const client = simulation.join();
  const heardDown: [string, number][] = [];
  for (const name of [...Object.keys(MOST), "whole"] as const) {
    client.on(name as "whole", (message) => heardDown.push([name, message.data.length]));
  }
  simulation.run(1);
  const [player] = simulation.server.room.players;
  for (const [name, most] of Object.entries(MOST) as [keyof typeof MOST, number][]) {
    for (const sender of [client, player!] as unknown as readonly (typeof client)[]) {
      if (name === "loose" || name === "newest" || name === "capped") {
        expect(sender.send(name, { data: new Uint8Array(most + 20) }), name).toBe("too-large");
      }
      expect(sender.send(name, { data: new Uint8Array(most) }), name).toBe("queued");
    }
  }
  expect(player!.send("whole", { data: new Uint8Array(2 ** 24 - 100) })).toBe("queued");
  // 16 MiB at 1 MB a second, which is the most that one connection is given.
  simulation.run(24);
  const expected = Object.entries(MOST);
  const sorted = (list: readonly (readonly [string, number])[]): unknown => [...list].sort();
  expect(sorted(heardUp)).toEqual(sorted(expected));
  expect(sorted(heardDown)).toEqual(sorted([...expected, ["whole", 2 ** 24 - 100]]));
  expect(client.state).toBe("playing");
});
