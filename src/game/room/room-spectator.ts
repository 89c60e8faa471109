import type { PlayerId } from "../schema/field.ts";
import type { InputReplica } from "../schema/input-codec.ts";
import type { Shape } from "../schema/shape.ts";
import type { Spectator } from "../schema/world-types.ts";
import type { InputBuffer } from "./input-buffer.ts";
import { type PlayerRoom, RoomPlayer, type Voucher } from "./room-player.ts";

/** Someone who looks on: to interest and to messages a player, who has no team and never an entity. */
export class RoomSpectator<S extends Shape> extends RoomPlayer<S> implements Spectator<S> {
  readonly #room: PlayerRoom<S>;
  #followed = 0;

  constructor(
    room: PlayerRoom<S>,
    id: PlayerId,
    name: string,
    inputs: InputBuffer,
    neutral: InputReplica,
    voucher: Voucher,
  ) {
    super(room, id, name, inputs, neutral, voucher);
    this.#room = room;
    // What is for a team's eyes is not for these, whatever the rules do.
    Object.defineProperty(this, "team", { value: undefined, writable: false, enumerable: true });
  }

  override get isSpectator(): boolean {
    return true;
  }

  override get entity(): undefined {
    return undefined;
  }

  override set entity(entity: object | undefined) {
    if (entity !== undefined) throw new TypeError("A spectator steers nothing.");
  }

  follow(entity: { readonly id: number } | undefined): void {
    this.#followed = entity?.id ?? 0;
  }

  /** Id of what is followed, if it still lives: interest looks from where it is. */
  override get "~entityId"(): number {
    return this.#room.world.get(this.#followed)?.id ?? 0;
  }
}
