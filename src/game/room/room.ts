import type { Game } from "../schema/define-game.ts";
import { DEFAULT_MAX_PLAYERS, type RoomHooks, type RoomRules } from "../schema/define-room.ts";
import type { PlayerId } from "../schema/field.ts";
import { decodeInputs, type InputReplica, packInput, unpackInput } from "../schema/input-codec.ts";
import { decodeMessage } from "../schema/message-codec.ts";
import type { Shape } from "../schema/shape.ts";
import type { ValueCounters } from "../schema/value-counters.ts";
import type { Player, World } from "../schema/world-types.ts";
import type { EntityStore } from "../world/entity-store.ts";
import { GameWorld } from "../world/game-world.ts";
import { InputBuffer } from "./input-buffer.ts";
import { Onlookers } from "./onlookers.ts";
import { playerName } from "./player-name.ts";
import { Rewind } from "./rewind.ts";
import { newRoomCounters, type RoomCounters } from "./room-counters.ts";
import type { RoomOptions } from "./room-options.ts";
import { type PlayerRoom, RoomPlayer, type Voucher } from "./room-player.ts";
import { RoomPost } from "./room-post.ts";

/**
 * One running game. It reads no clock and no socket: whoever drives it passes players and their bytes in, calls
 * `step` when a tick is due, and sends on what `deliver` and `nextKick` give.
 */
export class Room<S extends Shape> {
  readonly game: Game<S>;
  readonly name: string;
  readonly counters: RoomCounters = newRoomCounters();
  readonly maxPlayers: number;
  /** Spectators: they are no players, and none of the calls for players is for them. */
  readonly onlookers: Onlookers<S>;
  readonly #hooks: RoomHooks<S>;
  readonly #options: RoomOptions<S>;
  readonly #world: GameWorld;
  readonly #players = new Map<number, RoomPlayer<S>>();
  readonly #post: RoomPost<S>;
  readonly #forPlayers: PlayerRoom<S>;
  readonly #kicks: { player: Player<S>; reason: string }[] = [];
  readonly #neutral: InputReplica;
  readonly #neutralValues: object;
  readonly #rewind: Rewind | undefined;
  #isTicking = false;
  #lastPlayerId = 0;

