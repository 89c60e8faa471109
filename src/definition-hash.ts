import type { Game } from "./game/schema/define-game.ts";
import { definitionJson } from "./game/schema/definition-json.ts";
import type { Shape } from "./game/schema/shape.ts";
import type { Sodium } from "./net/crypto/sodium.ts";
import { DEFINITION_HASH_BYTES } from "./net/wire/limits.ts";

/** BLAKE2b-256 of a game's canonical definition: two ends that hold the same one understand each other. */
export function definitionHash(sodium: Sodium, game: Game<Shape>): Uint8Array {
  return sodium.hash(DEFINITION_HASH_BYTES, new TextEncoder().encode(definitionJson(game)));
}
