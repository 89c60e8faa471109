/** The door `tickwire/client`: plays a game on a server, on the runtime it finds itself in. */
import { definitionDigest } from "../src/definition-digest.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import type { ValueWarning } from "../src/game/schema/value-warnings.ts";
import { loadSodium } from "../src/net/crypto/sodium.ts";
import type { DisconnectReason } from "../src/net/wire/disconnect-reason.ts";
import { MonotonicClock } from "../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../src/runtime-adapters/open-socket.ts";
import { systemRandom } from "../src/runtime-adapters/system-random.ts";
import { TimerTicker } from "../src/runtime-adapters/timer-ticker.ts";
import { ClientDriver } from "./client-driver.ts";
import type { MessageTiming } from "./client-types.ts";
import { type AskForToken, findToken, sourcesAnew } from "./find-token.ts";
import { GameClient } from "./game-client.ts";
import { parseServerUrl } from "./server-url.ts";

export type { ClientStats, ClosedInfo, MessageTiming } from "./client-types.ts";
export type { GameClient } from "./game-client.ts";

export interface ConnectOptions {
  /** Display name; the server may change it. Default "player". */
  readonly name?: string;
  /**
   * As the game's backend gave it, or how to ask for one: a function is asked for another when the player has to join
   * anew. Without one the client asks `joinUrl`, or on loopback makes its own.
   */
  readonly token?: string | AskForToken;
  /** Where a server's development door gives tokens away: `http://127.0.0.1:7780/join`. */
  readonly joinUrl?: string;
  /**
   * See the game and take no part in it. Tokens that a backend gives say so themselves, and must; those from `joinUrl` and
   * the client's own do as is said here. Default false.
   */
  readonly spectate?: boolean;
  /** How long to knock before giving up. Default 10. */
  readonly timeoutSeconds?: number;
  /** What is put in counts so many ticks later, 0 to 3: less has to be predicted, but the player feels it. Default 0. */
  readonly inputDelayTicks?: number;
  /** Step the player's own entities ahead of what the server has told. Default true; a crowd of bots is cheaper without. */
  readonly predict?: boolean;
  /**
   * How long a server that has fallen silent is waited for, beside its timeout, before the connection is lost; and for
   * how long joining anew is tried once it is. 0: it is not. Default 30.
   */
  readonly reconnectSeconds?: number;
  /** When handlers hear of messages. Default "in-time": when the view shows what they are about. */
  readonly messages?: MessageTiming;
  /**
   * Hears of values that the fields of an input or a message cannot hold, each field once for a reason: what was written and
   * what is sent in its place, or why nothing is. For development; they are counted in any case.
   */
  readonly onValueWarning?: (warning: ValueWarning) => void;
}

/** Why there is no connection: what the server said, or that it said nothing. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly reason: DisconnectReason;
  constructor(reason: DisconnectReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Connects to a server, and answers once the first state has arrived. From then on the client joins anew by itself when
 * the connection is lost to a restart or to silence: it stays the same object, `state` says how it stands, and `closed`
 * settles when there is no way back.
 *
 * @throws ConnectError with the server's reason ("full", "version-mismatch", …) or "timeout".
 */
export async function connect<S extends Shape>(
  game: Game<S>,
  url: string,
  options: ConnectOptions = {},
): Promise<GameClient<S>> {
  const server = parseServerUrl(url);
  const sodium = await loadSodium();
  const client = new GameClient(game, {
    renewToken: (take) => {
      findToken(sodium, server, sourcesAnew(options)).then(take, () => take(undefined));
    },
    server,
    random: systemRandom,
    crypto: { sodium, cipher: sodium.packetCipher(), definition: definitionDigest(sodium, game) },
    token: await findToken(sodium, server, options),
    name: options.name ?? "player",
    connectTimeoutMs: (options.timeoutSeconds ?? 10) * 1000,
    spectate: options.spectate ?? false,
    ...(options.messages !== undefined && { messages: options.messages }),
    ...(options.predict !== undefined && { predict: options.predict }),
    ...(options.onValueWarning !== undefined && { onValueWarning: options.onValueWarning }),
    ...(options.inputDelayTicks !== undefined && { inputDelayTicks: options.inputDelayTicks }),
    ...(options.reconnectSeconds !== undefined && { reconnectMs: options.reconnectSeconds * 1000 }),
  });
  const clock = new MonotonicClock();
  const driver = new ClientDriver({
    clock,
    ticker: new TimerTicker(clock),
    openSocket: openDatagramSocket,
  });
  await driver.add(client, server);
  const firstState = new Promise<undefined>((resolve) => {
    client.onState = () => resolve(undefined);
  });
  const refused = await Promise.race([firstState, client.closed]);
  if (refused !== undefined) {
    throw new ConnectError(refused.reason, `could not join ${url}: ${refused.detail} (${refused.reason})`);
  }
  client.onState = () => {};
  return client;
}
