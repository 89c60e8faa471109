import type { FromClient, InputValues, SentPayload, Shape } from "../../src/game/schema/shape.ts";

/** What a bot that sees the game did in one tick. */
export interface PilotTick<S extends Shape> {
  readonly input: Partial<InputValues<S>>;
  /** Undefined when it said nothing, which is usual. */
  readonly said: readonly Saying<S>[] | undefined;
}

export interface Saying<S extends Shape> {
  readonly name: FromClient<S>;
  readonly message: SentPayload<S["messages"][FromClient<S>]>;
}

/** A little over half a minute at 30 Hz. */
const KEPT_TICKS = 1_024;

/**
 * What one bot that sees the game did, tick by tick. Light bots play the same some seconds later: so they steer, shoot
 * and talk as the game's own bot does, without what it costs to see.
 */
export class PilotScript<S extends Shape> {
  readonly #ticks: PilotTick<S>[] = [];
  #written = 0;
  #input: Partial<InputValues<S>> = {};
  #said: Saying<S>[] | undefined;

  /** It wants this from now on; what is left out stays. */
  want(input: Partial<InputValues<S>>): void {
    this.#input = { ...this.#input, ...input };
  }

  say(saying: Saying<S>): void {
    this.#said = [...(this.#said ?? []), saying];
  }

  endTick(): void {
    this.#ticks[this.#written % KEPT_TICKS] = { input: this.#input, said: this.#said };
    this.#written += 1;
    this.#said = undefined;
  }

  /** What it did about so many ticks ago; undefined before it did anything. */
  ago(ticks: number): PilotTick<S> | undefined {
    const kept = Math.min(this.#written, KEPT_TICKS);
    if (kept === 0) return undefined;
    return this.#ticks[(this.#written - 1 - (ticks % kept)) % KEPT_TICKS];
  }
}
