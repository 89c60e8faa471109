import type { Vec2 } from "../schema/field.ts";

/** What interest asks of a player. */
export interface Watcher {
  readonly id: number;
  readonly team: number | undefined;
  readonly viewpoint: Readonly<Vec2> | undefined;
  /** Id of what the player steers, 0 = none. */
  readonly "~entityId": number;
}
