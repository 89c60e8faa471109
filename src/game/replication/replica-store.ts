import { MsgpackReader } from "../../net/bytes/msgpack-reader.ts";
import type { Game } from "../schema/define-game.ts";
import { AGE_DESPAWNED, AGE_FULL, AGE_LEFT, MAX_AGE_TICKS } from "../schema/record-ages.ts";
import type { Shape } from "../schema/shape.ts";
import { GENERATIONS, MAX_ENTITIES } from "../world/entity-store.ts";
import { foretells, HeldEntity, newVersion, type Version } from "./held-entity.ts";
import { HeldList } from "./held-list.ts";
import { readDelta, readFull } from "./record-reader.ts";
import { type KindPlan, replicaPlans, type ViewPlan } from "./replica-plan.ts";
import type { SightEvent, SightWatcher } from "./sight-event.ts";

/** How many entities a client keeps, if it is not told otherwise. */
const DEFAULT_MAX_ENTITIES = 65_536;
const MAX_PENDING_EVENTS = 16_384;
/** All that a record newer than the newest may build on, and one more. */
const MAX_VERSIONS = MAX_AGE_TICKS + 1;
/**
 * While there is room, a record of an entity may come so long after a newer one and still find what it builds on. It says
 * nothing new, but without that nobody knows where it ends, and its block, with the news of others, would be lost.
 */
const LATE_TICKS = 32;

/** What became of blocks and records. Of a block that is refused nothing is taken, and it must not be acked. */
export interface ReplicaCounters {
  blocksTaken: number;
  /** Too far behind the newest to tell what became of its entities since. */
  blocksTooOld: number;
  /** Cut short, lying about a count, out of a range, in a longer form, or with something behind. */
  blocksMalformed: number;
  blocksWrongKind: number;
  blocksWrongClass: number;
  /** With a record that builds on what the client has not. */
  blocksUnknownBaseline: number;
  /** That tell of an entity twice, or give an id another kind. */
  blocksContradictory: number;
  /** That would have needed more entities than the client keeps. */
  blocksTooMany: number;
  /** Records that were news. */
  recordsTaken: number;
  /** Records no newer than what the client had of the entity. */
  recordsOutdated: number;
  /** Events that nobody took in time. */
  eventsDropped: number;
}

/**
 * What a client was told of the world: for each entity the versions it may be asked to build on, each of which goes
 * on by itself. Takes blocks in any order, twice, or never; a block is taken whole or not at all.
 *
 * Memory is bounded by `maxEntities`, each with at most 64 versions.
 */
export class ReplicaStore {
  /** The newest tick of a block that was taken, −1 before the first. */
  newestTick = -1;
  readonly counters: ReplicaCounters = {
    ...{ blocksTaken: 0, blocksTooOld: 0, blocksMalformed: 0, blocksWrongKind: 0, blocksWrongClass: 0 },
    ...{ blocksUnknownBaseline: 0, blocksContradictory: 0, blocksTooMany: 0 },
    ...{ recordsTaken: 0, recordsOutdated: 0, eventsDropped: 0 },
  };
  /** By kind index: who is in sight, in the order of ids. */
  readonly present: readonly HeldList[];
  /** Hears of all who come and go, instead of `takeEvents`. */
  watcher: SightWatcher | undefined = undefined;
  readonly #plans: readonly KindPlan[];
  readonly #maxEntities: number;
  readonly #reader = new MsgpackReader();
  readonly #byIndex = new Map<number, HeldEntity>();
  /** Who is gone, and since when, as it was heard of: kept for a while, so that late records do not bring them back. */
  #gone: { readonly entity: HeldEntity; readonly tick: number }[] = [];
  /** Versions to be used again. */
  readonly #spare = new Map<ViewPlan, Version[]>();
  #events: SightEvent[] = [];
  #blocks = 0;
  /** What the block at hand says, until all of it was read. */
  #size = 0;
  readonly #indexes: number[] = [];
  readonly #ages: number[] = [];
  readonly #versions: (Version | undefined)[] = [];

  constructor(game: Game<Shape>, maxEntities: number = DEFAULT_MAX_ENTITIES) {
    this.#plans = replicaPlans(game);
    this.#maxEntities = maxEntities;
    this.present = this.#plans.map(() => new HeldList());
  }

