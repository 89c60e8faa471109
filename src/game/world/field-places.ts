import type { GameSchema } from "../schema/game-schema.ts";

/** Where the numbers of a field name are, in every kind that has it. */
export interface FieldPlace {
  /** Counts the names of a game. */
  readonly property: number;
  /** Its column among all numbers of a kind; a vec2 takes this one for x and the next for y. */
  readonly slot: number;
  /** See `rateNames`. */
  readonly isRate: boolean;
}

/**
 * Names of fields that something follows in some kind. Those are marked apart when they are written (`KindTable`), in
 * kinds where nothing does, too: they change far more often than the rest.
 */
export function rateNames(schema: GameSchema): ReadonlySet<string | undefined> {
  return new Set(schema.kinds.flatMap(({ fields }) => fields.map(({ spec }) => spec.follows)));
}

/**
 * Numbers all field names of a game and gives each a slot, the same one in every kind, so that one accessor serves them
 * all. Names that never meet in a kind may share a slot. Names of many kinds choose first, so few slots stay empty.
 */
export function fieldPlaces(schema: GameSchema): ReadonlyMap<string, FieldPlace> {
  const kindsByName = new Map<
    string,
    { readonly kinds: number[]; readonly property: number; width: number }
  >();
  for (const kind of schema.kinds) {
    for (const { name, codec } of kind.fields) {
      const known = kindsByName.get(name) ?? { kinds: [], property: kindsByName.size, width: 0 };
      kindsByName.set(name, known);
      known.kinds.push(kind.index);
      if (codec.scalar !== undefined) known.width = Math.max(known.width, codec.width);
    }
  }
  const rates = rateNames(schema);
  const taken = schema.kinds.map(() => new Set<number>());
  const places = new Map<string, FieldPlace>();
  const byCount = [...kindsByName].sort(([, a], [, b]) => b.kinds.length - a.kinds.length);
  for (const [name, { kinds, property, width }] of byCount) {
    const isFree = (slot: number): boolean =>
      kinds.every((kind) => !taken[kind]!.has(slot) && (width < 2 || !taken[kind]!.has(slot + 1)));
    let slot = 0;
    while (width > 0 && !isFree(slot)) slot += 1;
    for (const kind of kinds) for (let half = 0; half < width; half += 1) taken[kind]!.add(slot + half);
    places.set(name, { property, slot, isRate: rates.has(name) });
  }
  return places;
}
