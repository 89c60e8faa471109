/** Rules by which everything happens at random, until they are told to leave the world alone. */
import { defineRoom } from "tickwire";
import type { RoomRules } from "../../../src/game/schema/define-room.ts";
import type { PlayerId, Vec2 } from "../../../src/game/schema/field.ts";
import type { Entity, Kind } from "../../../src/game/schema/shape.ts";
import type { Player, Spectator, World } from "../../../src/game/schema/world-types.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { type AnyFields, SIDE, WILD_KINDS, type WildShape, wildGame, wildValue } from "./wild-game.ts";

export type WildPlayer = Player<WildShape>;
export type WildEntity = Entity<WildShape, Kind<WildShape>>;
type WildWorld = World<WildShape>;

/** Which forms of interest a room has. */
export interface WildInterest {
  /** Infinity: all that the filter lets through. */
  readonly radius: number;
  readonly always: "none" | "kinds" | "question";
  readonly hasFilter: boolean;
}

export interface WildRuleOptions {
  readonly interest: WildInterest;
  /** At most so many live at once. */
  readonly entities: number;
  /** Of what few eyes see; nothing else depends on it. */
  readonly secretSeed?: number;
  /** A player of this name has neither team nor entity, ever. */
  readonly stranger?: string;
}

const KINDS = ["ship", "ship", "ship", "shot", "shot", "rock", "rock", "flag", "empty", "mine"] as const;
/** Begins each text that is for few eyes, so that it is found in any packet. */
export const CANARY_MARK = "~#";

/** Whose a text is that must not be found in others' packets. */
export interface Canary {
  readonly id: number;
  readonly field: string;
}

export class WildRules {
  readonly rules: RoomRules<WildShape>;
  readonly interest: WildInterest;
  /** Nothing happens any more. */
  isCalm = false;
  readonly canaries = new Map<string, Canary>();
  despawned = 0;
  reusedIndexes = 0;
  handedOver = 0;
  readonly #hidden = new Set<string>();
  readonly #carried = new Set<number>();
  readonly #lives = new Map<number, number>();
  #secrets = 0;
  readonly #mostEntities: number;
  readonly #stranger: string | undefined;
  readonly #secret: SeededRandom;
  readonly #spectators: Spectator<WildShape>[] = [];
  /** By the id of a spectator, that of what it follows. */
  readonly #followed = new Map<number, number>();

