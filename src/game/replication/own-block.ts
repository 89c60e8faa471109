import type { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { MsgpackWriter } from "../../net/bytes/msgpack-writer.ts";
import { MAX_ENTITIES } from "../world/entity-store.ts";

/*
 * An own block: what one player alone is told about a tick. All integers are msgpack, in their shortest form.
 *
 *   tick        int 0 … 2^53 − 1
 *   playerId    int 1 … 2^32 − 1
 *   avatar      int 0 … 2^20: index of what the player steers, + 1; 0 = nothing
 */

export interface OwnState {
  readonly tick: number;
  readonly playerId: number;
  /** Index of what the player steers, −1 = nothing. */
  readonly avatarIndex: number;
}

export function writeOwn(writer: MsgpackWriter, { tick, playerId, avatarIndex }: OwnState): void {
  writer.int(tick);
  writer.int(playerId);
  writer.int(avatarIndex + 1);
}

/** Reads an own block from bytes of a stranger; undefined if it is none. */
export function readOwn(reader: MsgpackReader): OwnState | undefined {
  const tick = reader.int(0, Number.MAX_SAFE_INTEGER);
  const playerId = reader.int(1, 0xffff_ffff);
  const avatarIndex = reader.int(0, MAX_ENTITIES) - 1;
  return reader.done() ? { tick, playerId, avatarIndex } : undefined;
}
