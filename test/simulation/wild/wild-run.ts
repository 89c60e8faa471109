/** A wild world on a bad network, with a checker at each packet that leaves and at each state that is taken. */
import { defineBot } from "tickwire";
import { type LinkConditions, Simulation } from "tickwire/testing";
import type { GameClient } from "../../../client/game-client.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import type { Connection } from "../../../src/net/connection/connection.ts";
import { LeakChecker } from "./leak-checker.ts";
import { PlainSight } from "./plain-sight.ts";
import { difference, StoreChecker } from "./store-checker.ts";
import { type Eyes, plainEyes, Truth } from "./truth.ts";
import { type WildShape, wildGame } from "./wild-game.ts";
import { entitiesOf, type WildPlayer, type WildRuleOptions, WildRules } from "./wild-rules.ts";

const SERVER = { host: "127.0.0.1", port: 7777 };
const FIRST_PORT = 49_152;
const CLEAN = { lossPercent: 0, duplicatePercent: 0, reorderPercent: 0, jitterMs: 0, latencyMs: 15 };
/** Those who left counted. */
const MOST_MEMBERS = 8;
/** Joins knock within half a second. */
const JOIN_SECONDS = 0.6;

export interface WildOptions extends WildRuleOptions {
  readonly seed: number;
  readonly players: number;
  /** How many of those who are there first only look on. Default 0. */
  readonly spectators?: number;
  readonly link: Partial<LinkConditions>;
  readonly down?: Partial<LinkConditions>;
}

export interface Tally {
  readonly ticks: number;
  /** Blocks that clients took. */
  readonly states: number;
  /** How often an entity was held against the truth of a tick, and how often a later one than it was told of. */
  readonly compared: number;
  readonly foretold: number;
  /** Packets that left for players, and what they said. */
  readonly packets: number;
  readonly records: number;
  /** Full records, by the eyes they were for. */
  readonly fulls: readonly number[];
  readonly gone: number;
  readonly canaries: number;
  readonly reusedIndexes: number;
  readonly handedOver: number;
  readonly resyncs: number;
  readonly dropped: number;
  /** Blocks that clients could not take. */
  readonly refused: number;
}

interface Member {
  readonly client: GameClient<WildShape>;
  readonly port: number;
}

export class WildRun {
  readonly simulation: Simulation<WildShape>;
  readonly wild: WildRules;
  readonly truth = new Truth(wildGame.tickRate);
  readonly members: Member[] = [];
  readonly #options: WildOptions;
  readonly #chance: SeededRandom;
  readonly #sights = new Map<number, PlainSight>();
  readonly #checkers = new Map<Connection, LeakChecker>();
  readonly #stores: StoreChecker[] = [];
  /** What checkers threw: thrown again once it disturbs nothing. */
  readonly #faults: Error[] = [];

