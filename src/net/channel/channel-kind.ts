/** What a channel promises of its messages. */
export type ChannelKind =
  /** May be lost, doubled never, in any order. */
  | "unreliable"
  /** The newest only: what is older than the newest arrived is dropped. */
  | "unreliable-sequenced"
  /** Every message once, in the order sent. */
  | "reliable-ordered";

export interface ChannelConfig {
  readonly kind: ChannelKind;
}

/** What became of a message handed to `send`: it never stalls in silence. */
export type SendResult = "queued" | "too-large" | "queue-full";