  /** How many entities it remembers, in sight or not. */
  get size(): number {
    return this.#byIndex.size;
  }

  /** The entity in sight with this id. */
  get(id: number): HeldEntity | undefined {
    const entity = this.#byIndex.get(Math.floor(id / GENERATIONS));
    return entity?.isPresent && entity.newest?.id === id ? entity : undefined;
  }

  /** The entity in sight with this index. */
  at(index: number): HeldEntity | undefined {
    const entity = this.#byIndex.get(index);
    return entity?.isPresent ? entity : undefined;
  }

  /** Who came and went since the last call, in the order it was heard of. */
  takeEvents(): readonly SightEvent[] {
    const events = this.#events;
    if (events.length > 0) this.#events = [];
    return events;
  }

  /** Takes a delta block from bytes of a stranger, which need not outlive the call. False if it is refused, and counted. */
  receive(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    const reader = this.#reader.reset(bytes, start, end);
    const tick = reader.int(0, Number.MAX_SAFE_INTEGER);
    const refusal = !reader.ok
      ? "blocksMalformed"
      : tick < this.newestTick - MAX_AGE_TICKS
        ? "blocksTooOld"
        : this.#read(tick);
    if (refusal === undefined) this.#commit(tick);
    else {
      this.counters[refusal] += 1;
      for (let i = 0; i < this.#size; i += 1) this.#release(this.#versions[i]);
    }
    this.#size = 0;
    return refusal === undefined;
  }

  /** Reads all groups into `#indexes`, `#ages` and `#versions`. Answers why the block is refused, if it is. */
  #read(tick: number): Refusal | undefined {
    const reader = this.#reader;
    this.#blocks += 1;
    let newcomers = 0;
    let lastAge = -1;
    while (reader.at < reader.end) {
      const age = reader.int(lastAge + 1, AGE_DESPAWNED);
      const count = reader.int(1, MAX_ENTITIES);
      if (!reader.ok) return "blocksMalformed";
      lastAge = age;
      let index = -1;
      for (let n = 0; n < count; n += 1) {
        index += 1 + reader.int(0, MAX_ENTITIES - 1);
        if (!reader.ok || index >= MAX_ENTITIES) return "blocksMalformed";
        const entity = this.#byIndex.get(index);
        if (entity === undefined) newcomers += 1;
        else if (entity.mentionedIn === this.#blocks) return "blocksContradictory";
        else entity.mentionedIn = this.#blocks;
        this.#indexes[this.#size] = index;
        this.#ages[this.#size] = age;
        this.#versions[this.#size] = undefined;
        this.#size += 1;
        const refusal = age >= AGE_LEFT ? undefined : this.#readRecord(tick, age, entity);
        if (refusal !== undefined) return refusal;
      }
    }
    return this.#byIndex.size + newcomers > this.#maxEntities ? "blocksTooMany" : undefined;
  }

  #readRecord(tick: number, age: number, entity: HeldEntity | undefined): Refusal | undefined {
    const reader = this.#reader;
    const at = this.#size - 1;
    let version: Version;
    if (age === AGE_FULL) {
      const generation = reader.int(1, GENERATIONS - 1);
      const kind = reader.int(0, 255);
      const owner = reader.int(0, 0xffff_ffff);
      const viewer = reader.int(0, 2);
      if (!reader.ok) return "blocksMalformed";
      const plan = this.#plans[kind]?.views[viewer as 0 | 1 | 2];
      if (plan === undefined) return "blocksWrongKind";
      if (plan.viewer !== viewer) return "blocksWrongClass";
      version = this.#versions[at] = this.#takeSpare(plan);
      version.tick = tick;
      version.id = this.#indexes[at]! * GENERATIONS + generation;
      version.owner = owner;
      const known = entity?.newest;
      if (known?.id === version.id && known.plan.kind !== plan.kind) return "blocksContradictory";
      readFull(reader, version);
    } else {
      const base = entity?.versionAt(tick - age);
      if (entity === undefined || base === undefined) return "blocksUnknownBaseline";
      if (tick > entity.newestTick) {
        // Someone else may have come to that index, or the player sees it with other eyes by now.
        const { isPresent, newest } = entity;
        if (!isPresent || newest?.id !== base.id || newest.plan !== base.plan) return "blocksUnknownBaseline";
      }
      version = this.#versions[at] = this.#takeSpare(base.plan);
      version.tick = tick;
      readDelta(reader, base, age, version);
    }
    return reader.ok ? undefined : "blocksMalformed";
  }

