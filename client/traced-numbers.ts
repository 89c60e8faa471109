import { differenceOf, predictedKinds } from "../src/game/prediction/predicted-kind.ts";
import { angleBetween, Blend, blendOf, numberBetween, vectorBetween } from "../src/game/replication/blend.ts";
import type { HeldEntity } from "../src/game/replication/held-entity.ts";
import { type PlannedField, replicaPlans } from "../src/game/replication/replica-plan.ts";
import type { Game } from "../src/game/schema/define-game.ts";
import type { Vec2 } from "../src/game/schema/field.ts";
import type { Scalar } from "../src/game/schema/scalar.ts";
import { TAU } from "../src/game/schema/scalar.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import type { TracedField, TracedKind } from "./trace-format.ts";

/** A number of a kind that is traced, and where the parts of the client keep it. */
interface TracedNumber extends TracedField {
  readonly planned: PlannedField;
  readonly scalar: Scalar;
  readonly half: 0 | 1;
  readonly column: number;
}

/** The traced numbers of one kind of entity, and how to read them. */
export class TracedNumbers implements TracedKind {
  readonly name: string;
  readonly fields: readonly TracedField[];
  readonly place: readonly number[];
  readonly #numbers: readonly TracedNumber[];

  constructor(name: string, numbers: readonly TracedNumber[]) {
    this.name = name;
    this.#numbers = numbers;
    this.fields = numbers.map(({ name, step, turn }) => ({ name, step, turn }));
    this.place = placeAmong(numbers);
  }

  /** As game code reads them; NaN for what is hidden. */
  read(entity: object): number[] {
    const values = entity as Readonly<Record<string, number | Vec2>>;
    return this.#numbers.map(({ planned, half }) => {
      const value = values[planned.schema.name] ?? Number.NaN;
      return typeof value === "number" ? value : half === 0 ? value.x : value.y;
    });
  }

  /** Out of stored numbers that begin at `at`. */
  stored(numbers: Float64Array, at: number): number[] {
    return this.#numbers.map(({ column }) => numbers[at + column]!);
  }

  /** What was told of a tick with fractions, NaN for what was hidden; undefined if nothing was told. */
  told(held: HeldEntity, id: number, time: number): number[] | undefined {
    const tick = Math.floor(time);
    const part = time - tick;
    const from = held.versionAt(tick);
    const next = held.versionAt(tick + 1);
    if (from?.id !== id || next?.id !== id) return undefined;
    return this.#numbers.map(({ planned, scalar, half }) => {
      // Hidden in between: it goes on by itself.
      const to = planned.viewer > next.plan.viewer ? from : next;
      if (planned.viewer > from.plan.viewer) return Number.NaN;
      const blend = blendOf(planned);
      if (blend === Blend.vector) return scalar.dequantize(vectorBetween(from, to, planned, part)[half]);
      if (blend === Blend.number) return scalar.dequantize(numberBetween(from, to, planned, tick, part));
      const { place, bounds } = planned;
      return scalar.dequantize(angleBetween(from.numbers[place]!, to.numbers[place]!, bounds.values, part));
    });
  }

  /** How far two of them are from each other; null if nothing says where they are. */
  distance(a: readonly (number | null)[], b: readonly (number | null)[]): number | null {
    if (this.place.length === 0) return null;
    const ways = this.place.map((at) => {
      return differenceOf(a[at] ?? Number.NaN, b[at] ?? Number.NaN, this.fields[at]!.turn);
    });
    const distance = Math.hypot(...ways);
    return Number.isNaN(distance) ? null : distance;
  }
}

/** The traced numbers of all kinds of a game, by kind index: what is fixed, a vec2 or an angle and sent to anyone. */
export function tracedNumbers(game: Game<Shape>): readonly TracedNumbers[] {
  return predictedKinds(replicaPlans(game)).map(({ plan, numbers }) => {
    const traced = numbers.flatMap(({ planned, half, column, scalar }): TracedNumber[] => {
      const { name, spec, codec } = planned.schema;
      if (blendOf(planned) === Blend.none) return [];
      const isAngle = spec.type === "angle";
      return [
        {
          ...{ planned, scalar, column, half: half as 0 | 1 },
          name: codec.width === 2 ? `${name}.${half === 0 ? "x" : "y"}` : name,
          step: isAngle ? TAU / 2 ** spec.bits! : spec.step!,
          turn: isAngle ? TAU : 0,
        },
      ];
    });
    traced.sort((a, b) => fieldAt(plan.schema.fields, a) - fieldAt(plan.schema.fields, b) || a.half - b.half);
    return new TracedNumbers(plan.schema.name, traced);
  });
}

function fieldAt(fields: readonly object[], { planned }: TracedNumber): number {
  return fields.indexOf(planned.schema);
}

/** What says where a thing is: x and y, and z; else its first vec2 that is no rate; else what follows a rate first. */
function placeAmong(numbers: readonly TracedNumber[]): number[] {
  const at = (name: string): number => numbers.findIndex((number) => number.name === name);
  const named = ["x", "y", "z"].map(at).filter((found) => found >= 0);
  if (named.length >= 2) return named;
  const rates = new Set(numbers.map(({ planned }) => planned.schema.spec.follows));
  const vector = numbers.findIndex(
    ({ planned }) => planned.schema.codec.width === 2 && !rates.has(planned.schema.name),
  );
  if (vector >= 0) return [vector, vector + 1];
  if (named.length > 0) return named;
  const following = [...numbers.keys()].filter(
    (index) => numbers[index]!.planned.schema.spec.follows !== undefined && numbers[index]!.turn === 0,
  );
  return following.slice(0, 3);
}
