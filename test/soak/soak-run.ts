/** Hours of reliable messages over a very bad network, in virtual time, from one seed. */
import { defineRoom } from "tickwire";
import { type LinkConditions, Simulation } from "tickwire/testing";
import { type SoakKind, soakGame, soakKinds } from "./soak-game.ts";
import type { SoakLedger } from "./soak-ledger.ts";

/** Of every link, both ways. */
export const SOAK_LINK = {
  lossPercent: 30,
  duplicatePercent: 25,
  reorderPercent: 10,
  latencyMs: 500,
  jitterMs: 20,
} as const satisfies Partial<LinkConditions>;
export const MESSAGES_PER_SECOND = 5;
const MESSAGE_EVERY_MS = 1000 / MESSAGES_PER_SECOND;
/** At 51 % per round trip of one second, a message that needs longer is stuck. */
const DRAIN_SECONDS = 60;
/** As many are told in full; all are counted. */
const TOLD_VIOLATIONS = 10;

export interface SoakOptions {
  readonly seed: number;
  readonly clients: number;
  /** Of virtual time, in which everyone talks. */
  readonly minutes: number;
  /** Asked after each virtual minute: bytes of the heap that are still needed. Without it memory is not judged. */
  readonly heapBytes?: () => number;
}

export interface SoakTally {
  readonly message: SoakKind["message"];
  readonly way: "up" | "down";
  readonly sent: number;
  readonly heard: number;
}

export interface SoakOutcome {
  readonly tallies: readonly SoakTally[];
  /** At the end of each virtual minute. */
  readonly heapBytes: readonly number[];
  readonly violations: number;
  /** The first of them, a sentence each. */
  readonly told: readonly string[];
  /** How long the last message took after all had fallen silent. */
  readonly drainSeconds: number;
  readonly network: {
    readonly sent: number;
    readonly lost: number;
    readonly duplicated: number;
    readonly reordered: number;
  };
  readonly messagesResent: number;
}

/** One way between the server and one player: a ledger for each kind. */
class SoakWay {
  readonly way: "up" | "down";
  readonly ledgers: ReadonlyMap<SoakKind["message"], SoakLedger>;
  readonly #name: string;
  readonly #violated: (sentence: string) => void;
  #dueMs: number | undefined;
  #moments = 0;

  constructor(name: string, way: "up" | "down", violated: (sentence: string) => void) {
    this.#name = name;
    this.way = way;
    this.#violated = violated;
    this.ledgers = new Map(soakKinds.map(({ message, newLedger }) => [message, newLedger()]));
  }

  /** Sends the next message of each kind as often as it is due. */
  talk(nowMs: number, send: (message: SoakKind["message"], n: number) => string): void {
    for (this.#dueMs ??= nowMs; this.#dueMs <= nowMs; this.#dueMs += MESSAGE_EVERY_MS) {
      this.#moments += 1;
      for (const { message, every } of soakKinds) {
        if (this.#moments % every !== 0) continue;
        const ledger = this.ledgers.get(message)!;
        const result = send(message, ledger.sent);
        if (result === "queued") ledger.noteSent();
        else this.#violated(this.#tell(message, `${ledger.sent} was answered "${result}"`));
      }
    }
  }

  hear(message: SoakKind["message"], n: number): void {
    const fault = this.ledgers.get(message)!.noteHeard(n);
    if (fault !== undefined) this.#violated(this.#tell(message, fault));
  }

  get missing(): number {
    let missing = 0;
    for (const ledger of this.ledgers.values()) missing += ledger.missing;
    return missing;
  }

  tellMissing(): void {
    for (const [message, { missing }] of this.ledgers) {
      if (missing > 0) this.#violated(this.#tell(message, `${missing} never came`));
    }
  }

  #tell(message: string, fault: string): string {
    return `${this.#name}, ${this.way}, ${message}: ${fault}`;
  }
}

class Soak {
  readonly told: string[] = [];
  violations = 0;
  readonly #ups = new Map<string, SoakWay>();
  readonly #downs = new Map<string, SoakWay>();
  readonly #simulation: Simulation<(typeof soakGame)["~shape"]>;
  #talks = true;

