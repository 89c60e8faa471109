import { MAX_ACK_DELAY_MS } from "../wire/limits.ts";
import type { SentPacket, SentPackets } from "./sent-packets.ts";

/** What the newest ack of inputs says of when they came; used again for each. */
export interface InputArrival {
  /** The newest input tick in the packet that came last; -1 before the first. */
  newestTick: number;
  /** How long before the peer's answer left that packet came; from MAX_ACK_DELAY_MS on nobody knows. */
  delayMs: number;
  /** Bit i is set when the packet whose newest input was that of `newestTick` − 1 − i came too, as this ack says. */
  cameBits: number;
}

/**
 * Takes what an ack says that no former one did, if it tells of inputs after `ackedTick`. Before the packets are
 * settled: `newest` and, by the bits, those before it.
 */
export function noteArrival(
  arrival: InputArrival,
  sent: SentPackets,
  newest: SentPacket,
  missing: number,
  delayMs: number,
  ackedTick: number,
): void {
  const { number, sentAtMs } = newest;
  let inputTick = newest.inputTick;
  let arrivedMs = delayMs;
  let cameBits = 0;
  for (let i = 0; i < 32 && number - 1 - i >= sent.oldest; i += 1) {
    const packet = (missing & (1 << i)) === 0 ? sent.pending(number - 1 - i) : undefined;
    if (packet === undefined || packet.inputTick < 0) continue;
    if (inputTick >= 0) {
      if (inputTick - packet.inputTick <= 32) cameBits |= 1 << (inputTick - 1 - packet.inputTick);
      continue;
    }
    inputTick = packet.inputTick;
    // Of packets that left together only one carries inputs, and they come together; of others nobody knows.
    if (packet.sentAtMs !== sentAtMs) arrivedMs = MAX_ACK_DELAY_MS;
  }
  if (inputTick <= ackedTick) return;
  arrival.newestTick = inputTick;
  arrival.delayMs = arrivedMs;
  arrival.cameBits = cameBits;
}
