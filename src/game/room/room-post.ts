import type { Game } from "../schema/define-game.ts";
import { type EncodedMessage, encodeAndTell } from "../schema/message-codec.ts";
import type { SendResult, Shape } from "../schema/shape.ts";
import type { GameWorld } from "../world/game-world.ts";
import type { RoomCounters } from "./room-counters.ts";
import type { RoomOptions } from "./room-options.ts";
import type { RoomPlayer } from "./room-player.ts";

/** What a room's rules say to those inside: encoded once, however many are to hear it. */
export class RoomPost<S extends Shape> {
  readonly #game: Game<S>;
  readonly #world: GameWorld;
  readonly #counters: RoomCounters;
  readonly #options: RoomOptions<S>;

  constructor(game: Game<S>, world: GameWorld, counters: RoomCounters, options: RoomOptions<S>) {
    this.#game = game;
    this.#world = world;
    this.#counters = counters;
    this.#options = options;
  }

  send(player: RoomPlayer<S>, name: string, message: unknown): SendResult {
    const encoded = this.#encode(name, message);
    if (encoded === undefined) return "too-large";
    return encoded === "invalid" ? encoded : this.#deliver(player, encoded);
  }

  broadcast(name: string, message: unknown, ...groups: readonly Iterable<RoomPlayer<S>>[]): void {
    const encoded = this.#encode(name, message);
    if (encoded === undefined || encoded === "invalid") return;
    for (const group of groups) {
      for (const player of group) if (player["~stays"]) this.#deliver(player, encoded);
    }
  }

  readonly schemaFault = (error: unknown, message: string): void =>
    this.#options.onError?.(error, `schema.${message}`);

  #encode(name: string, message: unknown): EncodedMessage | "invalid" | undefined {
    const { "~counters": counters, "~warnings": warnings } = this.#world;
    return encodeAndTell(this.#game, name, message, counters, warnings, this.schemaFault);
  }

  #deliver(player: RoomPlayer<S>, { channel, bytes, key }: EncodedMessage): SendResult {
    const result = this.#options.deliver?.(player, channel, bytes, key) ?? "queued";
    if (result === "queued") this.#counters.messagesQueued += 1;
    else this.#counters.messagesRefused += 1;
    return result;
  }
}
