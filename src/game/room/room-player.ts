import type { Game } from "../schema/define-game.ts";
import type { PlayerId, Vec2 } from "../schema/field.ts";
import { type InputReplica, unpackInput } from "../schema/input-codec.ts";
import { type LinkQuality, NO_LINK } from "../schema/link-quality.ts";
import type {
  Avatar,
  Entity,
  FromServer,
  InputValues,
  SendResult,
  SentPayload,
  Shape,
} from "../schema/shape.ts";
import type { Player } from "../schema/world-types.ts";
import type { EntityView } from "../world/entity-view.ts";
import type { GameWorld } from "../world/game-world.ts";
import type { InputBuffer } from "./input-buffer.ts";

/** What a player asks of its room. */
export interface PlayerRoom<S extends Shape> {
  readonly game: Game<S>;
  readonly world: GameWorld;
  send(player: RoomPlayer<S>, name: string, message: unknown): SendResult;
  kick(player: RoomPlayer<S>, reason: string): void;
  link(player: RoomPlayer<S>): LinkQuality | undefined;
}

/** What a game's backend said of a player. */
export interface Voucher {
  readonly account?: string;
  readonly userData?: Uint8Array;
}

/** A member of a room. */
export class RoomPlayer<S extends Shape> implements Player<S> {
  readonly id: PlayerId;
  readonly name: string;
  readonly account: string | undefined;
  readonly userData: Uint8Array;
  input: Readonly<InputValues<S>>;
  isConnected = true;
  team: number | undefined = undefined;
  viewpoint: Readonly<Vec2> | undefined = undefined;
  rewindsClamped = 0;
  readonly "~inputs": InputBuffer;
  /** False from the moment the player has left or is to be kicked. */
  "~stays" = true;
  readonly #room: PlayerRoom<S>;
  #taken: InputReplica;
  #entityId = 0;

  constructor(
    room: PlayerRoom<S>,
    id: PlayerId,
    name: string,
    inputs: InputBuffer,
    neutral: InputReplica,
    voucher: Voucher,
  ) {
    this.#room = room;
    this.id = id;
    this.name = name;
    this.account = voucher.account;
    this.userData = voucher.userData ?? new Uint8Array(0);
    this["~inputs"] = inputs;
    this.#taken = neutral;
    this.input = unpackInput(room.game, neutral);
  }

  get isSpectator(): boolean {
    return false;
  }

  get entity(): Entity<S, Avatar<S>> | undefined {
    return this.#entity() as unknown as Entity<S, Avatar<S>> | undefined;
  }

  set entity(entity: Entity<S, Avatar<S>> | undefined) {
    const before = this.#entity();
    const next = this.#room.world.get(entity?.id);
    if (before !== undefined && before !== next) before.owner = undefined;
    if (next !== undefined) next.owner = this.id;
    this.#entityId = next?.id ?? 0;
  }

  get link(): LinkQuality {
    return this.#room.link(this) ?? NO_LINK;
  }

  /** Id of what the player steers, 0 = none. */
  get "~entityId"(): number {
    return this.#entity()?.id ?? 0;
  }

  send<N extends FromServer<S>>(name: N, message: SentPayload<S["messages"][N]>): SendResult {
    return this.#room.send(this, name, message);
  }

  kick(reason: string): void {
    this.#room.kick(this, reason);
  }

  "~takeInput"(tick: number): void {
    const taken = this["~inputs"].take(tick);
    if (taken === this.#taken) return;
    this.#taken = taken;
    this.input = unpackInput(this.#room.game, taken);
  }

  /** What is steered is what still lives and was not handed to someone else. */
  #entity(): EntityView | undefined {
    const entity = this.#room.world.get(this.#entityId);
    return entity?.owner === this.id ? entity : undefined;
  }
}
