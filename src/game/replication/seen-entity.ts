import { angleBetween, Blend, blendOf, numberBetween, vectorBetween } from "./blend.ts";
import { copyVersion, type HeldEntity, numberAt, type Version } from "./held-entity.ts";
import { Form, type KindPlan, type PlannedField } from "./replica-plan.ts";
import type { SightEvent } from "./sight-event.ts";

/** The time that is shown, shared by all that show it. */
export interface ShownTime {
  /** In ticks, with fractions. */
  time: number;
  /** Whole ticks of it, and the rest. */
  tick: number;
  part: number;
}

/**
 * An entity as a client sees it: the same object for as long as it is in sight; afterwards it gives what was seen
 * last. A subclass per game has a getter per field name, which computes the field at the shown time: so time costs
 * nothing but what game code reads.
 */
export class SeenEntity {
  readonly id: number;
  readonly kind: string;
  readonly "~kind": number;
  readonly "~index": number;
  readonly "~shown": ShownTime;
  /** Undefined once it is out of the view. */
  "~entity": HeldEntity | undefined;
  /** When it came in sight, and when it is no more, as far as that is known. */
  readonly "~entered": number;
  "~gone": number = Number.POSITIVE_INFINITY;
  /** Once it is known to go: what is seen last. */
  "~last": Version | undefined = undefined;

  constructor(event: SightEvent, kind: string, entity: HeldEntity, shown: ShownTime) {
    this.id = event.id;
    this.kind = kind;
    this["~kind"] = event.kind;
    this["~index"] = entity.index;
    this["~shown"] = shown;
    this["~entity"] = entity;
    this["~entered"] = event.tick;
  }

  get owner(): number | undefined {
    return this["~version"](this["~shown"].tick).owner || undefined;
  }

  /** It will be gone at `tick`; until then it is shown as before. */
  "~end"(last: Version, tick: number): void {
    this["~last"] = copyVersion(last);
    this["~gone"] = tick;
  }

  /** What is in force at `tick` of what was told of this life; before the first the first, at the end the last. */
  "~version"(tick: number): Version {
    const entity = this["~entity"];
    let found = this["~last"];
    if (entity === undefined) return found!;
    const { versions } = entity;
    for (let i = versions.length - 1; i >= 0; i -= 1) {
      const version = versions[i]!;
      // Of who lives there next.
      if (version.tick >= this["~gone"]) continue;
      if (version.tick < this["~entered"]) {
        // If it came back as it was foretold when it left, what was in force then goes on until something is newer.
        const isForetold = found === undefined || (found.tick > tick && found.tick > this["~entered"]);
        return isForetold ? version : found!;
      }
      found = version;
      if (version.tick <= tick) break;
    }
    return found!;
  }

  /** At which tick to read a version that is in force at the shown one. */
  "~tickOf"(version: Version): number {
    const { tick } = this["~shown"];
    const shown = tick < this["~gone"] ? tick : this["~gone"] - 1;
    return shown < version.tick ? version.tick : shown;
  }
}

interface Reading {
  readonly field: PlannedField;
  readonly blend: Blend;
  /** Size of a step of numbers that only need a factor, else 0. */
  readonly factor: number;
}

/** The class of a game: it has a getter for each name of a field. */
export function seenClass(plans: readonly KindPlan[]): typeof SeenEntity {
  class GameSeenEntity extends SeenEntity {}
  const names = new Set(plans.flatMap(({ schema }) => schema.fields.map(({ name }) => name)));
  for (const name of names) {
    const byKind = plans.map(({ fields }) => reading(fields.find(({ schema }) => schema.name === name)));
    Object.defineProperty(GameSeenEntity.prototype, name, {
      enumerable: true,
      get(this: SeenEntity) {
        const read = byKind[this["~kind"]];
        if (read === undefined) return undefined;
        const shown = this["~shown"];
        const version = this["~version"](shown.tick);
        const { field, blend, factor } = read;
        if (field.viewer > version.plan.viewer) return undefined;
        if (blend !== Blend.none && shown.part > 0 && shown.time < this["~gone"]) {
          return between(this, version, read);
        }
        if (factor === 0) return unpacked(field, version);
        const replica =
          field.form === Form.follower
            ? numberAt(version, field, 0, this["~tickOf"](version))
            : version.numbers[field.place]!;
        return replica * factor;
      },
    });
  }
  return GameSeenEntity;
}

/** A field on its way from the shown tick to the next. */
function between(seen: SeenEntity, from: Version, { field, blend, factor }: Reading): unknown {
  const { part } = seen["~shown"];
  const tick = seen["~tickOf"](from);
  const next = seen["~version"](tick + 1);
  // Hidden in between: it goes on by itself for the rest of the tick.
  const to = field.viewer > next.plan.viewer ? from : next;
  if (blend === Blend.number) return numberBetween(from, to, field, tick, part) * factor;
  const { codec } = field.schema;
  if (blend === Blend.vector) return codec.unpack(vectorBetween(from, to, field, part));
  const { place, bounds } = field;
  return codec.unpack(angleBetween(from.numbers[place]!, to.numbers[place]!, bounds.values, part));
}

/** How a field is read: numbers that only need a factor without a call. */
function reading(field: PlannedField | undefined): Reading | undefined {
  if (field === undefined) return undefined;
  const { scalar, width } = field.schema.codec;
  const isPlain = scalar !== undefined && width === 1 && scalar.direct !== "none";
  return { field, blend: blendOf(field), factor: isPlain ? scalar.step : 0 };
}

function unpacked({ form, place, schema }: PlannedField, { numbers, values }: Version): unknown {
  if (form === Form.value) return schema.codec.unpack(values[place]);
  if (form === Form.vector) return schema.codec.unpack([numbers[place]!, numbers[place + 1]!]);
  return schema.codec.unpack(numbers[place]!);
}
