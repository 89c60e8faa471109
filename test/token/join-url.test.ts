import { afterEach, expect, test } from "vitest";
import { sourcesAnew } from "../../client/find-token.ts";
import { connect } from "../../client/mod.ts";
import { type DedicatedServer, serveDedicated } from "../../src/cli/dedicated-server.ts";
import { defineGame } from "../../src/game/schema/define-game.ts";
import { defineRoom, type RoomRules } from "../../src/game/schema/define-room.ts";
import { t } from "../../src/game/schema/field-types.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { silentLog } from "../../src/ops/log.ts";
import { createKey, issueToken, readKeys } from "../../src/token-door.ts";

const game = defineGame({
  name: "joined",
  tickRate: 30,
  input: { go: t.bool() },
  entities: { ship: { x: t.int(0, 9) } },
  avatar: "ship",
});
const names: string[] = [];
const onlookers: string[] = [];
const room = defineRoom(game, {
  onJoin(world, player) {
    names.push(player.name);
    player.entity = world.spawn("ship");
  },
  onSpectate: (_world, { name }) => void onlookers.push(name),
});
let server: DedicatedServer | undefined;
afterEach(() => server?.close());

async function start(
  net: Parameters<typeof serveDedicated>[1]["net"],
  join: boolean,
  port = 0,
): Promise<DedicatedServer> {
  names.length = 0;
  server = await serveDedicated(room as unknown as RoomRules<Shape>, {
    host: "127.0.0.1",
    port,
    rooms: 1,
    bots: 0,
    drainSeconds: 1,
    http: { host: "127.0.0.1", port: 0 },
    net,
    insecureDev: false,
    join,
    log: silentLog,
  });
  return server;
}

test("a client asks the development door for its token", async () => {
  const { url, httpUrl } = await start({}, true);
  const me = await connect(game, url, { name: "Ada", joinUrl: `${httpUrl}/join` });
  expect(names).toEqual(["Ada"]);
  me.leave("done");
  await me.closed;
});

test("and for one to look on with", async () => {
  const { url, httpUrl } = await start({ backendKeys: readKeys(createKey()) }, true);
  const me = await connect(game, url, { name: "Eve", joinUrl: `${httpUrl}/join`, spectate: true });
  expect([names, onlookers]).toEqual([[], ["Eve"]]);
  await me.close();
});

test("the door of a server with keys gives tokens under its key, for its audience", async () => {
  const { url, httpUrl } = await start({ backendKeys: readKeys(createKey()), audience: "eu" }, true);
  const long = "ä".repeat(20);
  const me = await connect(game, url, { name: long, joinUrl: `${httpUrl}/join` });
  expect(names).toEqual(["ä".repeat(12)]);
  me.leave("done");
  await me.closed;
});

test("a client that was told how to ask for tokens asks again when it has to join anew", async () => {
  const backendKeys = readKeys(createKey());
  const { url } = await start({ backendKeys }, false);
  let asked = 0;
  const token = (): Promise<string> => {
    asked += 1;
    return Promise.resolve(issueToken(backendKeys[0], { name: `ada ${asked}` }));
  };
  const me = await connect(game, url, { token });
  expect([asked, names]).toEqual([1, ["ada 1"]]);
  const isBack = new Promise<void>((resolve) => {
    me.onState = () => me.stats.rejoins > 0 && resolve();
  });
  const { port } = new URL(url);
  await server!.close();
  await start({ backendKeys }, false, Number(port));
  await isBack;
  expect([names, me.stats.rejoins]).toEqual([[`ada ${asked}`], 1]);
  expect(asked).toBeGreaterThan(1);
  await me.close();
});

test("where to look for another token: a door gives new ones, a text does not", () => {
  const ask = (): string => "";
  const joinUrl = "http://127.0.0.1:7780/join";
  expect(sourcesAnew({ token: "tw1", name: "ada" })).toEqual({ token: "tw1", name: "ada" });
  expect(sourcesAnew({ token: "tw1", joinUrl })).toEqual({ joinUrl });
  expect(sourcesAnew({ token: ask, joinUrl })).toEqual({ token: ask, joinUrl });
  expect(sourcesAnew({ joinUrl })).toEqual({ joinUrl });
  expect(sourcesAnew({})).toEqual({});
});

test("a client says why it got no token", async () => {
  const { url, httpUrl } = await start({}, false);
  await expect(connect(game, url, { joinUrl: `${httpUrl}/join` })).rejects.toThrow(
    `no token from ${httpUrl}/join: it answered 404 (not found)`,
  );
  await start({}, true).then(({ httpUrl: joining }) =>
    expect(connect(game, url, { name: "a\u0007", joinUrl: `${joining}/join` })).rejects.toThrow(
      /it answered 400 \(the body/,
    ),
  );
});
