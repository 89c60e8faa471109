/** A game with every type of field and every audience, a world full of chance, and a plain model of its replicas. */
import type { Game } from "../../../src/game/schema/define-game.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import type { Replica } from "../../../src/game/schema/field-codec.ts";
import { AUDIENCES } from "../../../src/game/schema/field-spec.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import type { FieldSchema, KindSchema } from "../../../src/game/schema/game-schema.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import type { EntityView } from "../../../src/game/world/entity-view.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";
import type { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";

const body = {
  x: t.fixed(-100, 100, 1 / 16).follows("vx"),
  y: t.fixed(-100, 100, 1 / 16).follows("vy"),
  vx: t.fixed(-64, 64, 1 / 4),
  vy: t.fixed(-64, 64, 1 / 4),
};

export const deltaGame = defineGame({
  name: "deltas",
  tickRate: 20,
  input: {},
  entities: {
    ship: {
      ...body,
      hp: t.uint(100),
      aim: t.angle(10),
      isOn: t.bool(),
      score: t.int(-70_000, 2 ** 31),
      depth: t.fixed(-3, 3, 0.1).follows("sink").visibleTo("team"),
      sink: t.fixed(-1, 1, 0.01).visibleTo("team"),
      fuel: t.uint(300).visibleTo("team"),
      target: t.id().visibleTo("owner"),
      heat: t.fixed(0, 50, 0.5).follows("warming").visibleTo("owner"),
      warming: t.fixed(-20, 20, 1),
      reload: t.uint(9).visibleTo("owner"),
      plan: t.text(12).visibleTo("owner"),
      loot: t.uint(9).visibleTo("server"),
      hidden: t.fixed(-9, 9, 0.1).follows("loss").visibleTo("server"),
      loss: t.fixed(-9, 9, 0.1).visibleTo("server"),
    },
    rock: {
      at: t.vec2(-10, 10, 0.5),
      small: t.vec2(0, 1, 1),
      mood: t.oneOf("calm", "angry", "sad"),
      label: t.text(20),
      note: t.optional(t.uint(9)),
      path: t.list(t.vec2(0, 3, 1), 4),
      only: t.int(7, 7),
    },
    shot: body,
    empty: {},
    mine: { fuse: t.uint(9).visibleTo("owner") },
  },
});
export const anyDeltaGame = deltaGame as unknown as Game<Shape>;

export function newWildWorld(): GameWorld {
  return new GameWorld(anyDeltaGame, { seed: 1, players: new Set(), broadcast() {} });
}

const KINDS = ["ship", "ship", "ship", "shot", "shot", "rock", "rock", "empty", "mine"];
const WORDS = ["", "a", "größe", "over there", "twelve bytes"];

/** One tick of births, deaths, new owners, changes of mind and steady motion. `secret` steers what others do not see. */
export function playTick(world: GameWorld, random: SeededRandom, secret: SeededRandom, most = 16): void {
  const store = world["~store"];
  const living = (): EntityView[] => store.views.filter((view) => view !== undefined);
  if (living().length < most && random.below(4) === 0) {
    const view = world.spawn(KINDS[random.below(KINDS.length)]!);
    view.owner = (random.below(4) || undefined) as never;
    change(view, random, secret, true);
  }
  for (const view of living()) {
    if (random.below(150) === 0) world.despawn(view);
    if (random.below(100) === 0) view.owner = (random.below(4) || undefined) as never;
    const fields = view as unknown as Record<string, number>;
    for (const { name, spec } of view["~table"].schema.fields) {
      if (spec.follows !== undefined) fields[name]! += fields[spec.follows]! * world.dt;
    }
    // Around the world, as on a torus: that cannot be foretold.
    const { kind } = view;
    if ((kind === "ship" || kind === "shot") && Math.abs(fields.x!) > 90) fields.x! *= -1;
    change(view, random, secret, false);
  }
  world["~roundState"]();
  world["~endTick"]();
}

function change(view: EntityView, random: SeededRandom, secret: SeededRandom, all: boolean): void {
  for (const field of view["~table"].schema.fields) {
    const chance = field.audience === "everyone" ? random : secret;
    if (!all && chance.below(field.spec.follows === undefined ? 40 : 300) > 0) continue;
    view["~table"].write(view["~row"], field, wildValue(field, chance));
  }
}

function wildValue({ spec, codec }: FieldSchema, random: SeededRandom): unknown {
  const number = (): number => {
    const { low, high } = codec.scalar!;
    // Often at rest, or at a bound, or just beside.
    const place = [0, low, high, 1, low + (high - low) * random.next(), random.next() * 8 - 4];
    return place[random.below(place.length)]!;
  };
  switch (spec.type) {
    case "bool":
      return random.below(2) === 0;
    case "vec2":
      return { x: number(), y: number() };
    case "text":
      return WORDS[random.below(WORDS.length)];
    case "oneOf":
      return spec.choices![random.below(spec.choices!.length)];
    case "id":
      return random.below(2) === 0 ? undefined : random.below(2 ** 32) * 256;
    case "optional":
      return random.below(2) === 0 ? undefined : random.below(10);
    case "list":
      return Array.from({ length: random.below(4) }, () => ({ x: random.below(4), y: random.below(2) }));
    case "uint":
    case "int":
      return Math.floor(number());
    default:
      return number();
  }
}

/** Replicas by field name; a vec2 is a pair. */
export type PlainReplicas = Record<string, Replica>;
export interface PlainEntity {
  readonly id: number;
  readonly kind: KindSchema;
  readonly owner: number;
  readonly replicas: PlainReplicas;
}

/** `replica-rule.ts` once more, tick by tick and field by field, in the words of its comment. */
export class PlainModel {
  tick = -1;
  /** By tick, by id. */
  readonly truth = new Map<number, Map<number, PlainEntity>>();
  /** By id, by class: ticks at which the entity surprised, and those that its owner changed. */
  readonly surprises = new Map<number, readonly [number[], number[], number[]]>();
  readonly handedOver = new Map<number, number>();
  readonly #tickRate: number;
  readonly #memoryTicks: number;

  constructor(game: Game<Shape>, memoryTicks: number) {
    this.#tickRate = game.tickRate;
    this.#memoryTicks = memoryTicks;
  }

  capture(world: GameWorld): void {
    const { tick } = world;
    const before = this.truth.get(this.tick) ?? new Map<number, PlainEntity>();
    const now = new Map<number, PlainEntity>();
    for (const view of world["~store"].views) {
      if (view === undefined) continue;
      const kind = view["~table"].schema;
      const old = before.get(view.id);
      const replicas = this.#replicas(view, old?.replicas, tick);
      now.set(view.id, { id: view.id, kind, owner: view.owner ?? 0, replicas });
      this.#noteSurprises(view.id, kind, old?.replicas, replicas, tick);
      if (old === undefined || old.owner !== (view.owner ?? 0)) this.handedOver.set(view.id, tick);
    }
    this.truth.set(tick, now);
    this.truth.delete(tick - this.#memoryTicks);
    this.tick = tick;
  }

  /** The replicas after `from`, if nothing surprises, at `to`. */
  foretold(kind: KindSchema, replicas: PlainReplicas, from: number, to: number): PlainReplicas {
    const foretold = { ...replicas };
    for (let tick = from + 1; tick <= to; tick += 1) {
      for (const field of kind.fields) {
        if (field.spec.follows !== undefined) this.#goOn(kind, field, foretold, foretold, tick);
      }
    }
    return foretold;
  }

  /** The first surprise of the entity after `tick`, or Infinity; −1 if that is more than 64 ticks before the newest. */
  firstSurpriseAfter(id: number, tick: number, viewer: 0 | 1 | 2): number {
    return this.surprises.get(id)![viewer].find((at) => at > tick) ?? Infinity;
  }

  #goOn(kind: KindSchema, field: FieldSchema, from: PlainReplicas, into: PlainReplicas, tick: number): void {
    const rate = kind.fields.find(({ name }) => name === field.spec.follows)!;
    const v = into[rate.name] as number;
    const k = rate.spec.step! / (field.spec.step! * this.#tickRate);
    const way = Math.floor(v * k * tick + 0.5) - Math.floor(v * k * (tick - 1) + 0.5);
    into[field.name] = within(field, (from[field.name] as number) + way);
  }

  #replicas(view: EntityView, old: PlainReplicas | undefined, tick: number): PlainReplicas {
    const replicas: PlainReplicas = {};
    const table = view["~table"];
    const row = view["~row"];
    const { fields } = table.schema;
    for (const { name, codec, column } of fields) {
      if (codec.scalar === undefined) replicas[name] = table.values[column]![row];
      else if (codec.width === 2) {
        const halves = [table.numbers[column]![row]!, table.numbers[column + 1]![row]!];
        replicas[name] = halves.map((half) => codec.scalar!.quantize(half) + 0);
      } else replicas[name] = codec.scalar.quantize(table.numbers[column]![row]!) + 0;
    }
    for (const field of fields) {
      if (field.spec.follows === undefined) continue;
      const x = table.numbers[field.column]![row]! / field.spec.step!;
      if (old !== undefined) {
        this.#goOn(table.schema, field, old, replicas, tick);
        if (Math.abs((replicas[field.name] as number) - x) <= 1.5) continue;
      }
      const rate = fields.find(({ name }) => name === field.spec.follows)!;
      const k = rate.spec.step! / (field.spec.step! * this.#tickRate);
      const way = (replicas[rate.name] as number) * k * tick;
      replicas[field.name] = within(field, Math.floor(x - way + 0.5) + Math.floor(way + 0.5));
    }
    return replicas;
  }

  #noteSurprises(
    id: number,
    kind: KindSchema,
    old: PlainReplicas | undefined,
    now: PlainReplicas,
    tick: number,
  ): void {
    let ticks = this.surprises.get(id);
    if (ticks === undefined) {
      ticks = [[], [], []];
      this.surprises.set(id, ticks);
    }
    const foretold = old === undefined ? {} : this.foretold(kind, old, this.tick, tick);
    for (const viewer of [0, 1, 2] as const) {
      const isSurprise = kind.fields.some(
        ({ name, audience }) =>
          AUDIENCES.indexOf(audience) <= viewer &&
          JSON.stringify(foretold[name]) !== JSON.stringify(now[name]),
      );
      if (isSurprise || old === undefined) ticks[viewer].push(tick);
    }
  }
}

function within({ codec }: FieldSchema, replica: number): number {
  return Math.min(Math.max(replica, codec.scalar!.least), codec.scalar!.most);
}
