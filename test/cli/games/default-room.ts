import { plainGame } from "./plain-game.ts";

export const first = { game: plainGame("first"), hooks: {} };
export const second = { game: plainGame("second"), hooks: {} };
export default second;
