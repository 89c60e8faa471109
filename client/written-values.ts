import type { Game } from "../src/game/schema/define-game.ts";
import { type InputReplica, packInput, unpackInput } from "../src/game/schema/input-codec.ts";
import { type EncodedMessage, encodeAndTell } from "../src/game/schema/message-codec.ts";
import type { InputValues, Shape } from "../src/game/schema/shape.ts";
import { newValueCounters, type ValueCounters } from "../src/game/schema/value-counters.ts";
import { type ValueWarning, ValueWarnings } from "../src/game/schema/value-warnings.ts";

/**
 * The values that a player's code writes, as inputs and in messages: what their fields cannot hold is counted, and told to
 * whoever wants to hear of it. Where nobody does that costs nothing.
 */
export class WrittenValues<S extends Shape> {
  readonly counters: ValueCounters = newValueCounters();
  readonly #game: Game<S>;
  readonly #warnings: ValueWarnings | undefined;

  constructor(game: Game<S>, hear?: (warning: ValueWarning) => void) {
    this.#game = game;
    this.#warnings = hear && new ValueWarnings(this.counters, hear);
  }

  /** As `packInput`. */
  packInput(input: Partial<InputValues<S>>, old: InputReplica): InputReplica {
    const warnings = this.#warnings;
    warnings?.mark();
    const packed = packInput(this.#game, input, old, this.counters);
    if (warnings?.isNews) {
      warnings.tellInput(this.#game.schema.input, input, unpackInput(this.#game, packed));
    }
    return packed;
  }

  /** As `encodeForChannel`. */
  encode(name: string, message: unknown): EncodedMessage | "invalid" | undefined {
    return encodeAndTell(this.#game, name, message, this.counters, this.#warnings);
  }
}
