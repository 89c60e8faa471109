/** Whether so many clients met the objective, and why not if they did not. */
export interface Trial {
  readonly clients: number;
  readonly isMet: boolean;
  readonly why: string;
  /** True when the harness was the bottleneck of it. */
  readonly isHarnessLate: boolean;
}

export interface Knee {
  /** The largest number that met the objective; 0 when none did. */
  readonly clients: number;
  /** The smallest that did not; undefined when all did: the knee is beyond what was tried. */
  readonly failing: number | undefined;
  readonly trials: readonly Trial[];
}

export interface KneeRange {
  readonly least: number;
  readonly most: number;
  /** It ends when the largest that met it and the smallest that did not are so close, in percent. */
  readonly withinPercent: number;
}

/** A failure has to happen so often at the same number before it is believed: a busy machine fails once. */
const FAILURES = 2;

/**
 * Finds the largest number of clients that meets an objective: doubles until it is not met, then halves what is left.
 * `attempt` tries a number; undefined ends the search with what is known.
 */
export async function searchKnee(
  range: KneeRange,
  attempt: (clients: number) => Promise<Trial | undefined>,
): Promise<Knee> {
  const trials: Trial[] = [];
  let met = 0;
  let failing: number | undefined;
  let clients = range.least;
  for (;;) {
    const isMet = await isMetAt(clients, trials, attempt);
    if (isMet === undefined) break;
    if (isMet) met = clients;
    else failing = clients;
    if (met >= range.most) break;
    if (failing === undefined) {
      clients = Math.min(range.most, clients * 2);
      continue;
    }
    if (failing <= 1 || failing - met <= Math.max(1, (failing * range.withinPercent) / 100)) break;
    clients = Math.max(1, Math.floor((met + failing) / 2));
    if (clients === met) break;
  }
  return { clients: met, failing, trials };
}

async function isMetAt(
  clients: number,
  trials: Trial[],
  attempt: (clients: number) => Promise<Trial | undefined>,
): Promise<boolean | undefined> {
  for (let i = 0; i < FAILURES; i += 1) {
    const trial = await attempt(clients);
    if (trial === undefined) return undefined;
    trials.push(trial);
    if (trial.isMet) return true;
  }
  return false;
}
