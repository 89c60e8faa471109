/** A reliable message until the peer has acked a packet that carried it. */
export interface OutgoingMessage {
  readonly channel: number;
  /** Counts up from 0 per channel; its low 16 bits travel. */
  readonly id: number;
  readonly payload: Uint8Array;
  /** Not before this time is it sent (again). 0 = at once. */
  dueMs: number;
  sends: number;
  /** The last packet that carried it; news of an earlier one's loss is no news. */
  packetNumber: number;
  acked: boolean;
}