  constructor({ seed, clients }: SoakOptions) {
    this.#simulation = new Simulation(this.#room(), { seed, link: SOAK_LINK, maxPlayers: clients });
    for (let i = 0; i < clients; i += 1) this.#join(`player ${i + 1}`);
  }

  readonly violated = (sentence: string): void => {
    this.violations += 1;
    if (this.told.length < TOLD_VIOLATIONS) this.told.push(sentence);
  };

  run(options: SoakOptions): SoakOutcome {
    const simulation = this.#simulation;
    const heapBytes: number[] = [];
    for (let minutes = 0; minutes < options.minutes; minutes += 1) {
      simulation.run(60);
      if (options.heapBytes !== undefined) heapBytes.push(options.heapBytes());
    }
    this.#talks = false;
    let drainSeconds = 0;
    const ways = [...this.#ups.values(), ...this.#downs.values()];
    while (ways.some(({ missing }) => missing > 0) && drainSeconds < DRAIN_SECONDS) {
      simulation.run(1);
      drainSeconds += 1;
    }
    // Copies of the last messages are still under way.
    simulation.run(2);
    for (const way of ways) way.tellMissing();
    this.#checkPlayers();
    const { sent, lost, duplicated, reordered } = simulation.network;
    return {
      tallies: tallyUp(ways),
      heapBytes,
      violations: this.violations,
      told: this.told,
      drainSeconds,
      network: { sent, lost, duplicated, reordered },
      messagesResent: simulation.clients.reduce(
        (sum, { counters }) => sum + counters.messagesResent,
        simulation.server.net.counters.messagesResent,
      ),
    };
  }

  #room() {
    const hearUp = (name: string, message: SoakKind["message"], n: number): void => {
      this.#ups.get(name)!.hear(message, n);
    };
    return defineRoom(soakGame, {
      onJoin(world, player) {
        player.entity = world.spawn("walker");
      },
      onTick: (world) => {
        if (!this.#talks) return;
        for (const player of world.players) {
          const down = this.#downs.get(player.name)!;
          down.talk(this.#simulation.nowMs, (message, n) => player.send(message, { n }));
        }
      },
      onMessage: Object.fromEntries(
        soakKinds.map(({ message }) => [
          message,
          (_world: unknown, player: { readonly name: string }, { n }: { readonly n: number }) =>
            hearUp(player.name, message, n),
        ]),
      ),
    });
  }

  #join(name: string): void {
    const up = new SoakWay(name, "up", this.violated);
    const down = new SoakWay(name, "down", this.violated);
    this.#ups.set(name, up);
    this.#downs.set(name, down);
    const client = this.#simulation.join((me) => {
      if (this.#talks) up.talk(this.#simulation.nowMs, (message, n) => me.send(message, { n }));
    });
    for (const { message } of soakKinds) client.on(message, ({ n }) => down.hear(message, n));
  }

  /** All are in, by the connection they came with: whoever was lost and came back had its queues emptied. */
  #checkPlayers(): void {
    const { clients, server } = this.#simulation;
    for (const [i, { state }] of clients.entries()) {
      if (state !== "playing") this.violated(`player ${i + 1} is ${state}`);
    }
    const opened = server.net.counters.connectionsOpened;
    if (opened !== clients.length) this.violated(`${opened} connections for ${clients.length} players`);
  }
}

export function soak(options: SoakOptions): SoakOutcome {
  return new Soak(options).run(options);
}

function tallyUp(ways: readonly SoakWay[]): SoakTally[] {
  return (["up", "down"] as const).flatMap((way) =>
    soakKinds.map(({ message }) => {
      const ledgers = ways.filter((each) => each.way === way).map((each) => each.ledgers.get(message)!);
      const sum = (of: (ledger: SoakLedger) => number) => ledgers.reduce((all, each) => all + of(each), 0);
      return { message, way, sent: sum(({ sent }) => sent), heard: sum(({ heard }) => heard) };
    }),
  );
}
