/** What a turn with a tick was spent on, in milliseconds. The little that is left over are timers and goodbyes. */
export interface TickPhases {
  /** Running the rooms' ticks: the game's code. */
  readonly stepMs: number;
  /** Capturing what became of it, and finding who sees what. */
  readonly captureMs: number;
  /** Choosing what each player is told, writing and sealing it, and handing it to the system. */
  readonly sendMs: number;
}

/** Takes the times of a turn, one phase after the other. */
export class PhaseWatch implements TickPhases {
  stepMs = 0;
  captureMs = 0;
  sendMs = 0;
  #sinceMs = 0;

  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  end(phase: "stepMs" | "captureMs" | "sendMs", nowMs: number): void {
    this[phase] = nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
  }
}
