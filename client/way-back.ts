import type { ConnectToken } from "../src/net/crypto/connect-token.ts";
import type { RandomBytes } from "../src/net/ports/random-bytes.ts";
import type { DisconnectReason } from "../src/net/wire/disconnect-reason.ts";
import type { ClosedInfo, RenewToken } from "./client-types.ts";

/** What a player who was in the game may come back from: a restart, a silence, or a place that may soon be free. */
const PASSING: ReadonlySet<DisconnectReason> = new Set([
  "timeout",
  "server-restarted",
  "draining",
  "full",
  "token-refused",
]);
/** A server that has forgotten one player has forgotten all: they do not knock in the same moment. */
const SPREAD_MS = 250;
/** Between two attempts, the first time; then twice as long each time. */
const PAUSE_MS = 250;
const MAX_PAUSE_MS = 1_000;
/** Who is lost again so soon has not come back: the time goes on from where it was. */
const STEADY_MS = 5_000;
/** How often to look whether the token is there. */
const TOKEN_TURN_MS = 50;

/** True if it is worth to join anew after such an end. */
export function mayComeBack({ reason, by }: ClosedInfo): boolean {
  return by !== "client" && PASSING.has(reason);
}

/**
 * When a player whose connection is lost tries to join anew, with which token, and for how long. It knows no
 * connection: tell it how each attempt ended.
 */
export class WayBack {
  /** The player is on it. */
  isUnderWay = false;
  /** Why: the last that a server said, else what the network was good for. */
  why: ClosedInfo = { reason: "timeout", detail: "", by: "network" };
  readonly #renewToken: RenewToken;
  readonly #reconnectMs: number;
  readonly #random: RandomBytes;
  /** Of the present search for a token; a late answer to a former one is not wanted. */
  #request: { token: ConnectToken | "none" | undefined } | undefined;
  #failures = 0;
  #dueMs = 0;
  #untilMs = 0;
  #arrivedAtMs = Number.NEGATIVE_INFINITY;

  constructor(renewToken: RenewToken, reconnectMs: number, random: RandomBytes) {
    this.#renewToken = renewToken;
    this.#reconnectMs = reconnectMs;
    this.#random = random;
  }

  /** The connection is lost. */
  begin(why: ClosedInfo, nowMs: number): void {
    this.isUnderWay = true;
    this.why = why;
    if (nowMs - this.#arrivedAtMs <= STEADY_MS) {
      this.#wait(nowMs);
      return;
    }
    this.#failures = 0;
    this.#untilMs = nowMs + this.#reconnectMs;
    this.#request = undefined;
    this.#dueMs = nowMs + SPREAD_MS * this.#chance();
  }

  /** An attempt came to nothing. */
  failed(why: ClosedInfo, nowMs: number): void {
    // That nobody answers is what there is to expect of a server that has said it would go.
    if (why.reason !== "timeout") this.why = why;
    this.#wait(nowMs);
  }

  /** The player is in again. */
  arrived(nowMs: number): void {
    this.isUnderWay = false;
    this.#arrivedAtMs = nowMs;
  }

  stop(): void {
    this.isUnderWay = false;
    this.#request = undefined;
  }

  isOver(nowMs: number): boolean {
    return nowMs >= this.#untilMs;
  }

  /** When `takeToken` wants to be asked next. */
  get dueMs(): number {
    return Math.min(this.#dueMs, this.#untilMs);
  }

  /** A token to knock with, if it is time for that and there is one. */
  takeToken(nowMs: number): ConnectToken | undefined {
    if (nowMs < this.#dueMs) return undefined;
    if (this.#request === undefined) {
      const request: { token: ConnectToken | "none" | undefined } = { token: undefined };
      this.#request = request;
      this.#renewToken((token) => {
        request.token ??= token ?? "none";
      });
    }
    const { token } = this.#request;
    if (token === undefined) this.#dueMs = nowMs + TOKEN_TURN_MS;
    else if (token === "none") this.#wait(nowMs);
    else this.#request = undefined;
    return typeof token === "object" ? token : undefined;
  }

  #wait(nowMs: number): void {
    this.#request = undefined;
    const pauseMs = Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#dueMs = nowMs + pauseMs * (0.5 + this.#chance() / 2);
  }

  /** From 0 to 1. */
  #chance(): number {
    const bytes = new Uint8Array(1);
    this.#random(bytes);
    return bytes[0]! / 256;
  }
}
