import { mostMessageBytes } from "./check-message.ts";
import type { Game } from "./define-game.ts";
import type { MessageSchema } from "./game-schema.ts";
import type { Channel, MessageDef, SendSettings, Shape } from "./shape.ts";

/** What the transport must know of a channel. */
export interface ChannelPlan extends SendSettings {
  readonly kind: Channel;
  readonly from: MessageDef["from"];
  /** Of the longest message on it, or as declared. */
  readonly maxMessageBytes: number;
}

/** The msgpack heads around a message's fields take at most so much. */
const MESSAGE_HEAD_BYTES = 6;

/** The channels a game's messages need, by channel number; see `message-channels.ts`. */
export function channelTable(game: Game<Shape>): ChannelPlan[] {
  const { messages } = game.schema;
  const last = messages.reduce((most, { channel }) => Math.max(most, channel), 1);
  return Array.from({ length: last + 1 }, (_, channel) => {
    const carried = messages.filter((message) => message.channel === channel);
    const [first] = carried;
    const shared: Channel = channel === 0 ? "reliable-ordered" : "unreliable";
    const senders = new Set(carried.map(({ from }) => from));
    return {
      ...first?.settings,
      kind: first?.channelName ?? shared,
      from: senders.size === 1 ? first!.from : "both",
      maxMessageBytes: carried.reduce((most, message) => Math.max(most, longest(message)), 0),
    };
  });
}

function longest({ channelName, maxMessageBytes, maxBytes }: MessageSchema): number {
  return Math.min(maxMessageBytes ?? mostMessageBytes(channelName), MESSAGE_HEAD_BYTES + maxBytes);
}
