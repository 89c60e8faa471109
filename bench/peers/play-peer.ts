// play-peer.ts PEER HOST PORT CLIENTS PROBES SEED: all players of one run. The first PROBES of them number their
// inputs; half of those set them in the client's tick, half at any time.
import { build, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { Pilot, TICK_MS } from "./fleet.ts";
import { InputTimes, type JudgedInputs } from "./input-times.ts";
import { heard, say } from "./line-talk.ts";
import type { ClientEvents, ClientModule, PeerClient } from "./peer.ts";
import type { LatencyReport, PlayersReport } from "./reports.ts";
import { countTcpBytes } from "./tcp-bytes.ts";

const [, , peer, host, port, clientCount, probeCount, seed] = process.argv;
/** Between two who join: a crowd that comes at once is another bench. */
const JOIN_EVERY_MS = 25;
/** After the end answers are waited for so long. */
const LINGER_MS = 5_000;

const tcpBytes = countTcpBytes();
const { connect, hasTicks }: ClientModule = await import(`./${peer}/client.ts`);
const lateness = newHistogram();
let isMeasuring = false;
let [states, lost] = [0, 0];
/** In any state of any player. */
let fewestShips = Number(clientCount);

/** A player and how it behaves. */
class Bot implements ClientEvents {
  readonly times: InputTimes | undefined;
  readonly isInTick: boolean;
  client: PeerClient | undefined;
  readonly #pilot: Pilot;
  readonly #chance: SeededRandom;

  constructor(n: number) {
    this.#chance = new SeededRandom(Number(seed) * 0x1_0000 + n);
    this.#pilot = new Pilot(() => this.#chance.next());
    this.times = n < Number(probeCount) ? new InputTimes() : undefined;
    this.isInTick = this.times === undefined || n % 2 === 0;
  }

  onTick(): void {
    this.#pilot.think();
    if (this.isInTick) this.#setInput();
    else setTimeout(() => this.#setInput(), this.#chance.next() * TICK_MS);
  }

  onState(serial: number, ships: number): void {
    if (isMeasuring) {
      states += 1;
      fewestShips = Math.min(fewestShips, ships);
    }
    this.times?.answer(serial, performance.now());
  }

  onLost(why: string): void {
    lost += 1;
    console.error(`${peer}: a player was lost: ${why}`);
  }

  /** Ticks for peers that have none: when they are due does not depend on when the last one came. */
  beat(): void {
    const startMs = performance.now() + this.#chance.next() * TICK_MS;
    let n = 0;
    const next = (): void => {
      const dueMs = startMs + n * TICK_MS;
      const nowMs = performance.now();
      if (nowMs >= dueMs) {
        if (isMeasuring) record(lateness, nowMs - dueMs);
        n += 1;
        this.onTick();
      }
      setTimeout(next, Math.max(0, startMs + n * TICK_MS - performance.now()));
    };
    next();
  }

  #setInput(): void {
    if (this.client === undefined) return;
    const serial = this.times?.set(performance.now()) ?? 0;
    this.client.setInput(serial, this.#pilot.dx, this.#pilot.dy);
  }
}

const bots: Bot[] = [];
const joining: Promise<void>[] = [];
for (let n = 0; n < Number(clientCount); n += 1) {
  const bot = new Bot(n);
  bots.push(bot);
  joining.push(join(bot));
  await pause(JOIN_EVERY_MS);
}
await Promise.all(joining);
// The same watch for peers whose clients have ticks of their own.
if (hasTicks) watchTimers();
say({ playing: bots.length });

let before = { cpu: process.cpuUsage(), atMs: 0, bytesDown: bytesDown() };
let after: Pick<PlayersReport, "cpuShare" | "bytesDown"> = { cpuShare: 0, bytesDown: 0 };
for await (const message of heard()) {
  if (message.what === "begin") {
    isMeasuring = true;
    for (const { times } of bots) times?.begin();
    before = { cpu: process.cpuUsage(), atMs: performance.now(), bytesDown: bytesDown() };
  } else if (message.what === "end") {
    isMeasuring = false;
    for (const { times } of bots) times?.end();
    const { user, system } = process.cpuUsage(before.cpu);
    after = {
      cpuShare: (user + system) / 1000 / (performance.now() - before.atMs),
      bytesDown: bytesDown() - before.bytesDown,
    };
    const untilMs = performance.now() + LINGER_MS;
    while (bots.some(({ times }) => times?.isAnswered === false) && performance.now() < untilMs) {
      await pause(20);
    }
    say({ lingered: true });
  } else if (message.what === "judge") {
    const used = new Map(
      (message.used as [number, number[]][]).map(([id, serials]) => [id, new Set(serials)]),
    );
    const report: PlayersReport = {
      ...{ players: bots.length, lost, states, fewestShips, ...after },
      inTick: judge(used, true),
      anyTime: judge(used, false),
      latenessP99Ms: lateness.getValueAtPercentile(99) / 1000,
    };
    say(report);
  } else break;
}
process.exit(0);

async function join(bot: Bot): Promise<void> {
  bot.client = await connect({ host: host!, port: Number(port) }, bot);
  if (!hasTicks) bot.beat();
}

function judge(used: ReadonlyMap<number, ReadonlySet<number>>, isInTick: boolean): LatencyReport {
  const [all, usedOnly] = [newHistogram(), newHistogram()];
  let [unused, unanswered] = [0, 0];
  const nowMs = performance.now();
  for (const { times, client, isInTick: isSo } of bots) {
    if (times === undefined || isSo !== isInTick) continue;
    const judged: JudgedInputs = times.judge(used.get(client!.id) ?? new Set(), nowMs);
    for (const ms of judged.allMs) record(all, ms);
    for (const ms of judged.usedMs) record(usedOnly, ms);
    unused += judged.unused;
    unanswered += judged.unanswered;
  }
  return {
    all: encodeIntoCompressedBase64(all),
    used: encodeIntoCompressedBase64(usedOnly),
    inputs: all.totalCount,
    ...{ unused, unanswered },
  };
}

function watchTimers(): void {
  let dueMs = performance.now() + TICK_MS;
  const next = (): void => {
    if (isMeasuring) record(lateness, performance.now() - dueMs);
    dueMs = performance.now() + TICK_MS;
    setTimeout(next, TICK_MS);
  };
  setTimeout(next, TICK_MS);
}

function bytesDown(): number {
  return bots.reduce((sum, { client }) => sum + (client?.bytesDown ?? 0), tcpBytes());
}

/** Of microseconds, up to a minute. */
function newHistogram() {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
  });
}

function record(histogram: ReturnType<typeof newHistogram>, ms: number): void {
  histogram.recordValue(Math.min(60_000_000, Math.max(1, Math.round(ms * 1000))));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
