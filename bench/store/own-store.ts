import { ReplicaHistory } from "../../src/game/replication/replica-history.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { Shape } from "../../src/game/schema/shape.ts";
import { GameWorld } from "../../src/game/world/game-world.ts";
import { ANGLES, KINDS, storeGame } from "./store-game.ts";
import { type StoreScenario, starts } from "./store-scenario.ts";

const NOBODYS_INPUT = {};
const inputOf = (): object => NOBODYS_INPUT;
const failed = (error: unknown): never => {
  throw error;
};

/** The game as the library runs it: entities through their views, then the grid, then the history. */
export class OwnStore {
  readonly world: GameWorld;
  readonly history: ReplicaHistory;

  constructor(scenario: StoreScenario) {
    const game = storeGame(scenario.hasFriction) as unknown as Game<Shape>;
    this.world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
    this.history = new ReplicaHistory(game);
    for (const [n, { aim, ...start }] of starts(scenario).entries()) {
      const kind = KINDS[n % KINDS.length]!;
      this.world.spawn(kind, { ...start, [ANGLES[kind]]: aim });
    }
  }

  step(): void {
    this.world["~step"](inputOf, failed);
  }

  round(): void {
    this.world["~roundState"]();
  }

  endTick(): void {
    this.world["~endTick"]();
  }

  capture(): void {
    this.history.capture(this.world["~store"], this.world.tick);
  }
}
