/**
 * Which channel carries which message. Numbers are given in the order of declaration:
 *
 *   0      all reliable-ordered messages without settings of their own, in one common order
 *   1      all unreliable ones without settings
 *   2 …    one for each unreliable-sequenced, reliable-latest and bulk message and for each with settings of its
 *          own; one for all reliable-unordered ones without settings, at the first of these
 */
import { refuse } from "./check-definition.ts";
import type { Channel, MessageDef, SendSettings } from "./shape.ts";

/** That both ends can tell apart. */
const MAX_CHANNELS = 64;
const FIRST_FREE = 2;

/** Kinds of which each message has a channel of its own. */
export function hasOwnChannel(channel: Channel): boolean {
  return channel === "unreliable-sequenced" || channel === "reliable-latest" || channel === "bulk";
}

export function settingsOf(message: MessageDef): SendSettings {
  const { priority, weight, bytesPerSecond, maxQueuedBytes, maxQueuedMessages } = message;
  const all = { priority, weight, bytesPerSecond, maxQueuedBytes, maxQueuedMessages };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

export function hasSettings(message: MessageDef): boolean {
  return message.maxMessageBytes !== undefined || Object.keys(settingsOf(message)).length > 0;
}

export class ChannelNumbers {
  #next = FIRST_FREE;
  #unordered: number | undefined;

  next(path: string, channel: Channel, withSettings: boolean): number {
    if (!withSettings && channel === "reliable-ordered") return 0;
    if (!withSettings && channel === "unreliable") return 1;
    if (!withSettings && channel === "reliable-unordered") {
      this.#unordered ??= this.#free(path);
      return this.#unordered;
    }
    return this.#free(path);
  }

  #free(path: string): number {
    if (this.#next === MAX_CHANNELS) {
      refuse(
        path,
        `a game has at most ${MAX_CHANNELS - FIRST_FREE} channels besides the two that messages share`,
      );
    }
    this.#next += 1;
    return this.#next - 1;
  }
}
