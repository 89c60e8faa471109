import { definitionDigest } from "../../src/definition-digest.ts";
import type { Bot } from "../../src/game/schema/define-bot.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { InputValues, Shape } from "../../src/game/schema/shape.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import type { BackendKey } from "../../src/net/crypto/connect-token.ts";
import { loadSodium } from "../../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../src/net/crypto/token-issuer.ts";
import { MonotonicClock } from "../../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../../src/runtime-adapters/open-socket.ts";
import { processUsage } from "../../src/runtime-adapters/process.ts";
import { systemRandom } from "../../src/runtime-adapters/system-random.ts";
import { TimerTicker } from "../../src/runtime-adapters/timer-ticker.ts";
import { unixMs } from "../../src/runtime-adapters/wall-clock.ts";
import { ClientDriver } from "../client-driver.ts";
import { randomThink } from "../random-think.ts";
import { parseServerUrl } from "../server-url.ts";
import { Crowd, CrowdMeasures } from "./crowd.ts";
import { CrowdDriver } from "./crowd-driver.ts";
import type { CrowdMember } from "./crowd-member.ts";
import { LightBot } from "./light-bot.ts";
import { PilotScript } from "./pilot-script.ts";
import { Probe } from "./probe.ts";

export interface CrowdOptions {
  /** `udp://127.0.0.1:7777` */
  readonly url: string;
  /** "probes" read everything, foretell and measure; of "players" most are light. */
  readonly kind: "probes" | "players";
  /** Of the members' chance and names; each crowd of a test has its own. */
  readonly number: number;
  readonly seed: number;
  readonly connectTimeoutMs: number;
  /** Issues their tokens. Default: the public development key. */
  readonly backendKey?: BackendKey;
  readonly audience?: string;
  readonly plaintext?: boolean;
}

/** Among light players so many see the game and play its bot; the others play what these did some seconds before. */
const PILOTS = 4;
const LEAST_DELAY_TICKS = 15;
const MOST_DELAY_TICKS = 900;

/** Makes a crowd on real sockets; nobody plays before it is told how many. */
export async function makeCrowd<S extends Shape>(
  game: Game<S>,
  bot: Bot<S> | undefined,
  options: CrowdOptions,
): Promise<Crowd> {
  const server = parseServerUrl(options.url);
  const sodium = await loadSodium();
  const crypto = { sodium, cipher: sodium.packetCipher(), definition: definitionDigest(sodium, game) };
  const clock = new MonotonicClock();
  const ports = () => ({ clock, ticker: new TimerTicker(clock), openSocket: openDatagramSocket });
  const shared = new CrowdDriver(ports());
  const claims = options.audience === undefined ? {} : { audience: options.audience };
  const token = () =>
    issueToken(sodium, systemRandom, options.backendKey ?? DEVELOPMENT_KEY, claims, unixMs());
  const measures = new CrowdMeasures();
  const onLatency = (ms: number): void => measures.latency.record(ms);
  // Chance of its own: what players do must not depend on how they are measured.
  const phase = new SeededRandom((options.seed + options.number * 0x9e37_79b9) >>> 0);
  const ears = {
    onLatency,
    anyTime: {
      roll: () => phase.next(),
      onLatency: (ms: number): void => measures.anyTime.record(ms),
    },
    onInterval(ms: number): void {
      if (measures.isOpen) measures.interval.record(ms);
    },
    onAge(ms: number): void {
      if (measures.isOpen) measures.age.record(ms);
    },
  };
  const scripts: PilotScript<S>[] = [];
  const isProbes = options.kind === "probes";
  let made = 0;

  function next(): CrowdMember {
    const number = made;
    made += 1;
    const chance = new SeededRandom((options.seed * 0x100_0000 + options.number * 0x1_0000 + number) >>> 0);
    const roll = (): number => chance.next();
    const common = {
      ...{ server, crypto, token: token(), random: systemRandom, connectTimeoutMs: options.connectTimeoutMs },
      plaintext: options.plaintext ?? false,
      name: `${isProbes ? "probe" : "bot"} ${options.number}.${number + 1}`,
    };
    const isPilot = bot !== undefined && number < PILOTS;
    if (isProbes || isPilot) {
      const probe = new Probe(game, { ...common, predict: isProbes }, ears);
      const script = isPilot ? new PilotScript<S>() : undefined;
      if (script !== undefined) scripts.push(script);
      probe.playBy(bot?.think ?? randomThink(game), roll, script);
      return probe;
    }
    return new LightBot(game, { ...common, onLatency, ...lightPlay(roll) });
  }

  function lightPlay(roll: () => number) {
    if (bot === undefined) {
      const think = randomThink(game);
      // Random play looks at nothing.
      return { wish: () => filled(think(undefined as never, roll)), say: () => undefined };
    }
    const script = scripts[Math.floor(roll() * scripts.length)]!;
    const delay = Math.floor(LEAST_DELAY_TICKS + roll() * (MOST_DELAY_TICKS - LEAST_DELAY_TICKS));
    let wanted: Partial<InputValues<S>> | undefined;
    return {
      wish() {
        const input = script.ago(delay)?.input;
        if (input === wanted) return undefined;
        wanted = input;
        return input;
      },
      say: () => script.ago(delay)?.said,
    };
  }

  return new Crowd({
    clock,
    measures,
    next,
    // Probes share no wake-up with anyone: they measure.
    start: (member) => (isProbes ? new ClientDriver(ports()) : shared).add(member, server),
    usage() {
      const { cpuUserSeconds, cpuSystemSeconds, residentBytes } = processUsage();
      return { cpuSeconds: cpuUserSeconds + cpuSystemSeconds, residentBytes };
    },
  });
}

function filled<T extends object>(input: T): T | undefined {
  for (const _ in input) return input;
  return undefined;
}
