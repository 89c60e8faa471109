import { utf8Length } from "../bytes/msgpack-writer.ts";
import { MAX_NAME_BYTES } from "../wire/limits.ts";
import { MAX_TOKEN_TEXT_BYTES, MAX_USER_DATA_BYTES } from "./connect-token.ts";

/** Servers remember each token that was used until it expires, so tokens that live for ever would fill their memory. */
export const MAX_LIFETIME_S = 86_400;

/** What a token is to say; what is left out has a default. */
export interface TokenRequest {
  /** Who the player is, at most 64 bytes. Default "": nobody vouches for it, and no two connections are the same player. */
  readonly playerId?: string;
  /** The server or fleet, at most 64 bytes. Default "tickwire". */
  readonly audience?: string;
  /** At most 64 bytes. Default "": any. */
  readonly room?: string;
  /** Display name, at most 24 bytes. Default "": the client's own. */
  readonly name?: string;
  /** At most 256 bytes. */
  readonly userData?: Uint8Array;
  /** Whole seconds, at most a day. Default 60. */
  readonly lifetimeSeconds?: number;
  /** Whoever comes with it sees the game and takes no part in it. Default false. */
  readonly spectate?: boolean;
}

/** Throws a RangeError with one sentence for what would make a token that servers refuse. */
export function checkTokenRequest(request: TokenRequest): void {
  const { playerId, audience, room, name, userData, lifetimeSeconds, spectate } = request;
  checkText("playerId", playerId, MAX_TOKEN_TEXT_BYTES);
  checkText("audience", audience, MAX_TOKEN_TEXT_BYTES);
  checkText("room", room, MAX_TOKEN_TEXT_BYTES);
  checkText("name", name, MAX_NAME_BYTES);
  const isBytes = userData === undefined || userData instanceof Uint8Array;
  if (!isBytes || (userData?.length ?? 0) > MAX_USER_DATA_BYTES) {
    throw new RangeError(`userData must be at most ${MAX_USER_DATA_BYTES} bytes`);
  }
  if (spectate !== undefined && typeof spectate !== "boolean") {
    throw new RangeError("spectate must be true or false");
  }
  if (lifetimeSeconds === undefined) return;
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1 || lifetimeSeconds > MAX_LIFETIME_S) {
    throw new RangeError(`lifetimeSeconds must be a whole number from 1 to ${MAX_LIFETIME_S}`);
  }
}

function checkText(name: string, text: unknown, maxBytes: number): void {
  if (text === undefined) return;
  if (typeof text !== "string" || utf8Length(text) > maxBytes || !text.isWellFormed()) {
    throw new RangeError(`${name} must be text of at most ${maxBytes} bytes`);
  }
}
