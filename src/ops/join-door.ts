import { isLoopback } from "../net/ports/peer-address.ts";
import { plain } from "./http-door.ts";

/** What is asked for. */
export interface JoinWish {
  readonly name: string | undefined;
  /** To look on. */
  readonly spectate: boolean;
}

export interface JoinDoorOptions {
  /** The address that the HTTP door is bound to. */
  readonly host: string;
  /** True when players are accepted, else why not. */
  readonly ready: () => true | string;
  /** A connect token. The name is one that a token can hold. */
  readonly issue: (wish: JoinWish) => string;
  /** How long such a token may be used. */
  readonly expiresInSeconds: number;
  /** Where the game listens: `udp://127.0.0.1:7777`. */
  readonly url: () => string;
}

const MAX_BODY_BYTES = 1_024;
const BODY_PATIENCE_MS = 2_000;
const MAX_NAME_BYTES = 24;
const TOKENS_PER_SECOND = 50;
const TOKENS_AT_ONCE = 200;

/**
 * `POST /join` gives a connect token to whoever asks: for development, where no backend does. A web page must
 * not be able to ask through its visitor's browser, so the Host has to be ours (or a name would be pointed at
 * this machine) and the Origin the same; JSON keeps forms out.
 */
export function createJoinDoor(options: JoinDoorOptions): (request: Request) => Promise<Response> {
  let tokensLeft = TOKENS_AT_ONCE;
  let countedAtMs = performance.now();
  const mayIssue = (): boolean => {
    const nowMs = performance.now();
    tokensLeft = Math.min(TOKENS_AT_ONCE, tokensLeft + ((nowMs - countedAtMs) * TOKENS_PER_SECOND) / 1000);
    countedAtMs = nowMs;
    if (tokensLeft < 1) return false;
    tokensLeft -= 1;
    return true;
  };

  return async (request) => {
    if (request.method !== "POST") return plain(405, "only POST joins", { allow: "POST" });
    const asked = readHost(request.headers.get("host") ?? "");
    if (asked === undefined || !isOurs(asked.name, options.host)) {
      return plain(403, "the Host must be the address of this server");
    }
    const origin = request.headers.get("origin");
    if (origin !== null && originHost(origin) !== asked.host) {
      return plain(403, "the Origin must be this server's own");
    }
    if (
      !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(request.headers.get("content-type") ?? "")
    ) {
      return plain(415, "the body must be application/json");
    }
    const state = options.ready();
    if (state !== true) return plain(503, `no player can join: the server is ${state}`);
    if (!mayIssue()) return plain(429, "too many players join at once", { "retry-after": "1" });
    const body = await readBody(request);
    if (body === "too-large") return plain(413, `the body must be at most ${MAX_BODY_BYTES} bytes`);
    if (body === "too-slow") return plain(408, "the body did not come in time");
    const wish = readWish(body);
    if (wish === undefined) {
      const form = `{"name": "…", "spectate": true} or less, the name at most ${MAX_NAME_BYTES} bytes of text`;
      return plain(400, `the body must be ${form}`);
    }
    const { expiresInSeconds } = options;
    const url = reachableUrl(options.url(), asked.name);
    return Response.json(
      { token: options.issue(wish), url, expiresInSeconds },
      { headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" } },
    );
  };
}

interface AskedHost {
  /** Without the port, and IPv6 without brackets. */
  readonly name: string;
  /** With the port, as browsers write it. */
  readonly host: string;
}

/** Only literals and localhost: what URL parsers would make of other spellings is not for us to guess. */
function readHost(text: string): AskedHost | undefined {
  if (!/^(localhost|\d+\.\d+\.\d+\.\d+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(text)) return undefined;
  const url = URL.parse(`http://${text}`);
  return url === null ? undefined : { name: url.hostname.replace(/^\[|\]$/g, ""), host: url.host };
}

function isOurs(name: string, boundTo: string): boolean {
  if (name === "localhost" || isLoopback(name)) return true;
  // Bound to all addresses, it may be asked by each. Only names can be pointed at it from outside.
  return boundTo === "0.0.0.0" || boundTo === "::" || name === canonicalHost(boundTo);
}

function canonicalHost(host: string): string {
  return readHost(host.includes(":") ? `[${host}]` : host)?.name ?? host;
}

function originHost(origin: string): string | undefined {
  const url = URL.parse(origin);
  return url?.protocol === "http:" && url.origin === origin ? url.host : undefined;
}

/** A server on all addresses is reached where its HTTP door was. */
function reachableUrl(url: string, askedName: string): string {
  const host = askedName === "localhost" ? "127.0.0.1" : askedName;
  return url.replace(/^udp:\/\/(0\.0\.0\.0|\[::\])/, `udp://${host.includes(":") ? `[${host}]` : host}`);
}

async function readBody({ headers, body }: Request): Promise<Uint8Array | "too-large" | "too-slow"> {
  if (Number(headers.get("content-length") ?? 0) > MAX_BODY_BYTES) return "too-large";
  if (body === null) return new Uint8Array(0);
  const bytes = new Uint8Array(MAX_BODY_BYTES);
  let length = 0;
  const reader = body.getReader();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void reader.cancel().catch(() => {});
  }, BODY_PATIENCE_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isLate) return "too-slow";
      if (done) return bytes.subarray(0, length);
      if (length + value.length > MAX_BODY_BYTES) {
        void reader.cancel().catch(() => {});
        return "too-large";
      }
      bytes.set(value, length);
      length += value.length;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** What the body asks for, if it asks for nothing else. */
function readWish(body: Uint8Array): JoinWish | undefined {
  let wish: unknown;
  try {
    wish = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
  if (typeof wish !== "object" || wish === null || Array.isArray(wish)) return undefined;
  if (Object.keys(wish).some((key) => key !== "name" && key !== "spectate")) return undefined;
  const { name, spectate = false } = wish as { name?: unknown; spectate?: unknown };
  if (typeof spectate !== "boolean") return undefined;
  return name === undefined || isGoodName(name) ? { name, spectate } : undefined;
}

function isGoodName(name: unknown): name is string {
  if (typeof name !== "string" || /\p{Cc}/u.test(name) || !name.isWellFormed()) return false;
  return new TextEncoder().encode(name).length <= MAX_NAME_BYTES;
}
