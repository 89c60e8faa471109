import type { PlayerInterest } from "../../src/game/interest/player-interest.ts";
import { RoomInterest } from "../../src/game/interest/room-interest.ts";
import type { Watcher } from "../../src/game/interest/watcher.ts";
import type { Viewer } from "../../src/game/replication/replica-plan.ts";
import { type EncodeClient, type EncodeRoom, encodeGame, MOST_AGE_TICKS } from "./encode-room.ts";

/** Full records of all fit one packet. */
const PACKET_BYTES = 2048;
const LIMITS = {
  budgetBytes: PACKET_BYTES,
  packetBytes: PACKET_BYTES,
  isTight: false,
  rttTicks: MOST_AGE_TICKS + 1,
};
/** Until acks have come and gone in the rhythm of `EncodeClient.ackTicks`. */
const WARM_UP_TICKS = 3 * MOST_AGE_TICKS;

/**
 * What chooses for the clients of an `EncodeRoom`: all there is, for it fits. Entities are acked as late as their
 * client says, so those of one tick leave in packets of their own.
 */
export class EncodeInterest {
  readonly #room: EncodeRoom;
  readonly #interest: RoomInterest<Watcher>;
  readonly #players: PlayerInterest<Watcher>[] = [];

  constructor(room: EncodeRoom) {
    const { encoder, history, world } = room;
    this.#room = room;
    const parts = {
      schema: encodeGame.schema,
      store: world["~store"],
      tickRate: encodeGame.tickRate,
      surprises: {
        newest: (index: number, viewer: number) => history.newest(index, viewer as Viewer),
        ageFor: (index: number, heldTick: number, viewer: number) =>
          history.ageFor(index, heldTick, viewer as Viewer),
        recordBytes: (index: number, age: number, viewer: number) => {
          const record = encoder.record(index, age, viewer as Viewer);
          return encoder.ends[record]! - encoder.starts[record]!;
        },
      },
      failed: (error: unknown) => {
        throw error;
      },
    };
    this.#interest = new RoomInterest<Watcher>({}, parts);
    for (const { id } of room.clients) {
      this.#players.push(this.#interest.join({ id, team: undefined, viewpoint: undefined, "~entityId": 0 }));
    }
  }

  warmUp(): void {
    for (let n = 0; n < WARM_UP_TICKS; n += 1) {
      this.#room.advance();
      this.ack();
      this.observe();
      this.choose(0, this.#players.length);
      this.send();
    }
  }

  /** What was sent so many ticks ago is acked now. */
  ack(): void {
    const { tick } = this.#room;
    for (const player of this.#players) {
      for (let delay = MOST_AGE_TICKS; delay > 0; delay -= 1) {
        if (tick > delay) player.acked(packetNumber(tick - delay, delay));
      }
    }
  }

  /** Reads the world. */
  observe(): void {
    this.#interest.observe(this.#room.tick);
  }

  /** For clients `from` up to `end`, finds what each sees, and chooses what it is told. */
  choose(from: number, end: number): void {
    for (let n = from; n < end; n += 1) {
      const player = this.#players[n]!;
      this.#interest.look(player);
      this.#interest.choose(player, LIMITS);
    }
  }

  /** All that was chosen leaves. */
  send(): void {
    const { clients, tick } = this.#room;
    for (const [n, player] of this.#players.entries()) {
      const { ackTicks } = clients[n]!;
      const { plan, view } = player;
      for (let delay = 1; delay <= MOST_AGE_TICKS; delay += 1) {
        let from = 0;
        for (let at = 0; at <= plan.count; at += 1) {
          if (at < plan.count && ackTicks[view.index(plan.slot(at))] === delay) continue;
          if (at > from) player.sent(packetNumber(tick, delay), from, at);
          from = at + 1;
        }
      }
    }
  }

  /** True if interest chooses just what `EncodeClient.fill` writes. */
  agreesWith(client: EncodeClient, n: number): boolean {
    const { plan, view } = this.#players[n]!;
    if (plan.count !== client.indexes.length) return false;
    for (let at = 0; at < plan.count; at += 1) {
      const slot = plan.slot(at);
      if (view.index(slot) !== client.indexes[at] || plan.age(at) !== client.ages[at]) return false;
      if (view.viewerClass(slot) !== client.viewers[at]) return false;
    }
    return true;
  }
}

function packetNumber(tick: number, delay: number): number {
  return tick * (MOST_AGE_TICKS + 1) + delay;
}
