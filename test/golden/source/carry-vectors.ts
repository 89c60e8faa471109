import { CarryBlock } from "../../../src/game/replication/carry-block.ts";
import { CarryReader } from "../../../src/game/replication/carry-reader.ts";
import { DeltaBlock } from "../../../src/game/replication/delta-block.ts";
import { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { NOTHING_NEW, ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { definitionJson } from "../../../src/game/schema/definition-json.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { entityIndex } from "../../../src/game/world/entity-store.ts";
import type { EntityView } from "../../../src/game/world/entity-view.ts";
import { GameWorld } from "../../../src/game/world/game-world.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { plainOwn } from "../../game/replication/plain-own.ts";
import { motionGame } from "../delta-game.ts";
import { hex } from "../hex.ts";
import { plainExact } from "../plain-exact.ts";
import { float64Bits } from "./game-vectors.ts";

const game = motionGame as unknown as Game<Shape>;
const PLAYER = 1;

/** A scripted world, and the player who owns some of it. */
class Script {
  readonly world = new GameWorld(game, { seed: 1, players: new Set(), broadcast() {} });
  readonly steps: object[] = [];
  readonly #history = new ReplicaHistory(game);
  readonly #deltas = new DeltaBlock(new DeltaEncoder(this.#history));
  readonly #carries = new CarryBlock(this.#history, this.world["~store"]);
  readonly #store = new ReplicaStore(game);
  readonly #reader = new CarryReader(this.#store);
  /** By entity index. */
  readonly #heldTicks = new Map<number, number>();

  spawn(kind: string, values: Record<string, unknown>, owner: number): EntityView {
    const view = this.world.spawn(kind, values);
    view.owner = owner as never;
    return view;
  }

  /** Ends so many ticks; what has rates moves. */
  run(ticks: number): void {
    for (let n = 0; n < ticks; n += 1) {
      for (const view of this.world["~store"].views) {
        const fields = view as unknown as Record<string, number>;
        for (const { name, spec } of view?.["~table"].schema.fields ?? []) {
          if (spec.follows !== undefined) fields[name]! += fields[spec.follows]! * this.world.dt;
        }
      }
      this.world["~roundState"]();
      this.world["~endTick"]();
      this.#history.capture(this.world["~store"], this.world.tick);
    }
  }

  /** Tells the player of `told`, in a delta block if there is something new, then of all it owns. */
  tell(meaning: string, told: readonly EntityView[], avatar: EntityView | undefined, roomBytes = 1140): void {
    const block = this.#tellDeltas(told);
    const owned = this.world["~store"].views.filter((view) => view?.owner === PLAYER) as EntityView[];
    const indexes = Int32Array.from(owned, ({ id }) => entityIndex(id));
    const heldTicks = Float64Array.from(indexes, (index) => this.#heldTicks.get(index) ?? -1);
    const avatarIndex = avatar === undefined ? -1 : entityIndex(avatar.id);
    const own = { playerId: PLAYER, avatarIndex, indexes, heldTicks, count: indexes.length };
    const writer = new MsgpackWriter().reset(new Uint8Array(1140));
    this.#carries.write(writer, own, roomBytes);
    const carries = writer.bytes.slice(0, writer.at);
    if (!this.#reader.receive(carries)) throw new Error(`The carries of ${meaning} are refused.`);
    const { state } = this.#reader;
    const exact = plainExact(state, this.#store);
    this.#expectTruth(exact);
    this.steps.push({ meaning, deltas: block, carries: hex(carries), own: plainOwn(state), exact });
  }

  #tellDeltas(told: readonly EntityView[]): string | null {
    const { tick } = this.world;
    this.#deltas.begin(tick, 1140);
    for (const { id } of told) {
      const index = entityIndex(id);
      const age = this.#history.ageFor(index, this.#heldTicks.get(index) ?? -1, 2);
      if (age !== NOTHING_NEW) this.#deltas.add(index, age, 2);
      this.#heldTicks.set(index, tick);
    }
    if (this.#deltas.size === 0) return null;
    const writer = new MsgpackWriter().reset(new Uint8Array(1140));
    this.#deltas.write(writer);
    const block = writer.bytes.slice(0, writer.at);
    if (!this.#store.receive(block)) throw new Error("A delta block is refused.");
    return hex(block);
  }

  /** What the vectors say is what the world holds. */
  #expectTruth(exact: ReturnType<typeof plainExact>): void {
    for (const { id, numbers } of exact) {
      const { "~table": table, "~row": row } = this.world.get(id)!;
      for (const { name, codec, column } of table.schema.fields) {
        if (codec.scalar === undefined || numbers[name] === undefined) continue;
        const halves = Array.from({ length: codec.width }, (_, h) =>
          float64Bits(table.numbers[column + h]![row]!),
        );
        if (`${numbers[name]}` !== `${halves}`) throw new Error(`${name} of ${id} is not ${halves}.`);
      }
    }
  }
}

/** Blocks that none may take, whatever it holds. */
const REFUSED: readonly [block: string, why: string][] = [
  ["", "nothing"],
  ["0501", "no avatar"],
  ["cc050101", "a longer form"],
  ["050001", "player 0"],
  ["0501ce00100001", "an avatar past the last index"],
  ["050101" + "ce00100000" + "0000", "an index past the last"],
  ["050101" + "ff" + "0000", "a negative gap"],
  ["cc960101" + "00" + "cc80" + "00", "an age of 128"],
  ["050101" + "00" + "06" + "00", "an age of more than the tick"],
  ["050101" + "00" + "00", "no count"],
  ["050101" + "00" + "00" + "02" + "10", "a carry less than counted"],
  [`05010100${"00"}cd0101${"00".repeat(257)}`, "a count of 257"],
];

/**
 * Carry blocks in order, each with what it says and, after the delta block beside it was taken, the stored numbers of
 * which the player then knows that they are exact; as the bits of doubles.
 */
export function carryVectors(): object {
  const script = new Script();
  script.run(1);
  script.tell("a spectator", [], undefined);
  const ada = script.spawn("ship", { x: 10, vx: 12.53, vy: -3, warming: 1.5, heat: 5, aim: 1 }, PLAYER);
  const bob = script.spawn("ship", { x: -20, vx: 1 }, 2);
  const shot = script.spawn("shot", { x: 200, vx: 60.01 }, PLAYER);
  const empty = script.spawn("empty", {}, PLAYER);
  script.run(1);
  script.tell("all is new; of what others own there are no carries", [ada, bob, shot, empty], ada);
  script.run(8);
  script.tell("nothing is new: replicas went on by themselves, and carries grew", [], ada);
  script.run(10);
  script.tell("a replica had drifted too far, and no record of it came: only the others are known", [], ada);
  script.run(1);
  script.tell("the record came: all is known again", [ada, shot], ada);
  Object.assign(ada, { aim: 6.283, at: { x: -9.99, y: 0.26 }, vx: 0, vy: 127.99, y: 255.995 });
  script.run(1);
  script.tell("an angle just below a whole turn, whose replica is 0; numbers near their bounds", [ada], ada);
  Object.assign(ada, { aim: 0.002, at: { x: 10, y: -10 }, heat: 49.97, warming: 20, score: -70_000, hp: 3 });
  script.run(2);
  script.tell("numbers at their bounds; whole ones have no carries", [ada], shot);
  Object.assign(ada, { vy: 0, warming: 0 });
  Object.assign(shot, { vx: 0 });
  script.run(1);
  script.tell("room for one record: that of what the player steers", [ada, shot], shot, 9);
  script.run(126);
  script.tell("an age of 126", [], ada);
  script.run(1);
  script.tell("127 and more, which the player has acked", [], ada);
  Object.assign(empty, { owner: 2 });
  Object.assign(shot, { owner: 2 });
  Object.assign(bob, { owner: PLAYER });
  script.run(1);
  script.tell("new owners: what the player was told before, with other eyes, counts no more", [], bob);
  script.run(2);
  script.tell("until it is told anew", [bob], bob);
  script.run(2 ** 16 - script.world.tick);
  script.tell("a later tick", [ada, bob], bob);
  const refused = REFUSED.map(([block, why]) => ({ block, why }));
  return { definition: JSON.parse(definitionJson(game)), steps: script.steps, refused };
}
