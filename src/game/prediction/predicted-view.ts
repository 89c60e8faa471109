import type { Game } from "../schema/define-game.ts";
import type { Vec2 } from "../schema/field.ts";
import type { FieldSchema } from "../schema/game-schema.ts";
import { TAU } from "../schema/scalar.ts";
import type { Shape } from "../schema/shape.ts";
import type { OwnLife } from "./own-life.ts";
import type { PredictedKind } from "./predicted-kind.ts";

/** The moment that is shown, shared by all that show it. */
export interface ShownMoment {
  nowMs: number;
}

/**
 * A predicted entity as game code reads it: the same object for as long as it lives, also when the server's entity takes
 * the place of what was spawned ahead, which changes its `id`. Afterwards it gives what was predicted last. A subclass
 * per game has a getter per field name.
 */
export class PredictedEntity {
  readonly kind: string;
  readonly "~kind": number;
  readonly "~life": OwnLife;
  readonly "~shown": ShownMoment;

  constructor(life: OwnLife, shown: ShownMoment) {
    this.kind = life.kind.plan.schema.name;
    this["~kind"] = life.kind.plan.schema.index;
    this["~life"] = life;
    this["~shown"] = shown;
  }

  get id(): number {
    return this["~life"].id;
  }

  get owner(): number {
    return this["~life"].owner;
  }
}

type Read = (life: OwnLife, nowMs: number) => unknown;

const classes = new WeakMap<object, typeof PredictedEntity>();

/** The class of a game's predicted entities; made once. */
export function predictedClass(game: Game<Shape>, kinds: readonly PredictedKind[]): typeof PredictedEntity {
  let known = classes.get(game);
  if (known === undefined) {
    known = makeClass(kinds);
    classes.set(game, known);
  }
  return known;
}

function makeClass(kinds: readonly PredictedKind[]): typeof PredictedEntity {
  class GamePredictedEntity extends PredictedEntity {}
  const names = new Set(kinds.flatMap(({ plan }) => plan.fields.map(({ schema }) => schema.name)));
  for (const name of names) {
    const byKind = kinds.map((kind) => {
      const field = kind.plan.fields.find(({ schema }) => schema.name === name);
      return field && reading(field.schema, kind);
    });
    Object.defineProperty(GamePredictedEntity.prototype, name, {
      enumerable: true,
      get(this: PredictedEntity) {
        return byKind[this["~kind"]]?.(this["~life"], this["~shown"].nowMs);
      },
    });
  }
  return GamePredictedEntity;
}

function reading({ name, codec, column }: FieldSchema, kind: PredictedKind): Read {
  const { scalar, width } = codec;
  if (scalar === undefined) {
    return ({ values, newest }) => codec.unpack(values[newest * kind.valueColumns + column]);
  }
  if (width === 2) {
    return ({ numbers, at }): Vec2 => ({ x: numbers[at + column]!, y: numbers[at + column + 1]! });
  }
  const n = kind.smoothed.findIndex(({ field }) => field.name === name);
  if (n < 0) return ({ numbers, at }) => scalar.load(numbers[at + column]!);
  const { turn } = kind.smoothed[n]!;
  return ({ numbers, at, error }, nowMs) => {
    const predicted = numbers[at + column]!;
    if (error.isNone) return predicted;
    const shown = predicted + error.at(n, nowMs);
    if (turn > 0) return shown - TAU * Math.floor(shown / TAU);
    return Math.min(Math.max(shown, scalar.low), scalar.high);
  };
}
