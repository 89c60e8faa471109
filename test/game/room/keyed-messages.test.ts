import { defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { expect, test } from "vitest";

const game = defineGame({
  name: "castle",
  tickRate: 30,
  input: {},
  entities: {},
  messages: {
    door: {
      from: "both",
      channel: "reliable-latest",
      key: "door",
      fields: { count: t.uint(9_999), door: t.oneOf("north", "south", "east") },
    },
    lamp: { from: "server", channel: "reliable-latest", fields: { count: t.uint(9_999) } },
  },
});
const DOORS = ["north", "south", "east"] as const;

test("of each key, and of a message without one, the newest value arrives, and never after a newer one", () => {
  const heardUp = new Map<string, number[]>();
  const hear = (heard: Map<string, number[]>, of: string, count: number): void => {
    heard.set(of, [...(heard.get(of) ?? []), count]);
  };
  const rules = defineRoom(game, {
    onMessage: { door: (_world, _player, { door, count }) => hear(heardUp, door, count) },
  });
  const simulation = new Simulation(rules, {
    seed: 2,
    link: { lossPercent: 30, latencyMs: 100, duplicatePercent: 20, reorderPercent: 30 },
  });
  const heardDown = new Map<string, number[]>();
  const client = simulation.join();
  client.on("door", ({ door, count }) => hear(heardDown, door, count));
  client.on("lamp", ({ count }) => hear(heardDown, "lamp", count));
  simulation.run(3);
  const [player] = simulation.server.room.players;
  for (let count = 1; count <= 300; count += 1) {
    const door = DOORS[count % (count < 200 ? 3 : 2)]!;
    expect(client.send("door", { door, count })).toBe("queued");
    expect(player!.send("door", { door, count })).toBe("queued");
    expect(player!.send("lamp", { count })).toBe("queued");
    simulation.run(1 / 30);
  }
  simulation.run(5);
  for (const heard of [heardUp, heardDown]) {
    for (const counts of heard.values()) expect(counts).toEqual([...new Set(counts)].sort((a, b) => a - b));
    expect(DOORS.map((door) => heard.get(door)!.at(-1))).toEqual([300, 299, 197]);
  }
  expect(heardDown.get("lamp")!.at(-1)).toBe(300);
  expect(heardDown.get("lamp")!.length).toBeLessThan(300);
});
