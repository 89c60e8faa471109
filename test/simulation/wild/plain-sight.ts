/** Who sees what, by asking every entity each tick, in the words of `docs/decisions/interest.md`. */
import type { Vec2 } from "../../../src/game/schema/field.ts";
import type { Eyes } from "./truth.ts";
import type { WildEntity, WildPlayer, WildRules } from "./wild-rules.ts";

const LEAVE_RADII = 1.2;
const STAY_SECONDS = 0.5;

/** What one player sees. It looks when it is told of a tick, and not while it is away. */
export class PlainSight {
  readonly #rules: WildRules;
  readonly #stayTicks: number;
  #seen = new Map<number, { readonly since: number; readonly eyes: Eyes }>();
  /** The viewpoint, else what is steered, else where that was last. */
  centre: Vec2 | undefined;

  constructor(rules: WildRules, tickRate: number) {
    this.#rules = rules;
    this.#stayTicks = Math.ceil(STAY_SECONDS * tickRate);
  }

  look(
    player: WildPlayer,
    entities: readonly WildEntity[],
    players: ReadonlyMap<number, WildPlayer>,
    tick: number,
  ): ReadonlyMap<number, Eyes> {
    if (player.viewpoint !== undefined) this.centre = { ...player.viewpoint };
    else if (player.entity !== undefined) this.centre = { x: player.entity.x, y: player.entity.y };
    else this.centre = this.#rules.followedPlace(player, entities) ?? this.centre;
    const before = this.#seen;
    this.#seen = new Map();
    for (const entity of entities) {
      const known = before.get(entity.id);
      const mayStay = known !== undefined && tick - known.since < this.#stayTicks;
      const radii = known === undefined ? 1 : LEAVE_RADII;
      if (!this.#rules.sees(player, entity) || !(mayStay || this.isWithin(player, entity, radii))) continue;
      const eyes = eyesFor(player, entity, players);
      this.#seen.set(entity.id, known?.eyes === eyes ? known : { since: tick, eyes });
    }
    return new Map([...this.#seen].map(([id, { eyes }]) => [id, eyes]));
  }

  /** Whatever was before: it is common, owned, or so many radii away at most. */
  isWithin(player: WildPlayer, entity: WildEntity, radii: number): boolean {
    const { radius } = this.#rules.interest;
    if (
      radius === Infinity ||
      entity.kind === "flag" ||
      entity.kind === "empty" ||
      this.#rules.isAlways(entity)
    )
      return true;
    if (entity.owner === player.id || this.centre === undefined) return true;
    const dx = entity.x - this.centre.x;
    const dy = entity.y - this.centre.y;
    return dx * dx + dy * dy <= (radius * radii) ** 2;
  }
}

export function eyesFor(
  player: WildPlayer,
  { owner }: WildEntity,
  players: ReadonlyMap<number, WildPlayer>,
): Eyes {
  if (owner === undefined) return 0;
  if (owner === player.id) return 2;
  const team = players.get(owner)?.team;
  return team !== undefined && team === player.team ? 1 : 0;
}
