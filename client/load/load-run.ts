import { harnessVerdict } from "./harness-verdict.ts";
import { type Knee, searchKnee, type Trial } from "./knee-search.ts";
import {
  type CrowdState,
  LoadWindow,
  type LoadWindowParts,
  type SeriesPoint,
  stateOf,
  type WindowResult,
} from "./load-window.ts";
import type { KneeSearch, Scenario, Stage } from "./scenario.ts";
import { tickTimesBetween } from "./server-reading.ts";

/** What a load test tells while it runs. */
export interface LoadProgress {
  readonly phase: "connecting" | "joining" | "warming up" | "measuring";
  /** Clients that are asked for now, and those who play. */
  readonly wanted: number;
  readonly connected: number;
  readonly failed: number;
  /** Of the phase; 0 to 1. */
  readonly done: number;
  /** Undefined when nobody knows. */
  readonly secondsLeft: number | undefined;
  /** The newest point that was measured. */
  readonly point: SeriesPoint | undefined;
}

export interface LoadRunParts extends LoadWindowParts {
  readonly tickRate: number;
  /** How long a client may take to get in. */
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
}

/** What came of a load test. `window` is undefined when nobody got in, or it was stopped before anything was measured. */
export interface LoadOutcome {
  readonly state: CrowdState;
  readonly window: WindowResult | undefined;
  readonly knee: Knee | undefined;
  readonly isInterrupted: boolean;
}

const POLL_MS = 250;
const KNEE_CLIENTS_PER_SECOND = 200;
const DEFAULT_WITHIN_PERCENT = 5;
const DEFAULT_MAX_INPUT_TO_STATE_MS = 150;
/** Of a tick, so much may be used up. */
const DEFAULT_TICK_SHARE = 0.75;
/** More points than these would tell no more. */
const MOST_POINTS = 600;
const LEAST_POINT_SECONDS = 1;

/** Runs a scenario to its end, or until it is told to stop. */
export class LoadRun {
  readonly #parts: LoadRunParts;
  #wanted = 0;
  #failed = 0;
  #point: SeriesPoint | undefined;

  constructor(parts: LoadRunParts) {
    this.#parts = parts;
  }

  async run(scenario: Scenario): Promise<LoadOutcome> {
    const state = await this.#connect();
    if (state.connected === 0) return this.#outcome(undefined, undefined);
    if ("knee" in scenario) return this.#seek(scenario.knee);
    return this.#outcome(await this.#play(scenario.stages), undefined);
  }

