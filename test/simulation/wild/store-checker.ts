/** Holds what a client believes against what the server captured, bit for bit. */
import { type HeldEntity, numberAt, type Version } from "../../../src/game/replication/held-entity.ts";
import { Form, type PlannedField } from "../../../src/game/replication/replica-plan.ts";
import type { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import type { Replica } from "../../../src/game/schema/field-codec.ts";
import { eyesOf, isSame, plainEyes, type TrueEntity, type Truth } from "./truth.ts";

/** After so many looks everything is looked at, not only what was told of since the last. */
const FULL_LOOK_EVERY = 25;

export class StoreChecker {
  /** Blocks taken. */
  looks = 0;
  /** How often an entity was held against the truth of one tick. */
  compared = 0;
  /** … of a later tick than it was told of last. */
  foretold = 0;
  readonly #playerId: number;
  readonly #store: ReplicaStore;
  readonly #truth: Truth;
  readonly #looked = new Map<HeldEntity, number>();

  constructor(playerId: number, store: ReplicaStore, truth: Truth) {
    this.#playerId = playerId;
    this.#store = store;
    this.#truth = truth;
  }

  /** After each block that the client took. */
  look(): void {
    this.looks += 1;
    const isFull = this.looks % FULL_LOOK_EVERY === 0;
    for (const { entities } of this.#store.present) {
      for (const entity of entities) {
        if (!isFull && this.#looked.get(entity) === entity.newestTick) continue;
        this.#looked.set(entity, entity.newestTick);
        this.#expectTrue(entity);
      }
    }
  }

  #expectTrue(entity: HeldEntity): void {
    const { newestTick } = entity;
    const version = entity.newest!;
    const told = this.#truth.at(newestTick);
    const eyes = told?.sights.get(this.#playerId)?.get(version.id);
    if (eyes === undefined) throw this.#wrong(entity, "was told while it was not seen");
    const { kind } = told!.byId.get(version.id)!;
    if (version.plan.viewer !== plainEyes(kind, eyes)) throw this.#wrong(entity, `has not the eyes ${eyes}`);
    this.#expectSame(entity, version, version.tick);
    this.#expectSame(entity, version, newestTick);
    const until = this.#truth.foretoldUntil(version.id, newestTick, version.plan.viewer);
    // Of the ticks between, one and the last.
    const between = newestTick + Math.floor((until - newestTick) / 2);
    this.foretold += Number(until > newestTick);
    for (const tick of new Set([between, until])) this.#expectSame(entity, version, tick);
    for (const field of version.plan.kind.fields) {
      if (field.viewer > version.plan.viewer && !isEmpty(version, field)) {
        throw this.#wrong(entity, `${field.schema.name} is for other eyes`);
      }
    }
  }

  /** Throws unless the version, carried on to `tick`, says what the server had there. */
  #expectSame(entity: HeldEntity, version: Version, tick: number): void {
    const truth = this.#truth.at(tick);
    // The server told nothing of ticks that it ran late.
    if (truth === undefined) return;
    const real = truth.byId.get(version.id);
    if (real === undefined) {
      // Nobody can foretell a death.
      if (tick > entity.newestTick) return;
      throw this.#wrong(entity, `did not live at tick ${tick}`);
    }
    this.compared += 1;
    const wrong = difference(version, real, tick);
    if (wrong !== undefined) throw this.#wrong(entity, `at tick ${tick} ${wrong}`);
  }

  #wrong({ newest, newestTick }: HeldEntity, what: string): Error {
    return new Error(`player ${this.#playerId}: entity ${newest!.id}, told at tick ${newestTick}, ${what}`);
  }
}

/** What a version says wrongly of `tick`, if anything. */
export function difference(version: Version, real: TrueEntity, tick: number): string | undefined {
  if (version.plan.kind.schema !== real.kind) return `is no ${real.kind.name}`;
  if (version.owner !== real.owner) return `belongs to ${real.owner}, not to ${version.owner}`;
  const names = real.kind.fields.filter((field) => eyesOf(field) <= version.plan.viewer);
  if (names.length !== version.plan.fields.length) return `has ${names.length} fields`;
  for (const field of version.plan.fields) {
    const expected = real.replicas[real.kind.fields.indexOf(field.schema)];
    const said = saidAt(version, field, tick);
    if (!isSame(said, expected)) return `has ${field.schema.name} ${String(said)}, not ${String(expected)}`;
  }
  return undefined;
}

function saidAt(version: Version, field: PlannedField, tick: number): Replica {
  if (field.form === Form.value) return version.values[field.place];
  const first = numberAt(version, field, 0, tick);
  return field.form === Form.vector ? [first, numberAt(version, field, 1, tick)] : first;
}

function isEmpty({ values, numbers }: Version, { form, place }: PlannedField): boolean {
  return form === Form.value ? values[place] === undefined : numbers[place] === 0;
}
