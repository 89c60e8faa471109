/**
 * What the server captured of each tick, and who saw it: the plain definition that packets and clients are held
 * against. It shares neither sight nor the rule of replicas with the server.
 */

import { replicaAt, type Snapshot } from "../../../src/game/replication/snapshot.ts";
import type { Replica } from "../../../src/game/schema/field-codec.ts";
import { AUDIENCES } from "../../../src/game/schema/field-spec.ts";
import type { FieldSchema, KindSchema } from "../../../src/game/schema/game-schema.ts";

/** 0 everyone, 1 the owner's team, 2 the owner. */
export type Eyes = 0 | 1 | 2;

export interface TrueEntity {
  readonly id: number;
  readonly kind: KindSchema;
  readonly owner: number;
  /** In the order of declaration; what only the server knows is undefined. */
  readonly replicas: readonly Replica[];
}

/** One tick: all that lived, and by player what it saw, with which eyes. */
export interface TrueTick {
  readonly tick: number;
  readonly byId: ReadonlyMap<number, TrueEntity>;
  readonly sights: ReadonlyMap<number, ReadonlyMap<number, Eyes>>;
}

export class Truth {
  newest: TrueTick = { tick: -1, byId: new Map(), sights: new Map() };
  readonly #ticks = new Map<number, TrueTick>();
  /** By id, by eyes: the ticks at which it did what nobody could foretell, or changed hands. */
  readonly #surprises = new Map<number, readonly [number[], number[], number[]]>();
  readonly #tickRate: number;
  readonly #memoryTicks: number;

  /** Remembers so many ticks. */
  constructor(tickRate: number, memoryTicks = Infinity) {
    this.#tickRate = tickRate;
    this.#memoryTicks = memoryTicks;
  }

  at(tick: number): TrueTick | undefined {
    return this.#ticks.get(tick);
  }

  add(snapshot: Snapshot, sights: ReadonlyMap<number, ReadonlyMap<number, Eyes>>): void {
    const before = this.newest;
    const byId = new Map<number, TrueEntity>();
    for (const kind of snapshot.kinds) {
      const { schema, ids, owners } = kind;
      for (const [i, id] of ids.entries()) {
        const replicas = schema.fields.map((field) =>
          field.audience === "server" ? undefined : replicaAt(kind, i, field),
        );
        byId.set(id, { id, kind: schema, owner: owners[i]!, replicas });
      }
    }
    this.newest = { tick: snapshot.tick, byId, sights };
    this.#ticks.set(snapshot.tick, this.newest);
    this.#ticks.delete(snapshot.tick - this.#memoryTicks);
    for (const entity of byId.values()) this.#noteSurprise(before, entity, snapshot.tick);
  }

  /** The last tick up to which all is as foretold from `tick` on, but not beyond the newest. */
  foretoldUntil(id: number, tick: number, eyes: Eyes): number {
    const surprises = this.#surprises.get(id)![eyes];
    let until = this.newest.tick;
    for (let i = surprises.length - 1; i >= 0 && surprises[i]! > tick; i -= 1) until = surprises[i]! - 1;
    return until;
  }

  #noteSurprise(before: TrueTick, entity: TrueEntity, tick: number): void {
    let surprises = this.#surprises.get(entity.id);
    if (surprises === undefined) {
      surprises = [[], [], []];
      this.#surprises.set(entity.id, surprises);
    }
    const old = before.byId.get(entity.id);
    const lowest =
      old === undefined || old.owner !== entity.owner ? 0 : this.#whoIsSurprised(before, entity, tick);
    for (let eyes = lowest; eyes < 3; eyes += 1) surprises[eyes as Eyes].push(tick);
  }

  /** The least eyes that see something unforeseen; 3 for none. */
  #whoIsSurprised(before: TrueTick, { id, kind, replicas }: TrueEntity, tick: number): number {
    const old = before.byId.get(id)!.replicas;
    let least = 3;
    for (const [i, field] of kind.fields.entries()) {
      const eyes = eyesOf(field);
      if (eyes >= least) continue;
      let expected = old[i];
      if (field.spec.follows !== undefined) {
        const rate = kind.fields.findIndex(({ name }) => name === field.spec.follows);
        // A rate that changed surprises by itself, and to no fewer.
        const way = this.#way(field, kind.fields[rate]!, replicas[rate] as number, before.tick, tick);
        expected = within(field, (old[i] as number) + way);
      }
      if (!isSame(expected, replicas[i])) least = eyes;
    }
    return least;
  }

  /** What stands in `replica-rule.ts`: the difference of two whole ways since tick 0. */
  #way(field: FieldSchema, rate: FieldSchema, v: number, from: number, to: number): number {
    const k = rate.spec.step! / (field.spec.step! * this.#tickRate);
    return Math.floor(v * k * to + 0.5) - Math.floor(v * k * from + 0.5);
  }
}

function within({ codec }: FieldSchema, replica: number): number {
  const { least, most } = codec.scalar!;
  return Math.max(least, Math.min(most, replica));
}

/** The least eyes that see a field; 3 for what only the server knows. */
export function eyesOf(field: FieldSchema): number {
  return AUDIENCES.indexOf(field.audience);
}

/** Eyes that see no more than lesser ones are those. */
export function plainEyes(kind: KindSchema, eyes: Eyes): Eyes {
  const seen = kind.fields.map(eyesOf).filter((needed) => needed <= eyes);
  return Math.max(0, ...seen) as Eyes;
}

/** Bit for bit; bytes and lists by what is in them. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
}
