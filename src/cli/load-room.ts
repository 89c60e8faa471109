import type { Bot as BotOf } from "../game/schema/define-bot.ts";
import type { Game as GameOf } from "../game/schema/define-game.ts";
import type { RoomRules as RoomRulesOf } from "../game/schema/define-room.ts";
import type { Shape } from "../game/schema/shape.ts";
import { fileExists, fileUrl } from "../runtime-adapters/process.ts";
import { UsageError } from "./usage-error.ts";

// Whatever game the file holds: its own types ended where it was compiled.
type Game = GameOf<Shape>;
type RoomRules = RoomRulesOf<Shape>;
type Bot = BotOf<Shape>;

/** What a game file brings. */
export interface LoadedRoom {
  readonly room: RoomRules;
  /** The file's `bot`, if it has one. */
  readonly bot: Bot | undefined;
}

const defaultGameFile = new URL("../../examples/arena/arena-room.ts", import.meta.url);

/** Loads a game file, or the arena. Throws a UsageError with one sentence. */
export async function loadRoom(file?: string): Promise<LoadedRoom> {
  const url = file === undefined ? defaultGameFile : gameFileUrl(file);
  const name = file ?? "examples/arena/arena-room.ts";
  if (!fileExists(url)) throw new UsageError(`no game file '${name}'`);
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await import(url.href);
  } catch (error) {
    throw new UsageError(`game file '${name}' could not be loaded: ${firstLine(error)}`);
  }
  const room = chooseRoom(name, exported);
  return { room, bot: chooseBot(name, exported, room) };
}

function gameFileUrl(file: string): URL {
  if (isBareNumber(file)) throw new UsageError(misplacedOptions(file));
  return fileUrl(file);
}

/** `npm start --port 7000` keeps the flag for npm and hands us its value. */
export function misplacedOptions(value: string): string {
  return `no game file '${value}'; put -- before options`;
}

export function isBareNumber(text: string): boolean {
  return /^[+-]?\d+(\.\d+)?$/.test(text);
}

function chooseRoom(name: string, exported: Readonly<Record<string, unknown>>): RoomRules {
  const main = exported.default;
  if (isRoom(main)) return main;
  if (isGame(main)) return defaultRoom(main);
  const rooms = named(exported, isRoom);
  const [onlyRoom] = rooms;
  if (onlyRoom !== undefined && rooms.length === 1) return onlyRoom[1];
  if (rooms.length > 1) throw new UsageError(tooMany(name, "rooms", rooms));
  const games = named(exported, isGame);
  const [onlyGame] = games;
  if (onlyGame !== undefined && games.length === 1) return defaultRoom(onlyGame[1]);
  if (games.length > 1) throw new UsageError(tooMany(name, "games", games));
  throw new UsageError(`game file '${name}' exports neither a room nor a game`);
}

function chooseBot(
  name: string,
  exported: Readonly<Record<string, unknown>>,
  room: RoomRules,
): Bot | undefined {
  const { bot } = exported;
  if (bot === undefined) return undefined;
  if (!isBot(bot)) throw new UsageError(`game file '${name}' exports a 'bot' that defineBot did not make`);
  if (bot.game !== room.game) throw new UsageError(`the 'bot' of game file '${name}' plays another game`);
  return bot;
}

/** The rules of a game that has none: every player gets an avatar. */
function defaultRoom(game: Game): RoomRules {
  const { avatar } = game.schema;
  if (avatar === undefined) return { game, hooks: {} };
  return {
    game,
    hooks: {
      onJoin(world: { spawn(kind: string): unknown }, player: { entity: unknown }) {
        player.entity = world.spawn(avatar);
      },
    },
  };
}

function named<T>(
  exported: Readonly<Record<string, unknown>>,
  isWanted: (value: unknown) => value is T,
): [name: string, value: T][] {
  const found: [string, T][] = [];
  for (const [name, value] of Object.entries(exported))
    if (isWanted(value) && !found.some(([, known]) => known === value)) found.push([name, value]);
  return found;
}

function tooMany(file: string, what: string, found: readonly (readonly [string, unknown])[]): string {
  const names = found.map(([name]) => name).join(", ");
  return `game file '${file}' exports several ${what} (${names}); make one of them its default export`;
}

function isGame(value: unknown): value is Game {
  if (typeof value !== "object" || value === null) return false;
  const game = value as Partial<Record<keyof Game, unknown>>;
  return (
    typeof game.name === "string" &&
    typeof game.tickRate === "number" &&
    typeof game.schema === "object" &&
    game.schema !== null
  );
}

function isRoom(value: unknown): value is RoomRules {
  if (typeof value !== "object" || value === null) return false;
  const room = value as Partial<Record<keyof RoomRules, unknown>>;
  return isGame(room.game) && typeof room.hooks === "object" && room.hooks !== null;
}

function isBot(value: unknown): value is Bot {
  if (typeof value !== "object" || value === null) return false;
  const bot = value as Partial<Record<keyof Bot, unknown>>;
  return isGame(bot.game) && typeof bot.think === "function";
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.trim().split("\n")[0]!.replace(/\.$/, "");
}
