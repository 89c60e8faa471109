import type { Bot } from "../src/game/schema/define-bot.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import type { ValueWarning } from "../src/game/schema/value-warnings.ts";
import { SeededRandom } from "../src/net/bytes/seeded-random.ts";
import type { ConnectToken } from "../src/net/crypto/connect-token.ts";
import type { PeerAddress } from "../src/net/ports/peer-address.ts";
import type { RandomBytes } from "../src/net/ports/random-bytes.ts";
import type { ClientCrypto } from "./client-types.ts";
import { GameClient } from "./game-client.ts";
import { randomThink } from "./random-think.ts";
import { WrittenValues } from "./written-values.ts";

export interface BotCrewOptions {
  readonly server: PeerAddress;
  readonly crypto: ClientCrypto;
  /** A token for the next bot. */
  readonly token: () => ConnectToken;
  /** Of connection ids and cookies, not of the bots' play. */
  readonly random: RandomBytes;
  /** Decides all the bots' chance. */
  readonly seed: number;
  readonly connectTimeoutMs: number;
  readonly plaintext?: boolean;
  /** Have them join anew when their connection is lost. Default false: an end is to be seen as one. */
  readonly rejoin?: boolean;
  /** Hears of what the fields of an input or a message cannot hold: once for all bots. */
  readonly onValueWarning?: (warning: ValueWarning) => void;
}

/** Makes bots: clients whose input is thought up by code, each with its own seeded chance. */
export class BotCrew<S extends Shape> {
  readonly #game: Game<S>;
  readonly #bot: Bot<S> | undefined;
  readonly #options: BotCrewOptions;
  readonly #written: WrittenValues<S>;
  #made = 0;

  /** Without a bot the clients send random valid input. */
  constructor(game: Game<S>, bot: Bot<S> | undefined, options: BotCrewOptions) {
    this.#game = game;
    this.#bot = bot;
    this.#options = options;
    this.#written = new WrittenValues(game, options.onValueWarning);
  }

  /**
   * The next bot, "bot 1" first. The same seed makes the same bots in the same order. There may be many of them in a
   * process, and what they see of others is late anyway, so they do not predict unless they are told to.
   */
  next(predict = false): GameClient<S> {
    this.#made += 1;
    const { server, crypto, random, connectTimeoutMs, seed, plaintext, rejoin, token } = this.#options;
    const name = `bot ${this.#made}`;
    const client = new GameClient(
      this.#game,
      {
        ...{ server, crypto, random, connectTimeoutMs, name },
        token: token(),
        ...(rejoin === true && { renewToken: (take) => take(token()) }),
        plaintext: plaintext ?? false,
        predict,
      },
      this.#written,
    );
    // Far apart, so that neighbouring seeds share no bots.
    const chance = new SeededRandom((seed * 0x1_0000 + this.#made) >>> 0);
    const roll = (): number => chance.next();
    const think = this.#bot?.think ?? randomThink(this.#game);
    client.onTick = () => client.setInput(think(client, roll));
    return client;
  }
}
