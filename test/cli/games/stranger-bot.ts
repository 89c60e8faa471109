import { plainGame } from "./plain-game.ts";

export const room = { game: plainGame("a"), hooks: {} };
export const bot = { game: plainGame("b"), think: () => ({}) };
