import type { PlayerInterest } from "../../../src/game/interest/player-interest.ts";
import type { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import type { ModelClient, SentPacket } from "./model-client.ts";

/** How long after sending an unacked packet is given up. */
const LOST_AFTER_TICKS = 14;
const MOST_DELAY_TICKS = 6;

interface Flying {
  readonly dueTick: number;
  readonly packet: SentPacket;
}

interface Answer {
  readonly dueTick: number;
  readonly run: () => void;
}

/** Packets that arrive late, out of order, twice or not at all; acks that keep their order; losses found out later, or wrongly. */
export class LossyLink {
  lossShare = 0.3;
  readonly #random: SeededRandom;
  readonly #client: ModelClient;
  readonly #player: PlayerInterest;
  #flying: Flying[] = [];
  #answers: Answer[] = [];
  #unsettled: SentPacket[] = [];
  #lastAnswerTick = 0;

  constructor(random: SeededRandom, client: ModelClient, player: PlayerInterest) {
    this.#random = random;
    this.#client = client;
    this.#player = player;
  }

  send(packet: SentPacket): void {
    this.#unsettled.push(packet);
    while (this.#random.next() >= this.lossShare) {
      this.#flying.push({ dueTick: packet.tick + this.#random.below(MOST_DELAY_TICKS), packet });
      if (this.#random.next() < 0.9) break;
    }
  }

  /** Something reliable that arrives and is then confirmed. */
  bring(tick: number, arrive: () => void, confirm: () => void): void {
    const dueTick = tick + 2 + this.#random.below(MOST_DELAY_TICKS);
    this.#answers.push({
      dueTick,
      run: () => {
        arrive();
        this.#answer(dueTick, confirm);
      },
    });
  }

  /** Carries what is due, in random order among what is due at once. */
  turn(tick: number): void {
    const due = this.#flying.filter(({ dueTick }) => dueTick <= tick);
    this.#flying = this.#flying.filter(({ dueTick }) => dueTick > tick);
    for (; due.length > 0; ) {
      const [{ packet }] = due.splice(this.#random.below(due.length), 1) as [Flying];
      if (this.#client.receive(packet)) this.#answer(tick, () => this.#settle(packet, true));
    }
    const answers = this.#answers.filter(({ dueTick }) => dueTick <= tick);
    this.#answers = this.#answers.filter(({ dueTick }) => dueTick > tick);
    for (const { run } of answers) run();
    for (const packet of this.#unsettled.filter((packet) => packet.tick <= tick - LOST_AFTER_TICKS)) {
      this.#settle(packet, false);
    }
    if (this.#random.next() < 0.02 && this.#unsettled.length > 0) this.#settle(this.#unsettled[0]!, false);
  }

  #answer(tick: number, run: () => void): void {
    // An ack tells all that came before as well, so acks are as good as in order.
    this.#lastAnswerTick = Math.max(this.#lastAnswerTick, tick + 1 + this.#random.below(MOST_DELAY_TICKS));
    this.#answers.push({ dueTick: this.#lastAnswerTick, run });
  }

  /** Once per packet, as the connection does; now and then a second time, which must do nothing. */
  #settle(packet: SentPacket, arrived: boolean): void {
    const isFirst = this.#unsettled.includes(packet);
    this.#unsettled = this.#unsettled.filter((other) => other !== packet);
    if (!isFirst && this.#random.next() < 0.5) return;
    if (arrived) this.#player.acked(packet.number);
    else this.#player.lost(packet.number);
  }
}
