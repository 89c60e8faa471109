/** Hands what the frames of an accepted packet hold for the game to whoever fetches events. */
import type { IncomingChannels } from "../channel/incoming-channels.ts";
import { countsAsMessage, type Frame, FrameKind } from "../wire/frames.ts";
import type { EventQueue, NetEventKind } from "./event-queue.ts";
import type { PeerBudget } from "./peer-budget.ts";

/** Frames that carry a block of the game's, but for input: that is most of what comes, and does not come by here. */
const BLOCK_EVENTS: { readonly [K in FrameKind]?: NetEventKind } = {
  [FrameKind.State]: "state",
  [FrameKind.Own]: "own",
};

export class GameFrames<Peer> {
  readonly #peer: Peer;
  readonly #events: EventQueue<Peer>;
  readonly #incoming: IncomingChannels;
  readonly #budget: PeerBudget | undefined;

  constructor(
    peer: Peer,
    events: EventQueue<Peer>,
    incoming: IncomingChannels,
    budget: PeerBudget | undefined,
  ) {
    this.#peer = peer;
    this.#events = events;
    this.#incoming = incoming;
    this.#budget = budget;
  }

  /** Takes a frame of `bytes`; one that is none of the game's does nothing. */
  take(frame: Frame, bytes: Uint8Array, nowMs: number): void {
    if (frame.kind === FrameKind.Message || frame.kind === FrameKind.Fragment) {
      if (countsAsMessage(frame)) this.#budget?.message();
      if (!this.#incoming.receive(frame, bytes, nowMs, this.#deliver)) this.#budget?.parseError();
      return;
    }
    if (frame.kind === FrameKind.Resync) this.#events.push("resync", this.#peer);
    const kind = BLOCK_EVENTS[frame.kind];
    if (kind !== undefined) this.#events.pushPayload(kind, this.#peer, 0, bytes, frame.start, frame.end);
  }

  /** Made once: packets come too often for a function each. */
  readonly #deliver = (channel: number, bytes: Uint8Array, start: number, end: number): void => {
    this.#events.pushPayload("message", this.#peer, channel, bytes, start, end);
  };
}
