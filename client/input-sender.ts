import type { Game } from "../src/game/schema/define-game.ts";
import {
  encodeInputs,
  type InputReplica,
  MAX_INPUTS_PER_FRAME,
  MAX_SEEN_LAG_EIGHTHS,
  packInput,
  SEEN_PER_TICK,
  unpackInput,
} from "../src/game/schema/input-codec.ts";
import type { InputValues, Shape } from "../src/game/schema/shape.ts";
import { MsgpackWriter } from "../src/net/bytes/msgpack-writer.ts";
import type { Connection } from "../src/net/connection/connection.ts";
import { MAX_INPUT_BLOCK_BYTES } from "../src/net/wire/limits.ts";
import { WrittenValues } from "./written-values.ts";

const MAX_INPUT_DELAY_TICKS = 3;
/** So many ticks back what was wanted is still to be played. */
const VALUES_KEPT = MAX_INPUT_DELAY_TICKS + 1;

/** @throws RangeError unless it is a whole number from 0 to 3. */
export function checkInputDelay(ticks: number): number {
  if (Number.isInteger(ticks) && ticks >= 0 && ticks <= MAX_INPUT_DELAY_TICKS) return ticks;
  throw new RangeError(`inputDelayTicks is 0 to ${MAX_INPUT_DELAY_TICKS} whole ticks, not ${ticks}`);
}

/** What the player wants, tick by tick, until the server has it: inputs go out again with each packet till then. */
export class InputSender<S extends Shape> {
  /** How far behind the newest input's tick the player sees others, in eighths of a tick; 0 claims nothing. */
  seenLagEighths = 0;
  readonly #game: Game<S>;
  readonly #written: WrittenValues<S>;
  readonly #block = new Uint8Array(MAX_INPUT_BLOCK_BYTES);
  readonly #writer = new MsgpackWriter();
  /** Newest first: the inputs of `#newestTick`, of the tick before, and so on. */
  readonly #recorded: InputReplica[] = [];
  readonly #delayTicks: number;
  #newestTick = -1;
  #current: InputReplica;
  /** What the server makes of it. */
  #values: Readonly<InputValues<S>>;
  readonly #valuesByTick: Readonly<InputValues<S>>[] = [];

  /** What is wanted while tick T is played is the input of tick T + `delayTicks`. */
  constructor(game: Game<S>, delayTicks = 0, written: WrittenValues<S> = new WrittenValues(game)) {
    this.#game = game;
    this.#written = written;
    this.#delayTicks = delayTicks;
    this.#current = packInput(game, {});
    this.#values = unpackInput(game, this.#current);
  }

  /** Another server, other ticks: what was played is forgotten, what is wanted stays. */
  restart(): void {
    this.seenLagEighths = 0;
    this.#recorded.length = 0;
    this.#valuesByTick.length = 0;
    this.#newestTick = -1;
  }

  /** Fields left out keep their value. */
  set(input: Partial<InputValues<S>>): void {
    this.#current = this.#written.packInput(input, this.#current);
    this.#values = unpackInput(this.#game, this.#current);
  }

  /** The player, about to play `playedTick`, sees others as they were at `shownTick`, which may have a fraction. */
  noteSeen(playedTick: number, shownTick: number): void {
    const lag = Math.round((playedTick + this.#delayTicks - shownTick) * SEEN_PER_TICK);
    this.seenLagEighths = Math.min(Math.max(lag, 0), MAX_SEEN_LAG_EIGHTHS);
  }

  /**
   * `playedTick` is played: the present input is that of a tick. After ticks that were skipped, what came before them is
   * stale. Answers the input of `playedTick` itself, in the values everyone computes with.
   */
  record(playedTick: number): Readonly<InputValues<S>> {
    const tick = playedTick + this.#delayTicks;
    if (tick !== this.#newestTick + 1) this.#recorded.length = 0;
    this.#recorded.unshift(this.#current);
    if (this.#recorded.length > MAX_INPUTS_PER_FRAME) this.#recorded.pop();
    this.#newestTick = tick;
    this.#valuesByTick[tick % VALUES_KEPT] = this.#values;
    return this.#valuesByTick[playedTick % VALUES_KEPT] ?? this.#values;
  }

  /** Gives the connection what it has had no ack for. */
  queue(connection: Connection): void {
    const unacked = Math.max(1, this.#newestTick - connection.acks.ackedInputTick);
    if (this.#recorded.length > unacked) this.#recorded.length = unacked;
    const writer = this.#writer.reset(this.#block);
    const seen = this.seenLagEighths;
    if (encodeInputs(this.#game, writer, this.#newestTick, this.#recorded, seen) === 0) return;
    connection.queueInput(this.#block, writer.at, this.#newestTick);
  }
}
