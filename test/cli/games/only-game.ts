import { plainGame } from "./plain-game.ts";

export const walk = plainGame("walk", "walker");
