import type { Client } from "./client-types.ts";
import type { Game } from "./define-game.ts";
import type { InputValues, Shape } from "./shape.ts";

/** Plays one tick: looks at `me`, and says what it wants. `random` gives numbers in [0, 1), seeded per bot. */
export type BotThink<S extends Shape> = (me: Client<S>, random: () => number) => Partial<InputValues<S>>;

export interface Bot<S extends Shape> {
  readonly game: Game<S>;
  readonly think: BotThink<S>;
}

/** A player made of code. Export it as `bot` beside the room, and `--bots` plays it. */
export function defineBot<S extends Shape>(game: Game<S>, think: BotThink<NoInfer<S>>): Bot<S> {
  return { game, think };
}