  constructor(rules: RoomRules<S>, options: RoomOptions<S>) {
    this.game = rules.game;
    this.#hooks = rules.hooks;
    this.#options = options;
    this.name = options.name ?? "1";
    this.maxPlayers = options.maxPlayers ?? rules.hooks.maxPlayers ?? DEFAULT_MAX_PLAYERS;
    this.#neutral = packInput(rules.game, {});
    this.#neutralValues = unpackInput(rules.game, this.#neutral);
    const players = this.#players;
    this.#world = new GameWorld(rules.game, {
      seed: options.seed,
      ...(options.stepSeed !== undefined && { stepSeed: options.stepSeed }),
      players: {
        get size() {
          return players.size;
        },
        [Symbol.iterator]: () => players.values(),
      },
      broadcast: (name, message) => this.#post.broadcast(name, message, players.values(), this.onlookers),
      rewind: (player, fn) =>
        this.#rewind === undefined
          ? fn()
          : this.#rewind.run(player as RoomPlayer<Shape>, this.#isTicking, fn),
      ...(options.onValueWarning !== undefined && { onValueWarning: options.onValueWarning }),
    });
    this.#rewind = this.#newRewind();
    const post = new RoomPost(rules.game, this.#world, this.counters, options);
    this.#post = post;
    this.#forPlayers = {
      game: this.game,
      world: this.#world,
      send: (player, name, message) => post.send(player, name, message),
      kick: (player, reason) => this.#kick(player, reason),
      link: (player) => options.linkOf?.(player),
    };
    this.onlookers = new Onlookers(rules, {
      ...{ room: this.#forPlayers, post, counters: this.counters },
      world: () => this.world,
      nextId: () => this.#nextId(),
      run: (where, hook) => this.#run(where, hook),
    });
    this.#run("onCreate", () => rules.hooks.onCreate?.(this.world));
  }

  /** The tick that is about to run: the state is that after so many ticks. */
  get tick(): number {
    return this.#world.tick;
  }

  get playerCount(): number {
    return this.#players.size;
  }

  get isFull(): boolean {
    return this.#players.size >= this.maxPlayers;
  }

  get players(): Iterable<Player<S>> {
    return this.#players.values();
  }

  /** The world as the rules see it: for tests and dumps. */
  get world(): World<S> {
    return this.#world as unknown as World<S>;
  }

  /** Where its entities live, for those who tell players of them. */
  get "~store"(): EntityStore {
    return this.#world["~store"];
  }

  /** What was wrong with values that the rules wrote. */
  get valueCounters(): ValueCounters {
    return this.#world["~counters"];
  }

  /**
   * Lets a player in and runs `onJoin`; before that `onAdmitted`, so that a transport is there for what it sends.
   * `voucher`: what the game's backend said of the player.
   *
   * @throws RangeError when the room is full: ask `isFull` first.
   */
  join(
    name: string,
    onAdmitted: (player: RoomPlayer<S>) => void = () => {},
    voucher: Voucher = {},
  ): RoomPlayer<S> {
    if (this.isFull) throw new RangeError(`The room holds at most ${this.maxPlayers} players.`);
    const id = this.#nextId();
    const inputs = new InputBuffer(this.#neutral, this.counters);
    const room = this.#forPlayers;
    const player = new RoomPlayer<S>(room, id, playerName(name, id), inputs, this.#neutral, voucher);
    this.#players.set(id, player);
    onAdmitted(player);
    this.#runFor(player, "onJoin", () => this.#hooks.onJoin?.(this.world, player));
    return player;
  }

  #nextId(): PlayerId {
    this.#lastPlayerId += 1;
    return this.#lastPlayerId as PlayerId;
  }

  /** Runs `onLeave`, then takes the player and all it owns out. A second time does nothing. */
  leave(player: Player<S>, reason: string): void {
    const member = this.#players.get(player.id);
    if (member !== player || member === undefined) return;
    member["~stays"] = false;
    this.#run("onLeave", () => this.#hooks.onLeave?.(this.world, player, reason));
    this.#world["~despawnOwned"](player.id);
    this.#players.delete(player.id);
  }

  /** Nothing is heard of the player; it keeps its place and all it owns. Runs `onDrop`. */
  drop(player: Player<S>): void {
    const member = this.#players.get(player.id);
    if (member !== player || !member.isConnected) return;
    member.isConnected = false;
    this.#run("onDrop", () => this.#hooks.onDrop?.(this.world, player));
  }

  /** The player is heard again. Runs `onReconnect`. */
  reconnect(player: Player<S>): void {
    const member = this.#players.get(player.id);
    if (member !== player || member.isConnected) return;
    member.isConnected = true;
    this.#run("onReconnect", () => this.#hooks.onReconnect?.(this.world, player));
  }

  /** How many players are dropped. */
  get droppedCount(): number {
    let dropped = 0;
    for (const { isConnected } of this.#players.values()) if (!isConnected) dropped += 1;
    return dropped;
  }

  /** Takes an input frame. Bytes need not outlive the call. */
  receiveInput(player: Player<S>, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const member = player as RoomPlayer<S>;
    if (!this.#stays(member)) return;
    const buffer = member["~inputs"];
    const frame = decodeInputs(this.game, bytes, start, end, buffer);
    if (frame === undefined) {
      this.counters.inputFramesMalformed += 1;
      return;
    }
    const { newestTick, seenLagEighths, inputs } = frame;
    for (let n = 0; n < inputs.length; n += 1) {
      buffer.offer(newestTick - n, inputs[n]!, this.tick, seenLagEighths, newestTick);
    }
  }

  /** Takes a message and runs the rules for it. Bytes need not outlive the call. */
  receiveMessage(player: Player<S>, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (!this.#stays(player as RoomPlayer<S>)) return;
    const message = decodeMessage(this.game, "client", bytes, start, end, this.#post.schemaFault);
    if (message === undefined) {
      this.counters.messagesMalformed += 1;
      return;
    }
    this.counters.messagesReceived += 1;
    // The decoder made `values` of the very fields, or by the very schema, that the hook's type was inferred from.
    const hooks = (this.#hooks.onMessage ?? {}) as Readonly<Record<string, MessageHook<S> | undefined>>;
    const hook = hooks[message.name];
    const where = `onMessage.${message.name}`;
    this.#runFor(player, where, () => hook?.(this.world, player, message.values));
  }

  /** Runs one tick: takes inputs, steps entities in the order of ids, runs `onTick`. */
  step(): void {
    for (const player of this.#players.values()) player["~takeInput"](this.tick);
    this.#world["~step"](
      (owner) => (owner === undefined ? undefined : this.#players.get(owner)?.input) ?? this.#neutralValues,
      (error, kind) => {
        this.counters.stepErrors += 1;
        this.#options.onError?.(error, `step.${kind}`);
      },
    );
    this.#isTicking = true;
    this.#run("onTick", () => this.#hooks.onTick?.(this.world));
    this.#isTicking = false;
    this.#world["~roundState"]();
    this.#world["~endTick"]();
  }

  /**
   * How early the player's inputs come: the newest tick one came for − the tick about to run. 0 is just in time,
   * less is late; before the first input 0.
   */
  leadTicks(player: Player<S>): number {
    const { newestTick: newest } = (player as RoomPlayer<S>)["~inputs"];
    return newest < 0 ? 0 : newest - this.tick;
  }

  /** Whom the rules want gone: tell the player, then call `leave` with the reason. Each is given once. */
  nextKick(): { readonly player: Player<S>; readonly reason: string } | undefined {
    return this.#kicks.shift();
  }

  #newRewind(): Rewind | undefined {
    const { history, onError = () => {} } = this.#options;
    const [world, { tickRate }, { rewind: kinds }, counters] = [
      this.#world,
      this.game,
      this.#hooks,
      this.counters,
    ];
    return history && new Rewind({ world, tickRate, history, kinds, counters, onError });
  }

  #stays(player: RoomPlayer<S>): boolean {
    if (player["~stays"]) return true;
    this.counters.receivedAfterLeave += 1;
    return false;
  }

  #kick(player: RoomPlayer<S>, reason: string): void {
    if (!player["~stays"]) return;
    player["~stays"] = false;
    this.#kicks.push({ player, reason });
  }

  /** Runs a hook on behalf of a player: what it throws costs this player the stay, and no one else. */
  #runFor(player: Player<S>, where: string, hook: () => void): void {
    if (!this.#run(where, hook)) player.kick("room-error");
  }

  #run(where: string, hook: () => void): boolean {
    try {
      hook();
      return true;
    } catch (error) {
      this.fail(error, where);
      return false;
    }
  }

  /** The rules threw: counted and told, and the game goes on. */
  fail(error: unknown, where: string): void {
    this.counters.hookErrors += 1;
    this.#options.onError?.(error, where);
  }
}

type MessageHook<S extends Shape> = (world: World<S>, player: Player<S>, message: unknown) => void;