  constructor(options: WildOptions) {
    this.#options = options;
    this.wild = new WildRules(options);
    this.#chance = new SeededRandom(options.seed);
    this.simulation = new Simulation(this.wild.rules, {
      seed: options.seed,
      link: options.link,
      bot: defineBot(wildGame, (_me, random) => ({
        push: this.wild.isCalm ? { x: 0, y: 0 } : { x: random() * 2 - 1, y: random() * 2 - 1 },
      })),
      ...(options.down && { linkDown: options.down }),
      hooks: {
        onSnapshot: (snapshot) => this.truth.add(snapshot, this.#look(snapshot.tick)),
        onJoined: ({ id, name }) => this.#tapPackets(id, name),
        onGameError: (error) => this.#faults.push(error as Error),
      },
    });
    for (let i = 0; i < options.players; i += 1) this.join();
    for (let i = 0; i < (options.spectators ?? 0); i += 1) this.join(true);
  }

  join(spectate = false): void {
    const client = this.simulation.join(undefined, { spectate });
    const member: Member = { client, port: FIRST_PORT + this.members.length };
    this.members.push(member);
    this.#tapStates(client, `player ${this.members.length}`);
    this.run(JOIN_SECONDS);
  }

  run(seconds: number): void {
    this.simulation.run(seconds);
    if (this.#faults.length > 0) throw this.#faults[0]!;
  }

  /** Lets so much time pass, in which now and then a way is cut or a program stands still. */
  rage(seconds: number): void {
    const endMs = this.simulation.nowMs + seconds * 1000;
    while (this.simulation.nowMs < endMs) {
      this.run(0.2 + this.#chance.next() * 0.6);
      const { client, port } = this.members[this.#chance.below(this.members.length)]!;
      const dice = this.#chance.below(12);
      if (dice === 0) this.simulation.freeze(client, 0.1 + this.#chance.next() * 2);
      else if (dice === 1) this.simulation.freeze(this.simulation.server, 0.05 + this.#chance.next());
      else if (dice === 2) this.cut(port, 0.3 + this.#chance.next() * 3);
      else if (dice === 3) this.#both(port, { latencyMs: this.#chance.below(150) });
      else if (dice === 4) client["~connection"].askResync();
      else if (dice === 5 && this.members.length < MOST_MEMBERS) {
        client.leave("enough");
        this.join();
      }
    }
  }

  /** Nothing comes through, either way. */
  cut(port: number, seconds: number): void {
    this.#both(port, { lossPercent: 100 });
    this.run(seconds);
    this.#both(port, { lossPercent: this.#options.link.lossPercent ?? 0 });
  }

  /** The links become clean and the world calms down. */
  settle(seconds: number): void {
    this.simulation.network.setAllLinks(CLEAN);
    for (const { port } of this.members) this.#both(port, CLEAN);
    this.wild.isCalm = true;
    this.run(seconds);
  }

  /**
   * Throws unless each client holds exactly what the filter allows, as it is now: what is within the radius must be
   * held, what is 1.2 radii away must not.
   */
  expectSettled(): number {
    const players = this.#players();
    const entities = entitiesOf(this.simulation.server.room.world);
    let held = 0;
    for (const { client } of this.members) {
      if (client.state !== "playing") continue;
      const player = players.get(client.playerId!)!;
      const sight = this.#sights.get(player.id)!;
      const store = client["~store"];
      const unexplained = new Set(
        store.present.flatMap((list) => list.entities.map(({ newest }) => newest!.id)),
      );
      for (const entity of entities) {
        const isKnown = unexplained.delete(entity.id);
        const maySee = this.wild.sees(player, entity);
        const [must, may] = [1, 1.2].map((radii) => maySee && sight.isWithin(player, entity, radii));
        const what = `player ${player.id}, ${entity.kind} ${entity.id}`;
        if (must && !isKnown) throw new Error(`${what} is not held`);
        if (isKnown && !may) throw new Error(`${what} is held`);
        if (!isKnown) continue;
        held += 1;
        const { tick, byId, sights } = this.truth.newest;
        const version = store.get(entity.id)!.newest!;
        const wrong = difference(version, byId.get(entity.id)!, tick);
        if (wrong !== undefined) throw new Error(`${what} ${wrong}`);
        const eyes = sights.get(player.id)!.get(entity.id) as Eyes;
        if (version.plan.viewer !== plainEyes(byId.get(entity.id)!.kind, eyes)) {
          throw new Error(`${what} is seen with eyes ${version.plan.viewer}, not ${eyes}`);
        }
      }
      if (unexplained.size > 0) throw new Error(`player ${player.id} holds ghosts: ${[...unexplained]}`);
    }
    return held;
  }

  /** The checker of what is sent to a player. */
  leakChecker(playerId: number): LeakChecker {
    return [...this.#checkers.values()].find((checker) => checker.playerId === playerId)!;
  }

  /** What happened, and how much of it was looked at. */
  tally(): Tally {
    const leaks = [...this.#checkers.values()];
    const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
      items.reduce((total, item) => total + of(item), 0);
    return {
      ticks: this.truth.newest.tick,
      states: sum(this.#stores, ({ looks }) => looks),
      compared: sum(this.#stores, ({ compared }) => compared),
      foretold: sum(this.#stores, ({ foretold }) => foretold),
      packets: sum(leaks, ({ bodies }) => bodies),
      records: sum(leaks, ({ records }) => records),
      fulls: [0, 1, 2].map((eyes) => sum(leaks, ({ fulls }) => fulls[eyes]!)),
      gone: sum(leaks, ({ gone }) => gone),
      canaries: sum(leaks, ({ canaries }) => canaries),
      reusedIndexes: this.wild.reusedIndexes,
      handedOver: this.wild.handedOver,
      resyncs: this.simulation.server.net.counters.resyncs,
      dropped: this.simulation.server.net.counters.connectionsDropped,
      refused: sum(this.members, ({ client }) => client.counters.refusedBlock),
    };
  }

  #both(port: number, conditions: Partial<LinkConditions>): void {
    const client = { host: SERVER.host, port };
    this.simulation.network.setLink(SERVER, client, conditions);
    this.simulation.network.setLink(client, SERVER, conditions);
  }

  #players(): Map<number, WildPlayer> {
    const { players, onlookers } = this.simulation.server.room;
    return new Map([...players, ...onlookers].map((player) => [player.id, player]));
  }

  #look(tick: number): Map<number, ReadonlyMap<number, Eyes>> {
    const players = this.#players();
    const entities = entitiesOf(this.simulation.server.room.world);
    const sights = new Map<number, ReadonlyMap<number, Eyes>>();
    for (const player of players.values()) {
      if (!player.isConnected) continue;
      let sight = this.#sights.get(player.id);
      if (sight === undefined) {
        sight = new PlainSight(this.wild, wildGame.tickRate);
        this.#sights.set(player.id, sight);
      }
      sights.set(player.id, sight.look(player, entities, players, tick));
    }
    return sights;
  }

  /** Every packet for the player passes the checker before it is sealed, also those that get lost. */
  #tapPackets(playerId: number, name: string): void {
    for (const connection of this.simulation.server.net.connections()) {
      const { seal } = connection;
      if (connection.name !== name || seal === undefined) continue;
      const checker = new LeakChecker(playerId, this.truth, this.wild.canaries);
      this.#checkers.set(connection, checker);
      const sealPacket = seal.seal.bind(seal);
      seal.seal = (bytes, headerEnd, bodyEnd, number) => {
        this.#guard(() => checker.check(bytes.slice(headerEnd, bodyEnd)));
        return sealPacket(bytes, headerEnd, bodyEnd, number);
      };
    }
  }

  #tapStates(client: GameClient<WildShape>, name: string): void {
    const connection = client["~connection"];
    const { readState } = connection;
    let checker: StoreChecker | undefined;
    connection.readState = (bytes, start, end) => {
      const isTaken = readState(bytes, start, end);
      if (checker === undefined) {
        // Its own id comes in the same packet, but after the state.
        const player = [...this.#players().values()].find((candidate) => candidate.name === name)!;
        checker = new StoreChecker(player.id, client["~store"], this.truth);
        this.#stores.push(checker);
      }
      if (isTaken) this.#guard(() => checker!.look());
      return isTaken;
    };
  }

  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (this.#faults.length < 5) this.#faults.push(error as Error);
    }
  }
}
