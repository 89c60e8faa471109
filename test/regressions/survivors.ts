/** A game in which each end counts aloud, and what the other has heard. */
import { defineGame, defineRoom, t } from "tickwire";
import { Simulation, type SimulationOptions } from "tickwire/testing";

const game = defineGame({
  name: "survivors",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64) },
  entities: { walker: { x: t.fixed(-1_000, 1_000, 1 / 64) } },
  messages: {
    up: { from: "client", channel: "reliable-ordered", fields: { n: t.uint(1_000_000) } },
    down: { from: "server", channel: "reliable-ordered", fields: { n: t.uint(1_000_000) } },
  },
  avatar: "walker",
  step: {
    walker(walker, input, world) {
      walker.x += input.move.x * world.dt;
    },
  },
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** One player and a server who talk without end, until `isQuiet`. */
export class Survivors {
  /** The first that the network in memory gives away. */
  static readonly home = { host: "127.0.0.1", port: 49_152 };
  isQuiet = false;
  /** What the room was told of the player, in order. */
  readonly told: string[] = [];
  readonly states: string[] = [];
  readonly simulation;
  readonly client;
  readonly #up: number[] = [];
  readonly #down: number[] = [];
  #sentUp = 0;
  #sentDown = 0;

  constructor(options: Omit<SimulationOptions<(typeof game)["~shape"]>, "bot">) {
    const room = defineRoom(game, {
      onJoin: (world, player) => {
        player.entity = world.spawn("walker");
        this.told.push("join");
      },
      onDrop: (_world, player) => this.told.push(`drop ${player.isConnected}`),
      onReconnect: (_world, player) => this.told.push(`reconnect ${player.isConnected}`),
      onLeave: (_world, _player, reason) => this.told.push(`leave ${reason}`),
      onTick: (world) => {
        for (const player of this.isQuiet ? [] : world.players) {
          if (player.send("down", { n: this.#sentDown }) === "queued") this.#sentDown += 1;
        }
      },
      onMessage: { up: (_world, _player, { n }) => this.#up.push(n) },
    });
    this.simulation = new Simulation(room, options);
    this.client = this.simulation.join((me) => {
      me.setInput({ move: { x: 1, y: 0 } });
      this.say();
    });
    this.client.on("down", ({ n }) => this.#down.push(n));
    this.client.onStateChange(({ state }) => this.states.push(state));
  }

  /** As the client does each tick. */
  say(): void {
    if (!this.isQuiet && this.client.send("up", { n: this.#sentUp }) === "queued") this.#sentUp += 1;
  }

  get sent(): { readonly up: number; readonly down: number } {
    return { up: this.#sentUp, down: this.#sentDown };
  }

  get heard(): { readonly up: readonly number[]; readonly down: readonly number[] } {
    return { up: this.#up, down: this.#down };
  }

  /** What was sent, as it has to be heard: each once and in order. */
  get expected(): { readonly up: readonly number[]; readonly down: readonly number[] } {
    return { up: upTo(this.#sentUp), down: upTo(this.#sentDown) };
  }

  /** Nobody says anything any more, and what is under way arrives. */
  settle(): void {
    this.isQuiet = true;
    this.simulation.run(10);
  }

  /** Inputs of the client that the server could use in the next seconds, and ticks it ran without. */
  steers(seconds: number): { readonly used: number; readonly neutral: number } {
    const before = { ...this.simulation.server.room.counters };
    this.simulation.run(seconds);
    const { inputsBuffered, inputsNeutral } = this.simulation.server.room.counters;
    return {
      used: inputsBuffered - before.inputsBuffered,
      neutral: inputsNeutral - before.inputsNeutral,
    };
  }
}