  /** A first client, so that a server that is not there is found out before hundreds knock. */
  async #connect(): Promise<CrowdState> {
    this.#aim(1, 0);
    // The first question costs both ends more than all others: not while something is measured.
    await this.#parts.readServer();
    return this.#untilDecided("connecting");
  }

  /** With `refill` others come for those who were lost before. */
  async #play(stages: readonly Stage[], refill = false): Promise<WindowResult | undefined> {
    const measured = stages.filter(isMeasured).reduce((sum, { seconds }) => sum + seconds, 0);
    let window: LoadWindow | undefined;
    for (const stage of stages) {
      if (this.#isStopped) break;
      const { crowds } = this.#parts;
      const churn = stage.churnPerSecond ?? 0;
      const rampSeconds = stage.rampSeconds ?? 0;
      if (stage.clients !== this.#wanted || (refill && stage === stages[0])) {
        this.#aim(stage.clients, rampSeconds);
      }
      if (!isMeasured(stage)) {
        await this.#wait("joining", rampSeconds);
        await this.#untilDecided("joining");
        await this.#wait("warming up", stage.seconds);
        continue;
      }
      if (window === undefined) window = await this.#open();
      crowds.churn(churn);
      await this.#measure(window, rampSeconds + stage.seconds, measured);
      crowds.churn(0);
    }
    return window?.close();
  }

  async #open(): Promise<LoadWindow> {
    const window = new LoadWindow(this.#parts);
    await window.open();
    return window;
  }

  async #measure(window: LoadWindow, seconds: number, allSeconds: number): Promise<void> {
    const { clock } = this.#parts;
    const startMs = clock.nowMs();
    const pointSeconds = Math.max(LEAST_POINT_SECONDS, allSeconds / MOST_POINTS);
    const points = Math.max(1, Math.floor(seconds / pointSeconds));
    for (let i = 1; i <= points && !this.#isStopped; i += 1) {
      await this.#pause(startMs + (seconds * 1000 * i) / points - clock.nowMs());
      this.#point = await window.sample();
      const done = i / points;
      const { connected } = this.#point;
      this.#tell("measuring", { connected, failed: this.#failed }, done, seconds * (1 - done));
    }
  }

  async #seek(search: KneeSearch): Promise<LoadOutcome> {
    let best: WindowResult | undefined;
    let last: WindowResult | undefined;
    const range = { ...search, withinPercent: search.withinPercent ?? DEFAULT_WITHIN_PERCENT };
    const knee = await searchKnee(range, async (clients) => {
      const rampSeconds = Math.abs(clients - this.#wanted) / KNEE_CLIENTS_PER_SECOND;
      const stages = [
        { clients, rampSeconds, seconds: search.warmUpSeconds, isMeasured: false },
        { clients, seconds: search.seconds },
      ];
      const result = await this.#play(stages, true);
      if (result === undefined || this.#isStopped) return undefined;
      last = result;
      const trial = this.#judge(clients, result, search);
      if (trial.isMet && clients >= (best?.state.connected ?? 0)) best = result;
      return trial;
    });
    return this.#outcome(best ?? last, knee);
  }

  #judge(clients: number, result: WindowResult, { objective }: KneeSearch): Trial {
    const mostMs = objective?.maxInputToStateP99Ms ?? DEFAULT_MAX_INPUT_TO_STATE_MS;
    const mostTickMs = objective?.maxTickP99Ms ?? (1000 / this.#parts.tickRate) * DEFAULT_TICK_SHARE;
    const p99 = result.latency.percentile(99);
    const { server, state } = result;
    const tickP99 = server === undefined ? 0 : tickTimesBetween(server.before, server.after).p99;
    const broken = [
      ...(state.connected < clients ? [`${state.connected} of ${clients} play`] : []),
      ...(p99 > mostMs ? [`input to state p99 ${p99.toFixed(1)} ms`] : []),
      ...(tickP99 > mostTickMs ? [`tick p99 ${tickP99.toFixed(2)} ms`] : []),
    ];
    const isHarnessLate = harnessVerdict(result.harness).length > 0;
    return { clients, isMet: broken.length === 0, why: broken.join(", "), isHarnessLate };
  }

  async #outcome(window: WindowResult | undefined, knee: Knee | undefined): Promise<LoadOutcome> {
    const state = window?.state ?? stateOf(await this.#parts.crowds.sample());
    return { state, window, knee, isInterrupted: this.#isStopped };
  }

  #aim(clients: number, seconds: number): void {
    this.#wanted = clients;
    this.#parts.crowds.aimFor(clients, seconds);
  }

  /** Until all who began to join are in or have failed. */
  async #untilDecided(phase: LoadProgress["phase"]): Promise<CrowdState> {
    const { crowds, clock, connectTimeoutMs } = this.#parts;
    const startMs = clock.nowMs();
    for (;;) {
      const state = stateOf(await crowds.sample());
      const passedMs = clock.nowMs() - startMs;
      const isDecided = state.begun > 0 && state.knocking === 0;
      if (isDecided || this.#isStopped || passedMs > connectTimeoutMs + POLL_MS * 4) return state;
      this.#failed = state.failed;
      this.#tell(phase, state, Math.min(1, state.connected / this.#wanted), undefined);
      await this.#pause(POLL_MS);
    }
  }

  async #wait(phase: LoadProgress["phase"], seconds: number): Promise<void> {
    const { crowds, clock } = this.#parts;
    const endMs = clock.nowMs() + seconds * 1000;
    while (clock.nowMs() < endMs && !this.#isStopped) {
      const state = stateOf(await crowds.sample());
      this.#failed = state.failed;
      const left = Math.max(0, endMs - clock.nowMs());
      this.#tell(phase, state, 1 - left / (seconds * 1000), left / 1000);
      await this.#pause(Math.min(POLL_MS, left));
    }
  }

  #tell(
    phase: LoadProgress["phase"],
    state: Pick<CrowdState, "connected" | "failed">,
    done: number,
    secondsLeft: number | undefined,
  ): void {
    const { connected, failed } = state;
    const wanted = this.#wanted;
    this.#parts.onProgress({ phase, wanted, connected, failed, done, secondsLeft, point: this.#point });
  }

  get #isStopped(): boolean {
    return this.#parts.signal.aborted;
  }

  /** An abort ends it early. */
  #pause(ms: number): Promise<void> {
    const { signal } = this.#parts;
    return new Promise((resolve) => {
      if (signal.aborted || ms <= 0) return resolve();
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}

function isMeasured({ isMeasured: measured }: Stage): boolean {
  return measured !== false;
}
