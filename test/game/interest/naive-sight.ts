import { LEAVE_RADII, MIN_STAY_SECONDS } from "../../../src/game/interest/sight.ts";
import type { Vec2 } from "../../../src/game/schema/field.ts";
import type { EntityView } from "../../../src/game/world/entity-view.ts";
import { type SmallWorld, smallGame, type TestPlayer } from "./small-world.ts";

export interface NaiveRules {
  readonly radius: number;
  readonly isAlways: (entity: EntityView) => boolean;
  readonly sees: (player: TestPlayer, entity: EntityView) => boolean;
}

/** Who sees what, by asking every entity each time: the definition that the fast way must equal. */
export class NaiveSight {
  /** By entity id. */
  readonly seen = new Map<number, { entered: number; viewerClass: number }>();
  readonly #player: TestPlayer;
  readonly #rules: NaiveRules;
  #centre: Vec2 | undefined;

  constructor(player: TestPlayer, rules: NaiveRules) {
    this.#player = player;
    this.#rules = rules;
  }

  look(small: SmallWorld, players: readonly TestPlayer[]): void {
    const player = this.#player;
    const { world, tick } = small;
    const avatar = world.get(player["~entityId"]);
    if (player.viewpoint !== undefined) this.#centre = player.viewpoint;
    else if (avatar !== undefined && avatar.kind !== "score") this.#centre = placeOf(avatar);
    const living = new Map(
      world["~store"].views.flatMap((view) => (view === undefined ? [] : [[view.id, view] as const])),
    );
    for (const id of this.seen.keys()) if (!living.has(id)) this.seen.delete(id);
    for (const entity of living.values()) {
      const before = this.seen.get(entity.id);
      if (!this.#isSeen(entity, before?.entered, tick)) {
        this.seen.delete(entity.id);
        continue;
      }
      const viewerClass = this.#classOf(entity, players);
      if (before?.viewerClass !== viewerClass) this.seen.set(entity.id, { entered: tick, viewerClass });
    }
  }

  #isSeen(entity: EntityView, entered: number | undefined, tick: number): boolean {
    const { radius, isAlways, sees } = this.#rules;
    if (!sees(this.#player, entity)) return false;
    if (entity.kind === "score" || isAlways(entity) || entity.owner === this.#player.id) return true;
    if (this.#centre === undefined) return true;
    const { x, y } = placeOf(entity);
    const dx = x - this.#centre.x;
    const dy = y - this.#centre.y;
    const distance2 = dx * dx + dy * dy;
    if (distance2 <= radius * radius) return true;
    if (entered === undefined) return false;
    if (distance2 <= (radius * LEAVE_RADII) ** 2) return true;
    return tick - entered < MIN_STAY_SECONDS * smallGame.tickRate;
  }

  #classOf(entity: EntityView, players: readonly TestPlayer[]): number {
    if (entity.owner === this.#player.id) return 2;
    const owner = players.find(({ id }) => id === entity.owner);
    return owner?.team !== undefined && owner.team === this.#player.team ? 1 : 0;
  }
}

function placeOf(entity: EntityView): Vec2 {
  const { x, y } = entity as unknown as Vec2;
  return { x, y };
}
