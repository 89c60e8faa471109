/**
 * Several players of one process, as a game would have them: `connect`, input, chat. What they do is typed on
 * standard input, what came of it is printed as lines of JSON.
 *
 *   players.ts URL NAME COUNT [keep-states] [no-prediction]
 *
 * "NAME 1" sails by the helm, the others play as the arena's bot does
 *
 *   chat N           each says N numbered sentences, one every few ticks
 *   hear N           waits until each has heard N numbered sentences of whomever
 *   states FOLDER    with keep-states: writes each one's states, a line of JSON per tick, into NAME.jsonl
 *   stats            tells what was counted so far
 *   connect          again, all of them, after they were lost
 *   leave            all of them, then the process ends
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect, type GameClient } from "tickwire/client";
import { arena } from "../../../examples/arena/arena.ts";
import { bot } from "../../../examples/arena/arena-bot.ts";
import { describeSnapshot } from "../../../src/game/replication/snapshot.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { helmInput } from "../helm.ts";

const TICKS_PER_SENTENCE = 3;
/** A lost server is not waited for as long as players would. */
const RECONNECT_SECONDS = 5;
const [url, prefix, count, ...switches] = process.argv.slice(2);
const keepsStates = switches.includes("keep-states");
const predict = !switches.includes("no-prediction");

class Player {
  readonly name: string;
  readonly heard: string[] = [];
  readonly states: string[] = [];
  client!: GameClient<(typeof arena)["~shape"]>;
  #sentencesLeft = 0;
  #said = 0;
  readonly #number: number;
  readonly #chance: SeededRandom;

  constructor(number: number) {
    this.#number = number;
    this.name = `${prefix} ${number}`;
    this.#chance = new SeededRandom(number);
  }

  async join(): Promise<void> {
    const options = { name: this.name, reconnectSeconds: RECONNECT_SECONDS, predict };
    const client = await connect(arena, url!, options);
    this.client = client;
    let lastHeardMs = performance.now();
    let rejoins = 0;
    client.onState = () => {
      lastHeardMs = performance.now();
      if (client.stats.rejoins > rejoins) print({ event: "back", name: this.name });
      rejoins = client.stats.rejoins;
      if (keepsStates) this.states.push(JSON.stringify(describeSnapshot(client.snapshot())));
    };
    client.onStateChange(({ state }) => print({ event: "state", name: this.name, state }));
    client.onTick = (tick) => this.#play(tick);
    client.on("chat", ({ text }) => {
      if (/: sentence \d+$/.test(text)) this.heard.push(text);
    });
    void client.closed.then((info) => {
      print({ event: "closed", name: this.name, ...info, silentMs: performance.now() - lastHeardMs });
    });
  }

  say(sentences: number): void {
    this.#sentencesLeft = sentences;
  }

  get hasSaidAll(): boolean {
    return this.#sentencesLeft === 0;
  }

  get stats() {
    const { counters, stats, closedInfo } = this.client;
    const { datagramsSent } = counters;
    return { name: this.name, datagramsSent, stateTicks: stats.stateTicks, closed: closedInfo ?? null };
  }

  #play(tick: number): void {
    const { client } = this;
    if (this.#number === 1) client.setInput(helmInput(tick));
    else client.setInput(bot.think(client, () => this.#chance.next()));
    if (this.#sentencesLeft === 0 || tick % TICKS_PER_SENTENCE !== 0) return;
    this.#sentencesLeft -= 1;
    this.#said += 1;
    client.send("chat", { text: `sentence ${this.#said}` });
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const players = Array.from({ length: Number(count) }, (_, i) => new Player(i + 1));
const everyone = (isSo: (player: Player) => boolean) => until(() => players.every(isSo));

const orders: Readonly<Record<string, (argument: string) => Promise<void>>> = {
  async connect() {
    await Promise.all(players.map((player) => player.join()));
    print({ event: "joined" });
  },
  async chat(sentences) {
    for (const player of players) player.say(Number(sentences));
    await everyone((player) => player.hasSaidAll);
    print({ event: "said" });
  },
  async hear(sentences) {
    await everyone(({ heard }) => heard.length >= Number(sentences));
    print({ event: "heard", heard: Object.fromEntries(players.map(({ name, heard }) => [name, heard])) });
  },
  async states(folder) {
    for (const { name, states } of players) writeFileSync(join(folder, `${name}.jsonl`), states.join("\n"));
    print({ event: "states" });
  },
  async stats() {
    print({ event: "stats", players: players.map(({ stats }) => stats) });
  },
  async leave() {
    await Promise.all(players.map(({ client }) => client.close()));
    // The goodbyes are still being said.
    await everyone(({ client }) => !client.isTurning);
    print({ event: "left", players: players.map(({ stats }) => stats) });
    process.exit(0);
  },
};

await orders.connect!("");
for await (const line of createInterface({ input: process.stdin })) {
  const [order, ...argument] = line.split(" ");
  await orders[order!]!(argument.join(" "));
}
