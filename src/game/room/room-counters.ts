import type { InputCounters } from "./input-buffer.ts";

/** What a room counts. Every refusal of a peer's bytes and every error of its rules is in one of these. */
export interface RoomCounters extends InputCounters {
  /** Input frames that are none of this game's. */
  inputFramesMalformed: number;
  /** Messages handed to the rules. */
  messagesReceived: number;
  /** Messages that are none of this game's, not from a client, or refused by their schema. */
  messagesMalformed: number;
  /** Messages the transport took. */
  messagesQueued: number;
  /** Messages the transport refused: too large, or the player's queue is full. */
  messagesRefused: number;
  /** Frames and messages of players who have left or are to be kicked. */
  receivedAfterLeave: number;
  /** Inputs of spectators, and messages that no hook for them takes. */
  spectatorsIgnored: number;
  /** Errors thrown by `step` functions. */
  stepErrors: number;
  /** Errors thrown by hooks of the room. */
  hookErrors: number;
  /** Calls of `world.rewind`. */
  rewinds: number;
  /** Of those: what the player claimed to have seen could not be, and was taken for the nearest that could. */
  rewindsClamped: number;
  /** Of those: what the player may have seen was longer ago than anyone is hit, 250 ms for the way. */
  rewindsCapped: number;
  /** Values that rules wrote in the past, and that did not stay. */
  rewindWritesUndone: number;
}

export function newRoomCounters(): RoomCounters {
  return {
    ...{ inputsBuffered: 0, inputsLate: 0, inputsDuplicate: 0, inputsTooEarly: 0, inputsRepeated: 0 },
    ...{ inputsNeutral: 0, inputFramesMalformed: 0, messagesReceived: 0, messagesMalformed: 0 },
    ...{
      messagesQueued: 0,
      messagesRefused: 0,
      receivedAfterLeave: 0,
      spectatorsIgnored: 0,
      stepErrors: 0,
      hookErrors: 0,
    },
    ...{ rewinds: 0, rewindsClamped: 0, rewindsCapped: 0, rewindWritesUndone: 0 },
  };
}
