import { cutText } from "../src/net/bytes/cut-text.ts";
import type { ConnectToken } from "../src/net/crypto/connect-token.ts";
import type { Sodium } from "../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../src/net/crypto/token-issuer.ts";
import { parseToken } from "../src/net/crypto/token-text.ts";
import { isLoopback, type PeerAddress } from "../src/net/ports/peer-address.ts";
import { MAX_NAME_BYTES } from "../src/net/wire/limits.ts";
import { systemRandom } from "../src/runtime-adapters/system-random.ts";
import { unixMs } from "../src/runtime-adapters/wall-clock.ts";

const ASK_TIMEOUT_MS = 5_000;

/** Asks the game's backend for a token. */
export type AskForToken = () => string | Promise<string>;

export interface TokenSources {
  readonly token?: string | AskForToken;
  readonly joinUrl?: string;
  readonly name?: string;
  readonly spectate?: boolean;
}

/**
 * The token to connect with: the one given, one from the server's development door, or on loopback one of our own
 * making, which servers without a backend take.
 *
 * @throws Error with one sentence.
 */
export async function findToken(
  sodium: Sodium,
  server: PeerAddress,
  { token, joinUrl, name, spectate = false }: TokenSources,
): Promise<ConnectToken> {
  const given = typeof token === "function" ? await token() : token;
  const text = given ?? (joinUrl === undefined ? undefined : await askForToken(joinUrl, name, spectate));
  if (text !== undefined) {
    const parsed = parseToken(sodium, text);
    if (parsed === undefined) throw new Error("the token is none: it should look like tw1.….…");
    return parsed;
  }
  if (!isLoopback(server.host)) {
    throw new Error(`a token of the game's backend is needed to connect to ${server.host}`);
  }
  return issueToken(sodium, systemRandom, DEVELOPMENT_KEY, { spectate }, unixMs());
}

/** Where to look for another token: one that was given is good for one connection, so what gives new ones goes first. */
export function sourcesAnew({ token, ...others }: TokenSources): TokenSources {
  const mustBeKept = typeof token === "function" || others.joinUrl === undefined;
  return mustBeKept && token !== undefined ? { ...others, token } : others;
}

async function askForToken(joinUrl: string, name: string | undefined, spectate: boolean): Promise<string> {
  let answer: unknown;
  try {
    const response = await fetch(joinUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...(name !== undefined && { name: cutText(name, MAX_NAME_BYTES) }),
        ...(spectate && { spectate }),
      }),
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(await refusalText(response));
    answer = await response.json();
  } catch (error) {
    throw new Error(`no token from ${joinUrl}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { token } = answer as { token?: unknown };
  if (typeof token !== "string") throw new Error(`no token from ${joinUrl}: its answer holds none`);
  return token;
}

/** What the door said, in one line that cannot steer a terminal. */
async function refusalText(response: Response): Promise<string> {
  const sentence = (await response.text())
    .trim()
    .slice(0, 200)
    .replace(/\p{Cc}/gu, " ");
  return `it answered ${response.status}${sentence === "" ? "" : ` (${sentence})`}`;
}
