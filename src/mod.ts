/** Tickwire's public door for games: what a definition, its room and its bots are made of. Names no runtime. */

import type { Game } from "./game/schema/define-game.ts";
import type { Fields, Values } from "./game/schema/field.ts";
import type { Entity, InputValues, Mover, Payload, SentPayload, Shape } from "./game/schema/shape.ts";
import type { Player, World } from "./game/schema/world-types.ts";

export type { Client, ClientState, Sighting, StateChange, Stream, View } from "./game/schema/client-types.ts";
export { type Bot, type BotThink, defineBot } from "./game/schema/define-bot.ts";
export { defineGame, type Game, type GameDefinition } from "./game/schema/define-game.ts";
export { defineRoom, type RoomHooks, type RoomRules } from "./game/schema/define-room.ts";
export type { EntityId, Field, Fields, PlayerId, Vec2 } from "./game/schema/field.ts";
export type { Audience } from "./game/schema/field-spec.ts";
export { t } from "./game/schema/field-types.ts";
export type { LinkQuality } from "./game/schema/link-quality.ts";
export type { Channel, Entity, Mover, SeenEntity, SendResult, Shape } from "./game/schema/shape.ts";
export type { StandardSchema } from "./game/schema/standard-schema.ts";
export type { ValueWarning } from "./game/schema/value-warnings.ts";
export type { EntityList, Player, Spectator, StepWorld, World } from "./game/schema/world-types.ts";

/** For helpers typed from a finished definition: `EntityOf<typeof arena, "ship">`. */
export type EntityOf<G extends Game<Shape>, K extends keyof G["~shape"]["entities"] & string> = Entity<
  G["~shape"],
  K
>;
export type MoverOf<G extends Game<Shape>, K extends keyof G["~shape"]["entities"] & string> = Mover<
  G["~shape"],
  K
>;
export type InputOf<G extends Game<Shape>> = Readonly<InputValues<G["~shape"]>>;
export type MessageOf<G extends Game<Shape>, N extends keyof G["~shape"]["messages"]> = Payload<
  G["~shape"]["messages"][N]
>;
/** As it is given to `send`: the same, but where a schema makes something else of it. */
export type SentMessageOf<G extends Game<Shape>, N extends keyof G["~shape"]["messages"]> = SentPayload<
  G["~shape"]["messages"][N]
>;
export type WorldOf<G extends Game<Shape>> = World<G["~shape"]>;
export type PlayerOf<G extends Game<Shape>> = Player<G["~shape"]>;
export type EntityValues<F extends Fields> = Values<F>;
