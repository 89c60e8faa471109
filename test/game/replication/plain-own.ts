/** What carry blocks say, as plain data. */
import type { OwnState } from "../../../src/game/replication/own-state.ts";

export interface PlainOwn {
  readonly tick: number;
  readonly playerId: number;
  readonly avatarIndex: number;
  readonly records: readonly {
    readonly index: number;
    readonly age: number;
    readonly carries: readonly number[];
  }[];
}

export function plainOwn(state: OwnState): PlainOwn {
  const { tick, playerId, avatarIndex, size, indexes, ages, starts, carries } = state;
  const records = Array.from({ length: size }, (_, r) => ({
    index: indexes[r]!,
    age: ages[r]!,
    carries: [...carries.slice(starts[r], starts[r + 1])],
  }));
  return { tick, playerId, avatarIndex, records };
}
