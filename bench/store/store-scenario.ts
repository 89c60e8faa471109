import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { AIM_BITS, ENTITIES } from "./store-game.ts";

/** What happens in a world; the same for both sides. */
export interface StoreScenario {
  readonly name: string;
  readonly says: string;
  /** Share of the entities that move. */
  readonly moving: number;
  readonly hasFriction: boolean;
  /** Whether the parts of a tick are measured, too. */
  readonly hasParts: boolean;
  /** Even, so that each order comes as often. */
  readonly rounds: number;
  /** What `checkStore` answers, on every runtime. */
  readonly digest: string;
}

export const SCENARIOS: readonly StoreScenario[] = [
  {
    name: "moving",
    says: "all move, one in 21 turns",
    moving: 1,
    hasFriction: false,
    hasParts: true,
    rounds: 6,
    digest: "9f928a92",
  },
  {
    name: "resting",
    says: "one in 20 moves",
    moving: 0.05,
    hasFriction: false,
    hasParts: false,
    rounds: 2,
    digest: "48acf06c",
  },
  {
    name: "changing",
    says: "every velocity changes every tick",
    moving: 1,
    hasFriction: true,
    hasParts: false,
    rounds: 2,
    digest: "d4e8bcac",
  },
];

export interface Start {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
  readonly aim: number;
  readonly hp: number;
}

/** Where each entity starts: entity n is of kind n mod 5. */
export function starts({ moving }: StoreScenario): Start[] {
  const random = new SeededRandom(1);
  return Array.from({ length: ENTITIES }, () => {
    const speed = random.next() < moving ? 1 : 0;
    return {
      x: random.next() * 990 - 495,
      y: random.next() * 990 - 495,
      vx: (speed * (random.below(640) - 320)) / 16,
      vy: (speed * (random.below(640) - 320)) / 16,
      // One that is sent as it is: between two of them the last bit may decide.
      aim: (random.below(2 ** AIM_BITS) * 2 * Math.PI) / 2 ** AIM_BITS,
      hp: random.below(64),
    };
  });
}
