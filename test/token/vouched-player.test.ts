import { describe, expect, test } from "vitest";
import { connect } from "../../client/mod.ts";
import { defineGame } from "../../src/game/schema/define-game.ts";
import { defineRoom } from "../../src/game/schema/define-room.ts";
import { t } from "../../src/game/schema/field-types.ts";
import { serve } from "../../src/server-door.ts";
import {
  createKey,
  issueDevelopmentToken,
  issueToken,
  readKeys,
  type TokenRequest,
} from "../../src/token-door.ts";

const game = defineGame({
  name: "vouched",
  tickRate: 30,
  input: { go: t.bool() },
  entities: { ship: { x: t.int(0, 9) } },
  avatar: "ship",
});
const keys = readKeys(`${createKey()}\n${createKey()}`);

async function withServer(play: (url: string, seen: unknown[]) => Promise<void>): Promise<void> {
  const seen: unknown[] = [];
  const room = defineRoom(game, {
    onJoin(world, player) {
      seen.push([player.name, player.account, new TextDecoder().decode(player.userData)]);
      player.entity = world.spawn("ship");
    },
  });
  const server = await serve(room, { port: 0, net: { backendKeys: keys, audience: "eu" } });
  try {
    await play(server.url, seen);
  } finally {
    await server.close();
  }
}
const join = async (url: string, token: string): Promise<void> => {
  const me = await connect(game, url, { name: "asked for", token, timeoutSeconds: 1.5 });
  me.leave("done");
  await me.closed;
};

describe("a player with a token of the backend", () => {
  test("comes with account, name and data, under each of the server's keys", () =>
    withServer(async (url, seen) => {
      const userData = new TextEncoder().encode('{"rank":3}');
      await join(url, issueToken(keys[0], { audience: "eu", playerId: "7", name: "Ada", userData }));
      await join(url, issueToken(keys[1]!, { audience: "eu" }));
      expect(seen).toEqual([
        ["Ada", "7", '{"rank":3}'],
        ["asked for", undefined, ""],
      ]);
    }));

  test("is let in once per token", () =>
    withServer(async (url, seen) => {
      const token = issueToken(keys[0], { audience: "eu" });
      await join(url, token);
      await expect(join(url, token)).rejects.toThrow();
      expect(seen).toHaveLength(1);
    }));

  const refused: [name: string, token: (request: TokenRequest) => string][] = [
    ["for another audience", () => issueToken(keys[0], { audience: "us" })],
    ["under a key the server does not have", (request) => issueToken(readKeys(createKey())[0], request)],
    ["under the development key", issueDevelopmentToken],
  ];
  test.each(refused)("is not let in with one %s", (_name, token) =>
    withServer(async (url, seen) => {
      await expect(join(url, token({ audience: "eu" }))).rejects.toThrow();
      expect(seen).toEqual([]);
    }),
  );
});

test("a server is not given an empty list of keys", async () => {
  const room = defineRoom(game, {});
  await expect(serve(room, { port: 0, net: { backendKeys: [] } })).rejects.toThrow(
    "net.backendKeys holds no key: leave it out for development, or give it one",
  );
});

test("bots of a server on all addresses get in", async () => {
  for (const host of ["0.0.0.0", "::"]) {
    const joined = Promise.withResolvers<void>();
    const server = await serve(defineRoom(game, {}), {
      host,
      port: 0,
      bots: 1,
      net: { backendKeys: keys },
      onJoined: () => joined.resolve(),
    });
    await joined.promise;
    await server.close();
  }
});
