import type { View } from "../schema/client-types.ts";
import type { Game } from "../schema/define-game.ts";
import type { Replica } from "../schema/field-codec.ts";
import type { GameSchema, KindSchema } from "../schema/game-schema.ts";
import type { Shape } from "../schema/shape.ts";
import type { OwnState } from "./own-block.ts";
import { type KindSnapshot, replicaAt, type Snapshot } from "./snapshot.ts";

/**
 * An entity as a client sees it. The same object for as long as the entity is seen; afterwards it gives what
 * was seen last. A subclass per game has a getter per field name.
 */
class SeenView {
  readonly id: number;
  readonly kind: string;
  "~kind": KindSnapshot;
  "~at" = 0;
  "~own": readonly Replica[] | undefined = undefined;

  constructor(id: number, kind: KindSnapshot) {
    this.id = id;
    this.kind = kind.schema.name;
    this["~kind"] = kind;
  }

  get owner(): number | undefined {
    return this["~kind"].owners[this["~at"]] || undefined;
  }

  "~read"(name: string): unknown {
    const { schema } = this["~kind"];
    const field = schema.fields.find((candidate) => candidate.name === name);
    if (field === undefined || field.audience === "server") return undefined;
    if (field.audience === "everyone") {
      return field.codec.unpack(replicaAt(this["~kind"], this["~at"], field));
    }
    const own = this["~own"];
    const at = schema.own.fields.indexOf(field);
    // Full snapshots do not tell teams anything.
    return own === undefined || at < 0 ? undefined : field.codec.unpack(own[at]);
  }
}

function seenViewClass(schema: GameSchema): typeof SeenView {
  class GameSeenView extends SeenView {}
  const names = new Set(schema.kinds.flatMap((kind) => kind.fields.map((field) => field.name)));
  for (const name of names) {
    // Most reads are of plain numbers, whose place depends on the kind only. No call per value where a product
    // does: a bot reads every ship and shot in every tick.
    const byKind = schema.kinds.map((kind) => plainField(kind, name));
    Object.defineProperty(GameSeenView.prototype, name, {
      enumerable: true,
      get(this: SeenView) {
        const kind = this["~kind"];
        const field = byKind[kind.schema.index];
        if (field === undefined) return this["~read"](name);
        const replica = kind.numbers[field.column]![this["~at"]]!;
        return field.factor > 0 ? replica * field.factor : field.unpack(replica);
      },
    });
  }
  return GameSeenView;
}

interface PlainField {
  readonly column: number;
  /** What a replica is multiplied by; 0 where it takes more than that. */
  readonly factor: number;
  unpack(replica: number): unknown;
}

function plainField(kind: KindSchema, name: string): PlainField | undefined {
  const field = kind.shared.fields.find((candidate) => candidate.name === name);
  if (field === undefined) return undefined;
  const { codec, column } = field;
  if (codec.scalar === undefined || codec.width !== 1) return undefined;
  const { direct, step } = codec.scalar;
  return { column, factor: direct === "none" ? 0 : step, unpack: codec.unpack };
}

/** The entities of one kind in the tick that is shown, in the order of ids. */
class SeenList implements Iterable<SeenView> {
  shown: SeenView[] = [];
  readonly byId = new Map<number, SeenView>();

  get size(): number {
    return this.shown.length;
  }

  get(id: number): SeenView | undefined {
    return this.byId.get(id);
  }

  [Symbol.iterator](): IterableIterator<SeenView> {
    return this.shown[Symbol.iterator]();
  }
}

/** What a client shows of the newest snapshot it has. */
export class ReplicaView<S extends Shape> {
  /** What game code sees as `client.view`: the same object for good. */
  readonly view: View<S>;
  readonly #shape: { tick: number };
  readonly #class: typeof SeenView;
  readonly #lists: readonly SeenList[];
  #own: OwnState | undefined = undefined;

  constructor(game: Game<S>) {
    this.#class = seenViewClass(game.schema);
    this.#lists = game.schema.kinds.map(() => new SeenList());
    this.#shape = { tick: 0 };
    for (const kind of game.schema.kinds) {
      Object.defineProperty(this.#shape, kind.name, { value: this.#lists[kind.index], enumerable: true });
    }
    this.view = this.#shape as unknown as View<S>;
  }

  /** Id of the player whose client this is, once an own block said so. */
  get playerId(): number | undefined {
    return this.#own?.playerId;
  }

  /** What the player steers, if it is in the shown tick; typed by the caller, who knows the game. */
  get entity(): object | undefined {
    const id = this.#own?.entityId ?? 0;
    for (const list of this.#lists) {
      const seen = list.get(id);
      if (seen !== undefined) return seen;
    }
    return undefined;
  }

  /** Shows `snapshot`, with what `own` tells about the player's own entities. */
  show(snapshot: Snapshot, own: OwnState | undefined): void {
    this.#shape.tick = snapshot.tick;
    this.#own = own;
    for (const kind of snapshot.kinds) {
      const list = this.#lists[kind.schema.index]!;
      const { shown: before, byId } = list;
      const shown: SeenView[] = [];
      const hasOwnFields = kind.schema.own.fields.length > 0;
      // Both are in the order of ids: whoever stays comes next, once those who left were stepped over.
      let next = 0;
      for (let i = 0; i < kind.ids.length; i += 1) {
        const id = kind.ids[i]!;
        for (; next < before.length && before[next]!.id < id; next += 1) byId.delete(before[next]!.id);
        let seen = before[next];
        if (seen?.id === id) next += 1;
        else {
          seen = new this.#class(id, kind);
          byId.set(id, seen);
        }
        seen["~kind"] = kind;
        seen["~at"] = i;
        seen["~own"] = hasOwnFields ? own?.replicasById.get(id) : undefined;
        shown.push(seen);
      }
      for (; next < before.length; next += 1) byId.delete(before[next]!.id);
      list.shown = shown;
    }
  }
}
