import type { OwnLife } from "../src/game/prediction/own-life.ts";
import type { EntityId } from "../src/game/schema/field.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import type { EntityList } from "../src/game/schema/world-types.ts";
import type { GameClient } from "./game-client.ts";
import { TRACE_VERSION, type TracedOther, type TraceHeader, type TraceTick } from "./trace-format.ts";
import { type TracedNumbers, tracedNumbers } from "./traced-numbers.ts";

/** So many ticks may wait for their truth, more than are ever predicted ahead. The oldest go without if there are more. */
const MAX_WAITING_TICKS = 128;

export interface TraceOptions {
  /** Whose trace it is. */
  readonly bot: string;
  /** The time that the client is turned with. */
  readonly nowMs: () => number;
  /** Takes one line, without its end. */
  readonly write: (line: string) => void;
}

type Written<T> = { -readonly [K in keyof T]: T[K] };

/** A tick that waits for its truth. */
interface Waiting {
  readonly line: Written<TraceTick>;
  readonly own: OwnLife | undefined;
  readonly numbers: TracedNumbers | undefined;
  readonly other: Written<TracedOther> | undefined;
  readonly otherNumbers: TracedNumbers | undefined;
}

interface Named {
  readonly id: EntityId;
}

interface Other {
  readonly entity: Named;
  readonly numbers: TracedNumbers;
}

/**
 * Writes a client's trace. It takes over `onTick` and `onState` of the client, and calls what was there: set your own
 * before. The client has to predict.
 */
export class TraceRecorder {
  readonly #client: GameClient<Shape>;
  readonly #options: TraceOptions;
  readonly #numbers: readonly TracedNumbers[];
  readonly #startMs: number;
  /** By rising tick. */
  readonly #waiting: Waiting[] = [];
  #newestTick = -1;
  /** Of kinds that have a place, the avatar's first. */
  readonly #others: readonly TracedNumbers[];
  /** Of the other that is watched, 0 for none. */
  #otherId = 0;
  #hasEnded = false;

  constructor(client: GameClient<Shape>, options: TraceOptions) {
    this.#client = client;
    this.#options = options;
    this.#numbers = tracedNumbers(client.game);
    const { avatar } = client.game.schema;
    this.#others = this.#numbers
      .filter(({ place }) => place.length > 0)
      .sort((a, b) => Number(b.name === avatar) - Number(a.name === avatar));
    this.#startMs = options.nowMs();
    const { onTick, onState } = client;
    client.onTick = (tick, dueMs) => {
      this.#confirm();
      this.#see();
      onTick(tick, dueMs);
    };
    client.onState = (tick) => {
      this.#confirm();
      onState(tick);
    };
    this.#writeHeader();
  }

  /** Writes what still waits, without its truth. Nothing is written afterwards. */
  end(): void {
    if (this.#hasEnded) return;
    this.#confirm();
    for (const waiting of this.#waiting.splice(0)) this.#write(waiting);
    this.#hasEnded = true;
  }

  #writeHeader(): void {
    const { game } = this.#client;
    const header: TraceHeader = {
      format: "tickwire-trace",
      version: TRACE_VERSION,
      game: game.name,
      tickRate: game.tickRate,
      bot: this.#options.bot,
      kinds: this.#numbers.map(({ name, fields, place }) => ({ name, fields, place })),
    };
    this.#options.write(JSON.stringify(header));
  }

  /** Takes down the tick that the prediction has come to, as the player sees it now. */
  #see(): void {
    const prediction = this.#client["~own"];
    // Of a tick that is played anew its first time counts.
    if (this.#hasEnded || prediction === undefined || prediction.confirmedTick < 0) return;
    if (prediction.tick <= this.#newestTick) return;
    this.#newestTick = prediction.tick;
    const steered = this.#client.entity as Readonly<Record<string, unknown>> | undefined;
    // Just taken over, it is not predicted yet.
    const own = steered?.["~life"] as OwnLife | undefined;
    const numbers = own && this.#numbers[own.kind.plan.schema.index]!;
    const found = this.#findOther();
    const other = found && {
      kind: found.numbers.name,
      id: found.entity.id,
      shown: found.numbers.read(found.entity),
      told: null,
      off: null,
    };
    this.#waiting.push({
      line: {
        tick: prediction.tick,
        ms: rounded(this.#options.nowMs() - this.#startMs),
        confirmedTick: prediction.confirmedTick,
        kind: numbers?.name ?? null,
        id: own?.id ?? null,
        predicted: numbers?.stored(own!.numbers, own!.at) ?? null,
        shown: numbers?.read(steered!) ?? null,
        ...{ truth: null, predictedOff: null, shownOff: null },
        ...this.#link(),
        other: other ?? null,
      },
      own,
      numbers,
      other,
      otherNumbers: found?.numbers,
    });
    if (this.#waiting.length > MAX_WAITING_TICKS) this.#write(this.#waiting.shift()!);
  }

  #link() {
    const { stats, view } = this.#client;
    return {
      corrections: stats.corrections,
      replayedTicks: stats.replayedTicks,
      leadTicks: rounded(stats.inputLeadTicks),
      wantedLeadTicks: rounded(stats.wantedLeadTicks),
      interpolationMs: rounded(stats.interpolationMs),
      viewTick: view.tick,
      freezes: stats.freezes,
      extrapolatedTicks: rounded(stats.extrapolatedTicks),
      rttMs: stats.rttMs === undefined ? null : rounded(stats.rttMs),
      jitterMs: rounded(stats.jitterMs),
      lossPercent: rounded(stats.lossRatio * 100),
    };
  }

  /** The other that was watched before if it is still in view, else what of the avatar's kind comes first, else any. */
  #findOther(): Other | undefined {
    const lists = this.#client.view as unknown as Readonly<Record<string, EntityList<Named>>>;
    for (const numbers of this.#others) {
      const entity = lists[numbers.name]!.get(this.#otherId as EntityId);
      if (entity !== undefined && !isOwn(entity)) return { entity, numbers };
    }
    for (const numbers of this.#others) {
      for (const entity of lists[numbers.name]!) {
        if (isOwn(entity)) continue;
        this.#otherId = entity.id;
        return { entity, numbers };
      }
    }
    return undefined;
  }

  /** Writes the ticks of which all is known that will be. */
  #confirm(): void {
    const confirmedTick = this.#client["~own"]?.confirmedTick ?? -1;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { line, own, numbers } = next;
      const isExact = own?.exactTick === line.tick;
      // The rest of what is told of the confirmed tick may be in the next packet.
      if (!isExact && line.tick >= confirmedTick) return;
      if (isExact && own!.livedAt(line.tick)) {
        line.truth = numbers!.stored(own!.numbers, own!.offsetOf(line.tick));
        line.predictedOff = numbers!.distance(line.truth, line.predicted!);
        line.shownOff = numbers!.distance(line.truth, line.shown!);
      }
      this.#waiting.shift();
      this.#write(next);
    }
  }

  #write({ line, other, otherNumbers }: Waiting): void {
    if (other !== undefined) {
      const held = this.#client["~store"].get(other.id);
      const told = held && otherNumbers!.told(held, other.id, line.viewTick);
      if (told !== undefined) {
        other.told = told;
        other.off = otherNumbers!.distance(told, other.shown);
      }
    }
    this.#options.write(JSON.stringify(line));
  }
}

/** True for what is predicted. */
function isOwn(entity: object): boolean {
  return "~life" in entity;
}

/** To a millionth, which no one sees. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
