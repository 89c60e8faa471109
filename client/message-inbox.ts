import type { Game } from "../src/game/schema/define-game.ts";
import { type DecodedMessage, decodeMessage } from "../src/game/schema/message-codec.ts";
import type { FromServer, Payload, Shape } from "../src/game/schema/shape.ts";
import type { MessageTiming } from "./client-types.ts";

/** A message is held back at most this long: the game may stand still, but talk goes on. */
const MAX_HELD_MS = 250;

interface Held {
  readonly message: DecodedMessage;
  readonly tick: number;
  readonly atMs: number;
}

/**
 * The server's messages, for those who handle them: once what a message is about is seen. Messages do not say their
 * tick; the newest that was heard of when one came is its own, or a later one. Their order stays.
 */
export class MessageInbox<S extends Shape> {
  /** Messages that did not decode. */
  refused = 0;
  readonly #game: Game<S>;
  readonly #timing: MessageTiming;
  readonly #handlers = new Map<string, Set<(message: never) => void>>();
  readonly #held: Held[] = [];

  constructor(game: Game<S>, timing: MessageTiming) {
    this.#game = game;
    this.#timing = timing;
  }

  on<N extends FromServer<S>>(name: N, handler: (message: Payload<S["messages"][N]>) => void): () => void {
    let handlers = this.#handlers.get(name);
    if (handlers === undefined) {
      handlers = new Set();
      this.#handlers.set(name, handlers);
    }
    const kept = handlers;
    kept.add(handler);
    return () => kept.delete(handler);
  }

  /** Takes a message, whose bytes are not kept. `tick` is the newest that was heard of. */
  take(bytes: Uint8Array, start: number, end: number, tick: number, nowMs: number): void {
    const message = decodeMessage(this.#game, "server", bytes, start, end);
    if (message === undefined) this.refused += 1;
    else if (this.#timing === "at-once") this.#tell(message);
    else this.#held.push({ message, tick, atMs: nowMs });
  }

  /** Tells of messages whose moment has come when `shownTick` is shown. */
  show(shownTick: number, nowMs: number): void {
    // Handlers may do what tells of more.
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (first.tick > shownTick && nowMs - first.atMs < MAX_HELD_MS) return;
      this.#held.shift();
      this.#tell(first.message);
    }
  }

  #tell({ name, values }: DecodedMessage): void {
    for (const handler of this.#handlers.get(name) ?? []) handler(values as never);
  }
}
