import { plainGame } from "./plain-game.ts";

export const duel = plainGame("duel");
export const duelRoom = { game: duel, hooks: { maxPlayers: 2 } };
export const bot = { game: duel, think: () => ({}) };
