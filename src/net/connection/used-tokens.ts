/** Each token is taken once, so what was taken is remembered for as long as it could come again. */
const MAX_REMEMBERED = 65_536;
const SWEEP_EVERY_S = 30;

interface UsedToken {
  readonly expiresAtS: number;
  readonly connectionId: number;
}

export class UsedTokens {
  readonly #byId = new Map<string, UsedToken>();
  #sweptAtS = 0;

  /** The connection that took the token, or undefined. */
  connectionOf(tokenId: Uint8Array): number | undefined {
    return this.#byId.get(keyOf(tokenId))?.connectionId;
  }

  /** False when no more can be remembered: then no more can be taken. */
  hasRoom(unixS: number): boolean {
    if (unixS - this.#sweptAtS >= SWEEP_EVERY_S || this.#byId.size >= MAX_REMEMBERED) {
      this.#sweptAtS = unixS;
      for (const [id, { expiresAtS }] of this.#byId) if (expiresAtS < unixS) this.#byId.delete(id);
    }
    return this.#byId.size < MAX_REMEMBERED;
  }

  /** `expiresAtS`: until when the token would still be taken, skew included. */
  add(tokenId: Uint8Array, expiresAtS: number, connectionId: number): void {
    this.#byId.set(keyOf(tokenId), { expiresAtS, connectionId });
  }

  /** The token was taken and the client never knew. */
  forget(tokenId: Uint8Array): void {
    this.#byId.delete(keyOf(tokenId));
  }
}

function keyOf(tokenId: Uint8Array): string {
  return String.fromCharCode(...tokenId);
}