  constructor({ interest, entities, secretSeed = 1, stranger }: WildRuleOptions) {
    this.interest = interest;
    this.#mostEntities = entities;
    this.#stranger = stranger;
    this.#secret = new SeededRandom(secretSeed);
    const { radius, always, hasFilter } = interest;
    this.rules = defineRoom(wildGame, {
      interest: {
        ...(radius < Infinity && { radius }),
        ...(always === "kinds" && { always: ["mine"] as const }),
        ...(always === "question" && { always: (entity) => this.isAlways(entity) }),
        ...(hasFilter && { sees: (player, entity) => this.sees(player, entity) }),
      },
      onCreate: (world) => {
        for (let i = 0; i < entities / 2; i += 1) this.#spawn(world);
      },
      onJoin: (world, player) => {
        if (player.name === stranger) return;
        player.team = 1 + Math.floor(world.random() * 2);
        if (world.random() < 0.8) player.entity = world.spawn("ship", { x: this.#within(world) });
      },
      onSpectate: (_world, spectator) => this.#spectators.push(spectator),
      onTick: (world) => {
        if (this.isCalm) this.#rest(world);
        else this.#stir(world);
      },
    });
  }

  isAlways(entity: WildEntity): boolean {
    if (this.interest.always === "kinds") return entity.kind === "mine";
    return this.interest.always === "question" && this.#carried.has(entity.id);
  }

  /** Where the spectator looks from, if it follows something that lives and has a place. */
  followedPlace({ id }: WildPlayer, entities: readonly WildEntity[]): Vec2 | undefined {
    const entity = entities.find((candidate) => candidate.id === this.#followed.get(id));
    if (entity === undefined || entity.kind === "flag" || entity.kind === "empty") return undefined;
    return { x: entity.x, y: entity.y };
  }

  sees(player: WildPlayer, entity: WildEntity): boolean {
    return !this.interest.hasFilter || !this.#hidden.has(`${player.id} ${entity.id}`);
  }

  #stir(world: WildWorld): void {
    const chance = (share: number): boolean => world.random() < share;
    const living = entitiesOf(world);
    if (living.length < this.#mostEntities && chance(0.5)) this.#spawn(world);
    const players = this.#members(world);
    const anyone = (): WildPlayer | undefined => players[Math.floor(world.random() * players.length)];
    for (const entity of living) {
      if (chance(1 / 150)) {
        world.despawn(entity);
        this.despawned += 1;
        continue;
      }
      if (chance(1 / 80)) {
        handOver(entity, chance(0.4) ? undefined : anyone()?.id);
        this.handedOver += 1;
      }
      if (chance(1 / 60)) toggle(this.#carried, entity.id);
      this.#change(world, entity, 1 / 60);
      this.#keepInside(world, entity);
    }
    for (const player of players) {
      if (chance(1 / 60)) player.team = chance(0.3) ? undefined : 1 + Math.floor(world.random() * 2);
      if (chance(1 / 90)) this.#steer(world, player);
    }
    for (const player of world.players) {
      if (chance(1 / 90)) {
        player.viewpoint = chance(0.5) ? undefined : { x: this.#within(world), y: this.#within(world) };
      }
      for (const entity of living) if (chance(1 / 400)) toggle(this.#hidden, `${player.id} ${entity.id}`);
    }
    for (const spectator of this.#spectators) {
      for (const entity of living) if (chance(1 / 400)) toggle(this.#hidden, `${spectator.id} ${entity.id}`);
      if (!chance(1 / 60) || living.length === 0) continue;
      const followed = living[Math.floor(world.random() * living.length)]!;
      spectator.follow(followed);
      this.#followed.set(spectator.id, followed.id);
    }
  }

  #members(world: WildWorld): WildPlayer[] {
    return [...world.players].filter(({ name }) => name !== this.#stranger);
  }

  /** Where rates are 0 nothing moves. */
  #rest(world: WildWorld): void {
    for (const entity of entitiesOf(world)) {
      for (const rate of ["vx", "vy", "sink", "warming", "loss"]) {
        if (rate in fieldsOf(entity)) set(entity, rate, 0);
      }
    }
  }

  #spawn(world: WildWorld): void {
    const kind = KINDS[Math.floor(world.random() * KINDS.length)]!;
    const entity = world.spawn(kind) as WildEntity;
    const index = Math.floor(entity.id / 2 ** 20);
    if (this.#lives.has(index)) this.reusedIndexes += 1;
    this.#lives.set(index, entity.id);
    handOver(entity, this.#members(world)[Math.floor(world.random() * 6)]?.id);
    this.#change(world, entity, 1);
  }

  #change(world: WildWorld, entity: WildEntity, share: number): void {
    const canary = (field: string) => () => this.#canary(entity, field);
    for (const field of Object.values(fieldsOf(entity))) {
      const random = (): number => (field.audience === "everyone" ? world.random() : this.#secret.next());
      const isPlace = field.name === "x" || field.name === "y";
      const isRare = field.spec.follows !== undefined || isPlace;
      if (random() >= (share < 1 && isRare ? share / 8 : share)) continue;
      set(entity, field.name, wildValue(field, random, canary(field.name)));
    }
  }

  /** As on a torus: that cannot be foretold. */
  #keepInside(world: WildWorld, entity: WildEntity): void {
    if (entity.kind !== "ship" && entity.kind !== "shot") return;
    if (Math.abs(entity.x) > SIDE - 10) entity.x *= -0.9;
    if (Math.abs(entity.y) > SIDE - 10) entity.y *= -0.9;
    if (world.random() < 1 / 300) entity.x = this.#within(world);
  }

  #steer(world: WildWorld, player: WildPlayer): void {
    const ships = [...world.ship];
    const ship = ships[Math.floor(world.random() * ships.length)];
    player.entity = world.random() < 0.2 ? undefined : (ship ?? world.spawn("ship"));
  }

  /** Nine letters that stand nowhere else. */
  #canary({ id }: WildEntity, field: string): string {
    this.#secrets += 1;
    const text = CANARY_MARK + this.#secrets.toString(36).padStart(9, "0");
    this.canaries.set(text, { id, field });
    return text;
  }

  #within(world: WildWorld): number {
    return (world.random() - 0.5) * 2 * SIDE;
  }
}

export function entitiesOf(world: WildWorld): WildEntity[] {
  const { ship, rock, shot, flag, empty, mine } = world;
  const all: WildEntity[] = [...ship, ...rock, ...shot, ...flag, ...empty, ...mine];
  return all.sort((a, b) => a.id - b.id);
}

const fieldsByKind = new Map(
  WILD_KINDS.map(({ name, fields }) => [
    name,
    Object.fromEntries(fields.map((field) => [field.name, field])),
  ]),
);

function fieldsOf({ kind }: WildEntity) {
  return fieldsByKind.get(kind)!;
}

function set(entity: WildEntity, field: string, value: unknown): void {
  (entity as unknown as AnyFields)[field] = value;
}

/** As `player.entity = …` does it, for what is not steered. */
function handOver(entity: WildEntity, owner: PlayerId | undefined): void {
  (entity as unknown as { owner: PlayerId | undefined }).owner = owner;
}

function toggle<T>(set: Set<T>, item: T): void {
  if (!set.delete(item)) set.add(item);
}