  #commit(tick: number): void {
    this.counters.blocksTaken += 1;
    if (tick > this.newestTick) this.newestTick = tick;
    for (let i = 0; i < this.#size; i += 1) {
      const index = this.#indexes[i]!;
      const version = this.#versions[i];
      this.#versions[i] = undefined;
      let entity = this.#byIndex.get(index);
      if (entity === undefined) {
        entity = new HeldEntity(index);
        this.#byIndex.set(index, entity);
      }
      if (tick <= entity.newestTick) {
        this.counters.recordsOutdated += 1;
        this.#release(version);
        continue;
      }
      this.counters.recordsTaken += 1;
      entity.newestTick = tick;
      if (version !== undefined) this.#keep(entity, version);
      else {
        if (entity.isPresent) this.#leave(entity, this.#ages[i] === AGE_LEFT ? "left" : "despawned");
        this.#gone.push({ entity, tick });
      }
    }
    this.#forgetGone();
  }

  #keep(entity: HeldEntity, version: Version): void {
    const { newest, versions } = entity;
    const isSame = entity.isPresent && newest?.id === version.id;
    if (!isSame) {
      if (entity.isPresent) this.#leave(entity, "despawned");
      entity.isPresent = true;
      this.present[version.plan.kind.schema.index]!.add(entity);
      this.#tell("entered", entity, version, version.tick);
    }
    if (newest !== undefined && foretells(newest, version)) {
      this.#release(version);
      return;
    }
    versions.push(version);
    // The oldest tick that a record may build on which this one has not overtaken by much.
    const oldest = version.tick - LATE_TICKS - MAX_AGE_TICKS;
    while (versions.length > MAX_VERSIONS || (versions.length > 1 && versions[1]!.tick <= oldest)) {
      this.#release(versions.shift());
    }
  }

  #leave(entity: HeldEntity, what: "left" | "despawned"): void {
    const newest = entity.newest!;
    entity.isPresent = false;
    this.present[newest.plan.kind.schema.index]!.remove(entity);
    this.#tell(what, entity, newest, entity.newestTick);
    entity.shownAs = undefined;
  }

  /** Blocks from before that are refused by now, so nothing can bring them back any more. */
  #forgetGone(): void {
    const oldest = this.newestTick - MAX_AGE_TICKS;
    let forgotten = 0;
    while (forgotten < this.#gone.length && this.#gone[forgotten]!.tick < oldest) {
      const { entity, tick } = this.#gone[forgotten]!;
      forgotten += 1;
      if (entity.isPresent || entity.newestTick !== tick) continue;
      this.#byIndex.delete(entity.index);
      for (const version of entity.versions) this.#release(version);
      entity.versions.length = 0;
    }
    if (forgotten > 0) this.#gone = this.#gone.slice(forgotten);
  }

  #tell(what: SightEvent["what"], entity: HeldEntity, { id, plan }: Version, tick: number): void {
    const event = { what, tick, id, kind: plan.kind.schema.index };
    if (this.watcher !== undefined) this.watcher.sighted(event, entity);
    else if (this.#events.length === MAX_PENDING_EVENTS) this.counters.eventsDropped += 1;
    else this.#events.push(event);
  }

  #takeSpare(plan: ViewPlan): Version {
    return this.#spare.get(plan)?.pop() ?? newVersion(plan);
  }

  #release(version: Version | undefined): void {
    if (version === undefined) return;
    const spare = this.#spare.get(version.plan);
    if (spare === undefined) this.#spare.set(version.plan, [version]);
    else if (spare.length < MAX_SPARE) spare.push(version);
  }
}

/** Versions of one plan that are kept to be used again. */
const MAX_SPARE = 1024;

type Refusal =
  | "blocksMalformed"
  | "blocksTooOld"
  | "blocksWrongKind"
  | "blocksWrongClass"
  | "blocksUnknownBaseline"
  | "blocksContradictory"
  | "blocksTooMany";
