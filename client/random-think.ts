import type { BotThink } from "../src/game/schema/define-bot.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import type { FieldSchema } from "../src/game/schema/game-schema.ts";
import type { InputValues, Shape } from "../src/game/schema/shape.ts";

/** How many ticks a random input is held: trembling every tick would cancel itself out. */
const HOLD_TICKS = 15;

/** Plays a game nobody wrote a bot for: seeded random input, always within the definition's bounds. */
export function randomThink<S extends Shape>(game: Game<S>): BotThink<S> {
  let ticks = 0;
  return (_me, random) => {
    ticks += 1;
    if (ticks % HOLD_TICKS !== 1) return {};
    const values = game.schema.input.fields.map((field) => [field.name, randomValue(field, random)]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Partial<InputValues<S>>;
  };
}

/** Undefined for what has no range to choose from: texts, lists and the like keep their default. */
function randomValue({ codec }: FieldSchema, random: () => number): unknown {
  const { scalar } = codec;
  if (scalar === undefined) return undefined;
  const pick = (): number => Math.floor(scalar.least + random() * (scalar.most - scalar.least + 1));
  return codec.unpack(codec.width === 2 ? [pick(), pick()] : pick());
}
