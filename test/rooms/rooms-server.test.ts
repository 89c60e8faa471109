import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineGame, defineRoom, t } from "tickwire";
import { connect } from "tickwire/client";
import { issueDevelopmentToken } from "tickwire/token";
import { expect, onTestFinished, test } from "vitest";
import { serveDedicated } from "../../src/cli/dedicated-server.ts";
import type { RoomRules } from "../../src/game/schema/define-room.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { createLog } from "../../src/ops/log.ts";

const game = defineGame({
  name: "parlour",
  tickRate: 30,
  input: {},
  entities: { guest: { x: t.uint(9) } },
  avatar: "guest",
});
const parlour = defineRoom(game, {
  maxPlayers: 2,
  onJoin(world, player) {
    player.entity = world.spawn("guest");
  },
}) as unknown as RoomRules<Shape>;

test("a dedicated server counts over its rooms, and names them in its log and dump", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tickwire-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const dumpState = join(folder, "state.jsonl");
  const lines: string[] = [];
  const server = await serveDedicated(parlour, {
    ...{ host: "127.0.0.1", port: 0, http: { host: "127.0.0.1", port: 0 } },
    ...{ rooms: 3, bots: 3, seed: 1, drainSeconds: 2, dumpState },
    ...{ net: {}, insecureDev: false, join: false },
    log: createLog({ format: "json", writeLine: (line) => lines.push(line) }),
  });
  await expect.poll(() => server.stats.players).toBe(3);
  const me = await connect(game, server.url, { name: "ada", token: issueDevelopmentToken({ room: "3" }) });
  await expect.poll(() => server.stats.players).toBe(4);
  expect(server.stats).toMatchObject({ rooms: 3, players: 4, bots: 3 });
  const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text();
  expect(metrics).toMatch(/^tickwire_rooms 3$/m);
  expect(metrics).toMatch(/^tickwire_players 4$/m);
  const neutral = Number(/^tickwire_room_total\{counter="inputs_neutral"\} (\d+)$/m.exec(metrics)?.[1]);
  const buffered = Number(/^tickwire_room_total\{counter="inputs_buffered"\} (\d+)$/m.exec(metrics)?.[1]);
  expect(neutral + buffered).toBeGreaterThan(0);
  me.leave("done");
  await me.closed;
  await server.close();

  const joined = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "player-joined");
  expect(joined.map(({ room, player, name }) => `${room} ${player} ${name.slice(0, 3)}`).sort()).toEqual([
    "1 1 bot",
    "1 2 bot",
    "2 1 bot",
    "3 1 ada",
  ]);
  const dumped = readFileSync(dumpState, "utf8").trimEnd().split("\n");
  const states = dumped.map((line) => JSON.parse(line));
  // Told after the first turn, which runs one tick, or more if the process came late to it.
  const [{ tick: first }] = states;
  expect(first).toBeGreaterThanOrEqual(1);
  expect(states.slice(0, 3).map(({ room, tick }) => [room, tick])).toEqual(
    ["1", "2", "3"].map((n) => [n, first]),
  );
  const most = new Map<string, number>();
  for (const { room, entities } of states) most.set(room, Math.max(most.get(room) ?? 0, entities.length));
  expect([...most]).toEqual([
    ["1", 2],
    ["2", 1],
    ["3", 1],
  ]);
});
