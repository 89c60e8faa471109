import type { Game } from "./define-game.ts";
import type { Channel, Shape } from "./shape.ts";

/**
 * The channels a game's messages need, by channel number: 0 carries all reliable-ordered messages, so that
 * these keep one common order; 1 all unreliable ones; then each unreliable-sequenced message has its own.
 */
export function channelTable(game: Game<Shape>): { readonly kind: Channel }[] {
  const table: { readonly kind: Channel }[] = [{ kind: "reliable-ordered" }, { kind: "unreliable" }];
  for (const message of game.schema.messages) {
    if (message.channelName === "unreliable-sequenced")
      table[message.channel] = { kind: "unreliable-sequenced" };
  }
  return table;
}
