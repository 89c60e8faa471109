/** A game with every type of field before every kind of eyes, and values for its fields. */
import { defineGame, t } from "tickwire";
import type { FieldSchema } from "../../../src/game/schema/game-schema.ts";

export const SIDE = 200;

const body = {
  x: t.fixed(-SIDE, SIDE, 1 / 16).follows("vx"),
  y: t.fixed(-SIDE, SIDE, 1 / 16).follows("vy"),
  vx: t.fixed(-64, 64, 1 / 4),
  vy: t.fixed(-64, 64, 1 / 4),
};

export const wildGame = defineGame({
  name: "wild",
  tickRate: 30,
  input: { push: t.vec2(-1, 1, 1 / 8) },
  avatar: "ship",
  entities: {
    ship: {
      ...body,
      hp: t.uint(100),
      aim: t.angle(10),
      isOn: t.bool(),
      score: t.int(-70_000, 2 ** 31),
      target: t.id(),
      warming: t.fixed(-20, 20, 1),
      depth: t.fixed(-3, 3, 0.1).follows("sink").visibleTo("team"),
      sink: t.fixed(-1, 1, 0.01).visibleTo("team"),
      fuel: t.uint(300).visibleTo("team"),
      isReady: t.bool().visibleTo("team"),
      call: t.text(24).visibleTo("team"),
      heat: t.fixed(0, 50, 0.5).follows("warming").visibleTo("owner"),
      turret: t.angle(6).visibleTo("owner"),
      aimAt: t.vec2(-8, 8, 0.25).visibleTo("owner"),
      ally: t.id().visibleTo("owner"),
      plan: t.text(24).visibleTo("owner"),
      key: t.bytes(24).visibleTo("owner"),
      secret: t.text(24).visibleTo("server"),
      seal: t.bytes(24).visibleTo("server"),
      hidden: t.fixed(-9, 9, 0.1).follows("loss").visibleTo("server"),
      loss: t.fixed(-9, 9, 0.1).visibleTo("server"),
    },
    rock: {
      x: t.int(-SIDE, SIDE),
      y: t.int(-SIDE, SIDE),
      at: t.vec2(-10, 10, 0.5),
      small: t.vec2(0, 1, 1),
      mood: t.oneOf("calm", "angry", "sad"),
      side: t.oneOf("left", "right"),
      label: t.text(20),
      blob: t.bytes(9),
      note: t.optional(t.uint(9)),
      path: t.list(t.vec2(0, 3, 1), 4),
      only: t.int(7, 7),
    },
    shot: { ...body, tag: t.optional(t.text(24)).visibleTo("owner") },
    /** Without a place: everyone sees it. */
    flag: { holder: t.id(), points: t.uint(9), codes: t.list(t.bytes(24), 2).visibleTo("team") },
    empty: {},
    mine: { x: t.uint(SIDE), y: t.uint(SIDE), fuse: t.uint(9).visibleTo("owner") },
  },
  messages: { word: { from: "server", fields: { text: t.text(40) } } },
  step: {
    ship(ship, { push }, { dt }) {
      if (push.x > 0.9) ship.vx = push.y * 30;
      ship.x += ship.vx * dt;
      ship.y += ship.vy * dt;
      ship.depth += ship.sink * dt;
      ship.heat += ship.warming * dt;
    },
    shot(shot, _input, { dt }) {
      shot.x += shot.vx * dt;
      shot.y += shot.vy * dt;
    },
  },
});

export type WildShape = (typeof wildGame)["~shape"];
export const WILD_KINDS = wildGame.schema.kinds;
/** What one entity is, for code that goes through fields by name. */
export type AnyFields = Record<string, unknown>;

const WORDS = ["", "a", "größe", "over there", "twelve bytes"];

/** A value of the field's type: often at rest, at a bound or just beside. `canary` gives texts that occur once. */
export function wildValue({ spec, codec }: FieldSchema, random: () => number, canary: () => string): unknown {
  const below = (limit: number): number => Math.floor(random() * limit);
  const number = (): number => {
    const { low, high } = codec.scalar!;
    const places = [0, low, high, 1, low + (high - low) * random(), low + (high - low) * random()];
    return places[below(places.length)]!;
  };
  const isHidden = spec.visibleTo !== undefined;
  switch (spec.type) {
    case "bool":
      return below(2) === 0;
    case "vec2":
      return { x: number(), y: number() };
    case "text":
      return isHidden ? canary() : WORDS[below(WORDS.length)];
    case "bytes":
      return isHidden ? ascii(canary()) : Uint8Array.from({ length: below(10) }, () => below(256));
    case "oneOf":
      return spec.choices![below(spec.choices!.length)];
    case "id":
      return below(2) === 0 ? undefined : below(2 ** 32) * 256;
    case "optional":
      if (below(3) === 0) return undefined;
      return isHidden ? canary() : below(10);
    case "list":
      if (isHidden) return Array.from({ length: below(3) }, () => ascii(canary()));
      return Array.from({ length: below(5) }, () => ({ x: below(4), y: below(2) }));
    case "uint":
    case "int":
      return Math.floor(number());
    default:
      return number();
  }
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
