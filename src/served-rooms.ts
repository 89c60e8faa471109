/**
 * The rooms of one server, and which of them a newcomer comes into. They run one game and share an endpoint and the
 * beat of the tick, and nothing else.
 */
import type { RoomRules } from "./game/schema/define-room.ts";
import type { Shape } from "./game/schema/shape.ts";
import { hashedRandom } from "./game/world/hashed-random.ts";
import type { Connection } from "./net/connection/connection.ts";
import type { Refusal } from "./net/connection/server-handshake.ts";
import type { TokenClaims } from "./net/crypto/connect-token.ts";
import { ServedRoom } from "./served-room.ts";
import type { GameServerParts } from "./server-parts.ts";

type RoomsParts = Pick<
  GameServerParts,
  "rooms" | "seed" | "stepSeed" | "maxPlayers" | "onGameError" | "onValueWarning"
>;

export class ServedRooms<S extends Shape> {
  /** Named "1", "2" and so on. */
  readonly all: readonly ServedRoom<S>[];
  /** By name. */
  readonly #indexes = new Map<string, number>();

  /** @throws RangeError when `rooms` is no whole number of at least 1. */
  constructor(rules: RoomRules<S>, parts: RoomsParts) {
    const { rooms = 1, seed, stepSeed, maxPlayers, onGameError, onValueWarning } = parts;
    if (!Number.isInteger(rooms) || rooms < 1) throw new RangeError("rooms must be a whole number from 1 on");
    this.all = Array.from({ length: rooms }, (_, i) => {
      const name = String(i + 1);
      this.#indexes.set(name, i);
      return new ServedRoom(rules, {
        name,
        seed: seedOf(seed, i),
        ...(stepSeed !== undefined && { stepSeed }),
        ...(maxPlayers !== undefined && { maxPlayers }),
        ...(onGameError !== undefined && { onError: (error, where) => onGameError(error, where, name) }),
        ...(onValueWarning !== undefined && { onValueWarning: (warning) => onValueWarning(warning, name) }),
      });
    });
  }

  named(name: string): ServedRoom<S> | undefined {
    return this.all[this.#indexes.get(name) ?? -1];
  }

  /** How many may play in all rooms together. */
  get places(): number {
    return this.#sum(false);
  }

  /** How many may be inside, those who look on included. */
  get seats(): number {
    return this.#sum(false) + this.#sum(true);
  }

  #sum(isSpectator: boolean): number {
    let places = 0;
    for (const served of this.all) places += placesOf(served, isSpectator);
    return places;
  }

  /**
   * The name of the room for a newcomer, or why there is none. Whoever has asked for none comes back to where its
   * `former` connection is, else into the fullest room that still has a place, so that players meet. Those who are
   * `arriving` have their places already, though they are in no room yet.
   */
  roomFor(
    { room: wished, spectate }: Pick<TokenClaims, "room" | "spectate">,
    former: Connection | undefined,
    arriving: Iterable<Connection>,
  ): string | Refusal {
    const taken = this.#taken(spectate, former, arriving);
    const hasPlace = (i: number): boolean => taken[i]! < placesOf(this.all[i]!, spectate);
    // Who looks on wants to see players.
    const company = spectate ? this.all.map(({ room }) => room.playerCount) : taken;
    const name = wished === "" ? former?.room : wished;
    if (name !== undefined) {
      const i = this.#indexes.get(name);
      if (i === undefined) return { reason: "unknown-room", detail: `there is no room "${name}" here` };
      return hasPlace(i) ? name : { reason: "full", detail: `room "${name}" is full` };
    }
    let fullest = -1;
    for (let i = 0; i < taken.length; i += 1) {
      if (hasPlace(i) && (fullest < 0 || company[i]! > company[fullest]!)) fullest = i;
    }
    return fullest >= 0
      ? this.all[fullest]!.room.name
      : { reason: "full", detail: `all ${this.#sum(spectate)} places are taken` };
  }

  /** By room: how many places to play or to look on are taken, not counting the one that `former` gives back. */
  #taken(spectate: boolean, former: Connection | undefined, arriving: Iterable<Connection>): number[] {
    const taken = this.all.map(({ room }) => (spectate ? room.onlookers.count : room.playerCount));
    for (const { state, room, isSpectator } of arriving) {
      if (state === "accepted" && isSpectator === spectate) taken[this.#indexes.get(room)!]! += 1;
    }
    if (former?.isSpectator === spectate) taken[this.#indexes.get(former.room)!]! -= 1;
    return taken;
  }
}

function placesOf<S extends Shape>({ room }: ServedRoom<S>, isSpectator: boolean): number {
  return isSpectator ? room.onlookers.max : room.maxPlayers;
}

/** Rooms draw other numbers, and the first those it would draw alone. */
function seedOf(seed: number, i: number): number {
  return i === 0 ? seed : Math.floor(hashedRandom(seed, 0, i, 0) * 0x1_0000_0000);
}
