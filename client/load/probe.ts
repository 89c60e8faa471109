import type { BotThink } from "../../src/game/schema/define-bot.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { FromClient, SendResult, SentPayload, Shape } from "../../src/game/schema/shape.ts";
import type { Outbox } from "../../src/net/ports/outbox.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import type { NetCounters } from "../../src/net/wire/net-counters.ts";
import type { ClosedInfo, GameClientOptions } from "../client-types.ts";
import { GameClient } from "../game-client.ts";
import type { CrowdMember } from "./crowd-member.ts";
import { type AnyTime, InputWatch, type OnLatency } from "./input-watch.ts";
import type { PilotScript } from "./pilot-script.ts";

/** What probes tell of, each in milliseconds. */
export interface ProbeEars {
  readonly onLatency: OnLatency;
  /** The same of inputs set between two ticks. */
  readonly anyTime: AnyTime;
  /** Between two states. */
  readonly onInterval: (ms: number) => void;
  /** How long ago the newest state came when a tick is played. */
  readonly onAge: (ms: number) => void;
}

/** A client that reads all it is told, and by default foretells its own: what a player's program does, but for drawing. */
export class Probe<S extends Shape> implements CrowdMember {
  readonly watch: InputWatch;
  readonly client: GameClient<S>;
  /** Entities in sight, its own among them, over all states; and how many states these were. */
  seen = 0;
  looks = 0;
  readonly #kinds: readonly string[];
  readonly #ears: ProbeEars;
  #toldAtMs = Number.NaN;
  #nowMs = 0;

  constructor(game: Game<S>, options: GameClientOptions, ears: ProbeEars) {
    this.client = new GameClient(game, options);
    this.#ears = ears;
    this.#kinds = game.schema.kinds.map(({ name }) => name);
    this.watch = new InputWatch(1000 / game.tickRate, ears.onLatency, ears.anyTime);
    this.client.onState = (tick) => this.#onState(tick);
  }

  /** Plays by `think`; a script, if given, keeps what it did. */
  playBy(think: BotThink<S>, roll: () => number, script?: PilotScript<S>): void {
    const { client } = this;
    if (script !== undefined) listen(client, script);
    client.onTick = (tick, dueMs) => {
      const input = think(client, roll);
      client.setInput(input);
      script?.want(input);
      script?.endTick();
      this.watch.played(tick, dueMs);
      if (this.hasPlayed) this.#ears.onAge(this.#nowMs - this.#toldAtMs);
    };
  }

  get updates(): number {
    return this.client.stats.stateTicks;
  }

  get hasPlayed(): boolean {
    return this.client.stateTick >= 0;
  }

  get isPlaying(): boolean {
    return this.client.state === "playing" && this.hasPlayed;
  }

  get isTurning(): boolean {
    return this.client.isTurning;
  }

  get counters(): Readonly<NetCounters> {
    return this.client.counters;
  }

  get closedInfo(): ClosedInfo | undefined {
    return this.client.closedInfo;
  }

  get nextDueMs(): number {
    return this.client.nextDueMs;
  }

  start(nowMs: number): void {
    this.#nowMs = nowMs;
    this.client.start(nowMs);
  }

  receive(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    this.#nowMs = nowMs;
    this.client.receive(bytes, from, nowMs);
  }

  turn(nowMs: number, outbox: Outbox): void {
    this.#nowMs = nowMs;
    this.client.turn(nowMs, outbox);
  }

  noteUnsent(datagrams: number): void {
    this.client.noteUnsent(datagrams);
  }

  leave(): void {
    this.client.leave("the load test is over");
  }

  #onState(tick: number): void {
    const nowMs = this.#nowMs;
    this.watch.told(tick, nowMs);
    if (!Number.isNaN(this.#toldAtMs)) this.#ears.onInterval(nowMs - this.#toldAtMs);
    this.#toldAtMs = nowMs;
    const view = this.client.view as Readonly<Record<string, { readonly size: number }>>;
    for (const kind of this.#kinds) this.seen += view[kind]!.size;
    this.looks += 1;
  }
}

/** Puts what a client says into a script too. */
function listen<S extends Shape>(client: GameClient<S>, script: PilotScript<S>): void {
  const send = client.send.bind(client);
  client.send = <N extends FromClient<S>>(name: N, message: SentPayload<S["messages"][N]>): SendResult => {
    script.say({ name, message: message as never });
    return send(name, message);
  };
}
