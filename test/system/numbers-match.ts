import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { createKey, issueToken, readKeys } from "../../src/token-door.ts";
import { StartedProcess } from "../cli/started-process.ts";
import { programCommand } from "../cli/started-program.ts";
import { NattedNetwork, SERVER_HOST, SERVER_PORT } from "./natted-network.ts";
import type { NumbersPlayerReport, NumbersServerReport } from "./numbers-game.ts";

const PROGRAMS = "test/system/programs";
/** After the last word, on a network that works. */
const LAST_WORDS_MS = 10_000;
const ASK_AGAIN_MS = 250;

export interface NumbersReports {
  readonly server: NumbersServerReport;
  readonly player: NumbersPlayerReport;
}

/** One player and its server, in processes of their own on a network of their own. */
export class NumbersMatch {
  readonly network: NattedNetwork;
  readonly #server: StartedProcess;
  readonly #player: StartedProcess;

  private constructor(network: NattedNetwork, server: StartedProcess, player: StartedProcess) {
    this.network = network;
    this.#server = server;
    this.#player = player;
  }

  /** Answers once the player is in. `keep` gets what has to be called in the end, whatever happens, last first. */
  static async start(runtime: RuntimeName, keep: (end: () => Promise<void>) => void): Promise<NumbersMatch> {
    const network = await NattedNetwork.make();
    keep(() => network.remove());
    const key = createKey();
    const program = (name: string, args: readonly string[]) =>
      programCommand(runtime, `${PROGRAMS}/${name}.ts`, args);
    const server = new StartedProcess(
      network.asServer(program("numbers-server", [SERVER_HOST, `${SERVER_PORT}`, key])),
    );
    keep(() => server.end());
    await server.says('"listening"');
    const token = issueToken(readKeys(key)[0]);
    const url = `udp://${SERVER_HOST}:${SERVER_PORT}`;
    const player = new StartedProcess(network.asClient(program("numbers-player", [url, token])));
    keep(() => player.end());
    await player.says('"joined"');
    return new NumbersMatch(network, server, player);
  }

  /** Has both fall silent, waits for what is still under way, and tells all that happened. */
  async finish(): Promise<NumbersReports> {
    let reports = await this.#ask("hush");
    const endMs = performance.now() + LAST_WORDS_MS;
    while (isWaiting(reports) && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      reports = await this.#ask("report");
    }
    // A copy that came late would come now.
    await new Promise((resolve) => setTimeout(resolve, 2 * ASK_AGAIN_MS));
    return this.#ask("report");
  }

  async #ask(order: string): Promise<NumbersReports> {
    const [server, player] = await Promise.all(
      [this.#server, this.#player].map(async (program) => {
        const before = program.lines.length;
        program.type(order);
        await program.until(() => program.lines.length > before, `answering ${order}`);
        return program.lines.at(-1) as unknown;
      }),
    );
    return { server: server as NumbersServerReport, player: player as NumbersPlayerReport };
  }
}

function isWaiting({ server, player }: NumbersReports): boolean {
  return server.heard.length < player.sent || player.heard.length < server.sent;
}
