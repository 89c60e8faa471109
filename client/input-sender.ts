import type { Game } from "../src/game/schema/define-game.ts";
import {
  encodeInputs,
  type InputReplica,
  MAX_INPUTS_PER_FRAME,
  packInput,
} from "../src/game/schema/input-codec.ts";
import type { InputValues, Shape } from "../src/game/schema/shape.ts";
import { MsgpackWriter } from "../src/net/bytes/msgpack-writer.ts";
import type { Connection } from "../src/net/connection/connection.ts";
import { MAX_INPUT_BLOCK_BYTES } from "../src/net/wire/limits.ts";

const MAX_INPUT_DELAY_TICKS = 3;

/** @throws RangeError unless it is a whole number from 0 to 3. */
export function checkInputDelay(ticks: number): number {
  if (Number.isInteger(ticks) && ticks >= 0 && ticks <= MAX_INPUT_DELAY_TICKS) return ticks;
  throw new RangeError(`inputDelayTicks is 0 to ${MAX_INPUT_DELAY_TICKS} whole ticks, not ${ticks}`);
}

/** What the player wants, tick by tick, until the server has it: inputs go out again with each packet till then. */
export class InputSender<S extends Shape> {
  readonly #game: Game<S>;
  readonly #block = new Uint8Array(MAX_INPUT_BLOCK_BYTES);
  readonly #writer = new MsgpackWriter();
  /** Newest first: the inputs of `#newestTick`, of the tick before, and so on. */
  readonly #recorded: InputReplica[] = [];
  readonly #delayTicks: number;
  #newestTick = -1;
  #current: InputReplica;

  /** What is wanted while tick T is played is the input of tick T + `delayTicks`. */
  constructor(game: Game<S>, delayTicks = 0) {
    this.#game = game;
    this.#delayTicks = delayTicks;
    this.#current = packInput(game, {});
  }

  /** Fields left out keep their value. */
  set(input: Partial<InputValues<S>>): void {
    this.#current = packInput(this.#game, input, this.#current);
  }

  /** `playedTick` is played: the present input is that of a tick. After ticks that were skipped, what came before them is stale. */
  record(playedTick: number): void {
    const tick = playedTick + this.#delayTicks;
    if (tick !== this.#newestTick + 1) this.#recorded.length = 0;
    this.#recorded.unshift(this.#current);
    if (this.#recorded.length > MAX_INPUTS_PER_FRAME) this.#recorded.pop();
    this.#newestTick = tick;
  }

  /** Gives the connection what it has had no ack for. */
  queue(connection: Connection): void {
    const unacked = Math.max(1, this.#newestTick - connection.acks.ackedInputTick);
    if (this.#recorded.length > unacked) this.#recorded.length = unacked;
    const writer = this.#writer.reset(this.#block);
    if (encodeInputs(this.#game, writer, this.#newestTick, this.#recorded) === 0) return;
    connection.queueInput(this.#block, writer.at, this.#newestTick);
  }
}
