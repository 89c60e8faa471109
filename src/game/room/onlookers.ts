import { DEFAULT_MAX_SPECTATORS, type RoomRules } from "../schema/define-room.ts";
import type { PlayerId } from "../schema/field.ts";
import { type InputReplica, packInput } from "../schema/input-codec.ts";
import { decodeMessage } from "../schema/message-codec.ts";
import type { FromClient, Payload, Shape } from "../schema/shape.ts";
import type { World } from "../schema/world-types.ts";
import { InputBuffer } from "./input-buffer.ts";
import { playerName } from "./player-name.ts";
import type { RoomCounters } from "./room-counters.ts";
import type { PlayerRoom, Voucher } from "./room-player.ts";
import type { RoomPost } from "./room-post.ts";
import { RoomSpectator } from "./room-spectator.ts";

export interface OnlookersParts<S extends Shape> {
  readonly room: PlayerRoom<S>;
  readonly post: RoomPost<S>;
  readonly counters: RoomCounters;
  readonly world: () => World<S>;
  /** No player of the room has it, nor ever gets it. */
  readonly nextId: () => PlayerId;
  /** Runs a hook; false when it threw. */
  readonly run: (where: string, hook: () => void) => boolean;
}

/** Those who look on in a room, and what its rules hear of them. */
export class Onlookers<S extends Shape> {
  readonly max: number;
  readonly #all = new Set<RoomSpectator<S>>();
  readonly #rules: RoomRules<S>;
  readonly #parts: OnlookersParts<S>;
  readonly #neutral: InputReplica;

  constructor(rules: RoomRules<S>, parts: OnlookersParts<S>) {
    this.#rules = rules;
    this.#parts = parts;
    this.max = rules.hooks.maxSpectators ?? DEFAULT_MAX_SPECTATORS;
    this.#neutral = packInput(rules.game, {});
  }

  get count(): number {
    return this.#all.size;
  }

  get isFull(): boolean {
    return this.#all.size >= this.max;
  }

  [Symbol.iterator](): Iterator<RoomSpectator<S>> {
    return this.#all.values();
  }

  /**
   * Lets someone look on and runs `onSpectate`; before that `onAdmitted`, as `Room.join` does.
   *
   * @throws RangeError when there is no place: ask `isFull` first.
   */
  join(
    name: string,
    onAdmitted: (spectator: RoomSpectator<S>) => void = () => {},
    voucher: Voucher = {},
  ): RoomSpectator<S> {
    if (this.isFull) throw new RangeError(`The room holds at most ${this.max} spectators.`);
    const { room, counters, nextId, world } = this.#parts;
    const id = nextId();
    const inputs = new InputBuffer(this.#neutral, counters);
    const spectator = new RoomSpectator<S>(room, id, playerName(name, id), inputs, this.#neutral, voucher);
    this.#all.add(spectator);
    onAdmitted(spectator);
    this.#runFor(spectator, "onSpectate", () => this.#rules.hooks.onSpectate?.(world(), spectator));
    return spectator;
  }

  leave(spectator: RoomSpectator<S>, reason: string): void {
    if (!this.#all.delete(spectator)) return;
    spectator["~stays"] = false;
    const { run, world } = this.#parts;
    run("onSpectatorLeave", () => this.#rules.hooks.onSpectatorLeave?.(world(), spectator, reason));
  }

  /** Whoever looks on wants nothing in the game. */
  receiveInput(): void {
    this.#parts.counters.spectatorsIgnored += 1;
  }

  /** Takes a message and runs the rules for it. Bytes need not outlive the call. */
  receiveMessage(spectator: RoomSpectator<S>, bytes: Uint8Array, start: number, end: number): void {
    const { counters, post, world } = this.#parts;
    const message = decodeMessage(this.#rules.game, "client", bytes, start, end, post.schemaFault);
    if (message === undefined) {
      counters.messagesMalformed += 1;
      return;
    }
    const { name, values } = message;
    const hook = this.#rules.hooks.onSpectatorMessage?.[name as FromClient<S>];
    if (hook === undefined || !spectator["~stays"]) {
      counters.spectatorsIgnored += 1;
      return;
    }
    counters.messagesReceived += 1;
    // The decoder made it of the very fields, or by the very schema, that the hook's type was inferred from.
    const typed = values as Payload<S["messages"][FromClient<S>]>;
    this.#runFor(spectator, `onSpectatorMessage.${name}`, () => hook(world(), spectator, typed));
  }

  /** What the rules throw for one of them costs this one the stay. */
  #runFor(spectator: RoomSpectator<S>, where: string, hook: () => void): void {
    if (!this.#parts.run(where, hook)) spectator.kick("room-error");
  }
}
