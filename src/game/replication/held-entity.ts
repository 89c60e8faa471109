import type { Replica } from "../schema/field-codec.ts";
import { sameReplica } from "../schema/same-replica.ts";
import { Form, type PlannedField, type ViewPlan } from "./replica-plan.ts";
import { carriedOn } from "./replica-rule.ts";

/** All that a client may see of one entity at one tick. From there on it goes on by itself until the next surprise. */
export interface Version {
  readonly plan: ViewPlan;
  tick: number;
  id: number;
  /** PlayerId, 0 = none. */
  owner: number;
  /** By place; those the class does not see are 0. */
  readonly numbers: Float64Array;
  readonly values: Replica[];
}

export function newVersion(plan: ViewPlan): Version {
  const numbers = new Float64Array(plan.kind.numberPlaces);
  return {
    plan,
    tick: 0,
    id: 0,
    owner: 0,
    numbers,
    values: new Array(plan.kind.valuePlaces).fill(undefined),
  };
}

/** The replica at `tick`, not before that of the version, of a number, a vector's half or a follower. */
export function numberAt(version: Version, field: PlannedField, half: number, tick: number): number {
  const { numbers } = version;
  const replica = numbers[field.place + half]!;
  if (field.form !== Form.follower || tick === version.tick) return replica;
  const { least, most } = field.bounds;
  return carriedOn(replica, numbers[field.ratePlace]!, field.factor, version.tick, tick, least, most);
}

/** True if `older` goes on to be `newer`, so that `newer` says nothing new. */
export function foretells(older: Version, newer: Version): boolean {
  if (older.id !== newer.id || older.owner !== newer.owner || older.plan !== newer.plan) return false;
  const { fields } = older.plan;
  for (let i = 0; i < fields.length; i += 1) {
    const field = fields[i]!;
    const { form, place } = field;
    if (form === Form.value) {
      if (!sameReplica(older.values[place], newer.values[place])) return false;
    } else {
      if (numberAt(older, field, 0, newer.tick) !== newer.numbers[place]) return false;
      if (form === Form.vector && older.numbers[place + 1] !== newer.numbers[place + 1]) return false;
    }
  }
  return true;
}

/** A copy that nobody uses again. */
export function copyVersion(version: Version): Version {
  return { ...version, numbers: version.numbers.slice(), values: version.values.slice() };
}

/** What a client holds of the entities that had one index. */
export class HeldEntity {
  readonly index: number;
  /** The newest tick it was told of, in whatever way. */
  newestTick = -1;
  /** False before the first full record, and once it left sight or was despawned. */
  isPresent = false;
  /** Block that mentioned it last, to find it mentioned twice. */
  mentionedIn = -1;
  /** What the watcher keeps with the present life. */
  shownAs: object | undefined = undefined;
  /** From old to new. Those that say nothing new are left out, so there are few. */
  readonly versions: Version[] = [];

  constructor(index: number) {
    this.index = index;
  }

  get newest(): Version | undefined {
    return this.versions[this.versions.length - 1];
  }

  /** The newest version of at most `tick`. */
  versionAt(tick: number): Version | undefined {
    for (let i = this.versions.length - 1; i >= 0; i -= 1) {
      const version = this.versions[i]!;
      if (version.tick <= tick) return version;
    }
    return undefined;
  }
}
