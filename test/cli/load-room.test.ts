import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadRoom } from "../../src/cli/load-room.ts";
import { UsageError } from "../../src/cli/usage-error.ts";

const game = (name: string): string => fileURLToPath(new URL(`games/${name}`, import.meta.url));

describe("loading a game file", () => {
  test("takes its only room, and its bot", async () => {
    const { room, bot } = await loadRoom(game("only-room.ts"));
    expect(room).toMatchObject({ game: { name: "duel" }, hooks: { maxPlayers: 2 } });
    expect(bot?.game).toBe(room.game);
  });

  test("takes its default export before others", async () => {
    const { room, bot } = await loadRoom(game("default-room.ts"));
    expect(room.game.name).toBe("second");
    expect(bot).toBeUndefined();
  });

  test("gives a game alone a room in which every player gets an avatar", async () => {
    const { room } = await loadRoom(game("only-game.ts"));
    const { onJoin } = room.hooks as { onJoin(world: object, player: object): void };
    const player = { entity: undefined };
    onJoin({ spawn: (kind: string) => ({ kind }) }, player);
    expect(room.game.name).toBe("walk");
    expect(player.entity).toEqual({ kind: "walker" });
  });

  const wrong: [file: string, sentence: RegExp][] = [
    ["7000", /^no game file '7000'; put -- before options$/],
    ["missing.ts", /^no game file 'missing\.ts'$/],
    [game("throws.ts"), /could not be loaded: ship\.x: step must be positive$/],
    [game("nothing.ts"), /exports neither a room nor a game$/],
    [game("two-rooms.ts"), /exports several rooms \(first, second\); make one of them its default export$/],
    [game("stranger-bot.ts"), /the 'bot' of game file '.*' plays another game$/],
    [game(""), /could not be loaded: /],
  ];
  for (const [file, sentence] of wrong)
    test(`says what is wrong with ${file.slice(file.lastIndexOf("/") + 1) || "a folder"}`, async () => {
      const error = await loadRoom(file).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).message).toMatch(sentence);
      expect((error as UsageError).message).not.toContain("\n");
    });
});
