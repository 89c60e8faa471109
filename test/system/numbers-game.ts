import { defineGame, t } from "tickwire";

const number = t.uint(2 ** 24);

/** Both sides count: whatever is lost, doubled or out of order shows. */
export const numbersGame = defineGame({
  name: "numbers",
  tickRate: 30,
  // By the client's tick, so that an input which was not used before differs from the last one. 0 stands for none.
  input: { n: t.uint(1023) },
  entities: { walker: { x: t.fixed(-100, 100, 1 / 64) } },
  messages: {
    up: { from: "client", channel: "reliable-ordered", fields: { n: number } },
    down: { from: "server", channel: "reliable-ordered", fields: { n: number } },
  },
  avatar: "walker",
});

export const NUMBER_EVERY_MS = 200;

/** What the server says when it is asked. Times are of the machine's clock, in milliseconds since 1970. */
export interface NumbersServerReport {
  readonly sent: number;
  readonly heard: readonly number[];
  /** When an input was used that had not been used before. */
  readonly freshInputsMs: readonly number[];
  readonly stays: readonly {
    readonly what: "join" | "drop" | "reconnect" | "leave";
    readonly atMs: number;
  }[];
  /** Those that are not 0. */
  readonly counters: Readonly<Record<string, number>>;
}

/** What the player says when it is asked. */
export interface NumbersPlayerReport {
  readonly sent: number;
  readonly heard: readonly number[];
  /** When a complete state arrived. */
  readonly statesMs: readonly number[];
  /** What it called itself, and since when. */
  readonly states: readonly { readonly state: string; readonly atMs: number }[];
}
