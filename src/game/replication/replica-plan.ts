import type { Game } from "../schema/define-game.ts";
import { AUDIENCES } from "../schema/field-spec.ts";
import { followFactor } from "../schema/follow-factor.ts";
import type { FieldSchema, KindSchema } from "../schema/game-schema.ts";
import type { Shape } from "../schema/shape.ts";
import { rateNames } from "../world/field-places.ts";
import { type DeltaBounds, deltaBounds } from "./wrapped-delta.ts";

/** Whom a record is for: each class sees what those before it see. The index is what travels. */
export const VIEWERS = ["everyone", "team", "owner"] as const;
export type Viewer = 0 | 1 | 2;

/** How a field stands in a delta record. */
export const Form = {
  /** A wrapped delta. */
  number: 0,
  /** One of two values: nothing is written, its bit says that it is the other one. */
  flip: 1,
  /** Two wrapped deltas, not both 0. */
  vector: 2,
  /** The number as it is: an id. */
  whole: 3,
  /** Any other value as in a full record. */
  value: 4,
  /** A wrapped delta to what its rate foretells. */
  follower: 5,
} as const;
export type Form = (typeof Form)[keyof typeof Form];

export interface PlannedField {
  readonly schema: FieldSchema;
  readonly form: Form;
  /** Where versions keep it: among their values for `Form.value`, else among their numbers (a vector takes two). */
  readonly place: number;
  readonly bounds: DeltaBounds;
  /** Followers: place of the rate, and k. */
  readonly ratePlace: number;
  readonly factor: number;
  /** Marked as a rate when it is written: something follows it, if only in another kind. */
  readonly isRate: boolean;
  /** Least class that sees it. */
  readonly viewer: Viewer;
}

/** What one class of viewers sees of a kind. */
export interface ViewPlan {
  readonly kind: KindPlan;
  readonly viewer: Viewer;
  /** In the order of the record: rates stand before their followers. */
  readonly fields: readonly PlannedField[];
  /** Places of rates that a field of this plan follows. */
  readonly ratePlaces: readonly number[];
  /** Bits of fields, and three for the age of the newest change of rate where there are followers. */
  readonly maskBits: number;
  readonly maskBytes: number;
}

export interface KindPlan {
  readonly schema: KindSchema;
  /** All that anyone is sent, rates before followers. */
  readonly fields: readonly PlannedField[];
  readonly numberPlaces: number;
  readonly valuePlaces: number;
  /** By class. A class that sees no more than the one before it has the same plan. */
  readonly views: readonly [ViewPlan, ViewPlan, ViewPlan];
}

const plansByGame = new WeakMap<object, readonly KindPlan[]>();

/** The plans of a game's kinds, by kind index; made once. */
export function replicaPlans(game: Game<Shape>): readonly KindPlan[] {
  let plans = plansByGame.get(game);
  if (plans === undefined) {
    const rates = rateNames(game.schema);
    plans = game.schema.kinds.map((kind) => kindPlan(kind, rates, game.tickRate));
    plansByGame.set(game, plans);
  }
  return plans;
}

function kindPlan(schema: KindSchema, rates: ReadonlySet<string | undefined>, tickRate: number): KindPlan {
  const sent = schema.fields.filter((field) => field.audience !== "server");
  const ordered = [
    ...sent.filter((field) => field.spec.follows === undefined),
    ...sent.filter((field) => field.spec.follows !== undefined),
  ];
  let numberPlaces = 0;
  let valuePlaces = 0;
  const fields: PlannedField[] = [];
  for (const field of ordered) {
    const isValue = field.codec.scalar === undefined;
    const place = isValue ? valuePlaces : numberPlaces;
    fields.push({ ...plannedField(field, place, fields, tickRate), isRate: rates.has(field.name) });
    if (isValue) valuePlaces += 1;
    else numberPlaces += field.codec.width;
  }
  const kind = { schema, fields, numberPlaces, valuePlaces, views: [] as ViewPlan[] };
  for (const viewer of [0, 1, 2] as const) {
    const seen = fields.filter((field) => field.viewer <= viewer);
    const before = kind.views[viewer - 1];
    if (before?.fields.length === seen.length) kind.views.push(before);
    else kind.views.push(viewPlan(kind as unknown as KindPlan, viewer, seen));
  }
  return kind as unknown as KindPlan;
}

function plannedField(
  schema: FieldSchema,
  place: number,
  before: readonly PlannedField[],
  tickRate: number,
): Omit<PlannedField, "isRate"> {
  const { codec, spec, audience } = schema;
  const { scalar } = codec;
  const bounds = deltaBounds(scalar?.least ?? 0, scalar?.most ?? 0);
  const viewer = AUDIENCES.indexOf(audience) as Viewer;
  const plain = { schema, place, bounds, viewer, ratePlace: -1, factor: 0 };
  if (spec.follows !== undefined) {
    const rate = before.find((candidate) => candidate.schema.name === spec.follows)!;
    const factor = followFactor(rate.schema.spec.step!, spec.step!, tickRate);
    return { ...plain, form: Form.follower, ratePlace: rate.place, factor };
  }
  if (scalar === undefined) return { ...plain, form: Form.value };
  if (codec.width === 2) return { ...plain, form: Form.vector };
  if (spec.type === "id") return { ...plain, form: Form.whole };
  return { ...plain, form: bounds.values === 2 ? Form.flip : Form.number };
}

function viewPlan(kind: KindPlan, viewer: Viewer, fields: readonly PlannedField[]): ViewPlan {
  const followers = fields.filter((field) => field.form === Form.follower);
  const ratePlaces = [...new Set(followers.map((field) => field.ratePlace))];
  const maskBits = fields.length + (ratePlaces.length > 0 ? 3 : 0);
  return { kind, viewer, fields, ratePlaces, maskBits, maskBytes: Math.ceil(maskBits / 8) };
}
