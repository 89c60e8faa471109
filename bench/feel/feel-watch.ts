import { Simulation, type SimulationOptions } from "tickwire/testing";
import type { GameClient } from "../../client/game-client.ts";
import { type FeelLog, type FeelShape, feelGame, feelRoom, INPUT_NUMBERS } from "./feel-game.ts";

export const FRAMES_PER_S = 60;
const FRAME_MS = 1000 / FRAMES_PER_S;
/** So long after a correction what is shown is to be exact. */
const SETTLED_MS = 250;
/** Players change what they do about so often. */
const CHANGE_EVERY_TICKS = 8;

export interface Correction {
  readonly atMs: number;
  /** An input that was not used on its tick, or a push, is what it corrects. */
  readonly isExplained: boolean;
}

interface Sample {
  readonly tick: number;
  readonly x: number;
  readonly y: number;
  /** What the client could know of the server then: what had happened by this tick. */
  readonly confirmedTick: number;
  readonly settledForMs: number;
}

/** One player, watched: what it had to correct, and how far from the truth its ship was shown. */
export class WatchedPlayer {
  readonly corrections: Correction[] = [];
  /** Of frames, in units, long enough after the last that the client was told of. */
  readonly errors: number[] = [];
  /** Of all frames, those before a push was told of included. */
  readonly allErrors: number[] = [];
  readonly downs: number[] = [];
  readonly client: GameClient<FeelShape>;
  readonly #simulation: Simulation<FeelShape>;
  readonly #log: FeelLog;
  #counted = 0;
  #confirmedTick = -1;
  #correctedAtMs = 0;
  #samples: Sample[] = [];

  constructor(simulation: Simulation<FeelShape>, log: FeelLog) {
    this.#simulation = simulation;
    this.#log = log;
    this.client = simulation.join((me, tick) => me.setInput({ number: tick % INPUT_NUMBERS }));
    this.client.onState = () => this.#look();
    this.client.on("down", ({ number }) => this.downs.push(number));
  }

  /** What the room did to it in ticks from `since` to before `until`. */
  ticks(what: "missed" | "pushed", since: number, until: number): number[] {
    const ticks = this.#log[what].get(this.client.playerId ?? 0) ?? [];
    return ticks.filter((tick) => tick >= since && tick < until);
  }

  /** A frame is drawn. */
  see(): void {
    const { client } = this;
    const own = client["~own"];
    client.showAt(this.#simulation.nowMs);
    const ship = client.entity;
    if (own === undefined || own.confirmedTick < 0 || ship === undefined) return;
    this.#look();
    const { tick, confirmedTick } = own;
    const settledForMs = this.#simulation.nowMs - this.#correctedAtMs;
    this.#samples.push({ tick, x: ship.x, y: ship.y, confirmedTick, settledForMs });
  }

  /** Compares what was shown of `tick` with the truth. */
  compare(tick: number, x: number, y: number): void {
    const left: Sample[] = [];
    for (const sample of this.#samples) {
      if (sample.tick > tick) left.push(sample);
      if (sample.tick !== tick) continue;
      const error = Math.hypot(sample.x - x, sample.y - y);
      this.allErrors.push(error);
      // What the client could not know yet.
      const isNews = this.#happened(sample.confirmedTick, tick);
      if (!isNews && sample.settledForMs >= SETTLED_MS) this.errors.push(error);
    }
    this.#samples = left;
  }

  #look(): void {
    const { corrections } = this.client.stats;
    const confirmedTick = this.client["~own"]?.confirmedTick ?? -1;
    if (corrections > this.#counted) {
      const isExplained = this.#happened(this.#confirmedTick, confirmedTick);
      for (; this.#counted < corrections; this.#counted += 1) {
        this.corrections.push({ atMs: this.#simulation.nowMs, isExplained });
      }
      this.#correctedAtMs = this.#simulation.nowMs;
    }
    this.#confirmedTick = confirmedTick;
  }

  #happened(since: number, until: number): boolean {
    return this.ticks("missed", since, until).length + this.ticks("pushed", since, until).length > 0;
  }
}

/** A room of watched players who fly about. */
export class FeelPlay {
  readonly simulation: Simulation<FeelShape>;
  readonly players: WatchedPlayer[] = [];
  readonly log: FeelLog;

  constructor(
    isCrowded: boolean,
    count: number,
    options: Pick<SimulationOptions<FeelShape>, "seed" | "link" | "hooks">,
  ) {
    const { room, log } = feelRoom(isCrowded);
    this.log = log;
    this.simulation = new Simulation(room, {
      ...options,
      bot: {
        game: feelGame,
        think: (_client, roll) =>
          roll() * CHANGE_EVERY_TICKS < 1 ? { thrust: roll() * 1.5 - 0.5, turn: roll() * 2 - 1 } : {},
      },
    });
    for (let i = 0; i < count; i += 1) this.players.push(new WatchedPlayer(this.simulation, log));
    this.#watchTruth();
  }

  get tick(): number {
    return this.simulation.server.room.tick;
  }

  /** Lets so much time pass, frame by frame. */
  run(seconds: number): void {
    for (let ms = 0; ms < seconds * 1000 - 1e-6; ms += FRAME_MS) {
      this.simulation.run(FRAME_MS / 1000);
      for (const player of this.players) player.see();
    }
  }

  /** The server's exact state is there between its ticks only. */
  #watchTruth(): void {
    const { room } = this.simulation.server;
    const step = room.step.bind(room);
    room.step = () => {
      step();
      for (const { entity, id } of room.world.players) {
        if (entity === undefined) continue;
        this.players.find(({ client }) => client.playerId === id)?.compare(room.tick, entity.x, entity.y);
      }
    };
  }
}
