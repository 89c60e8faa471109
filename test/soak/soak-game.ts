import { defineGame, t } from "tickwire";
import { LatestLedger, OrderedLedger, type SoakLedger, UnorderedLedger } from "./soak-ledger.ts";

/** More than are sent of one kind in a virtual month. */
const number = t.uint(2 ** 24);

/** Small, so that hours of it pass in a minute: what is soaked is delivery. */
export const soakGame = defineGame({
  name: "soak",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: { walker: { x: t.fixed(-100, 100, 1 / 64), y: t.fixed(-100, 100, 1 / 64) } },
  messages: {
    ordered: { from: "both", channel: "reliable-ordered", fields: { n: number } },
    unordered: { from: "both", channel: "reliable-unordered", fields: { n: number } },
    latest: { from: "both", channel: "reliable-latest", fields: { n: number } },
    bulk: { from: "both", channel: "bulk", fields: { n: number } },
  },
  avatar: "walker",
  step: {
    walker(walker, input, world) {
      walker.x += input.move.x * 10 * world.dt;
      walker.y += input.move.y * 10 * world.dt;
    },
  },
});

export interface SoakKind {
  /** Of the game's messages. */
  readonly message: "ordered" | "unordered" | "latest" | "bulk";
  /** Sent at each so-manieth of the moments when messages are due. */
  readonly every: number;
  /** What its channel promises. */
  readonly newLedger: () => SoakLedger;
}

/** Every kind of reliable channel: one message above and one row here. */
export const soakKinds: readonly SoakKind[] = [
  { message: "ordered", every: 1, newLedger: () => new OrderedLedger() },
  { message: "unordered", every: 1, newLedger: () => new UnorderedLedger() },
  { message: "latest", every: 1, newLedger: () => new LatestLedger() },
  // Last in line, with a queue of 64: at five a second it is now and then full, and says so.
  { message: "bulk", every: 5, newLedger: () => new OrderedLedger() },
];
