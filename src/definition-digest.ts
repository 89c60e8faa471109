import type { Game } from "./game/schema/define-game.ts";
import { definitionJson, definitionParts } from "./game/schema/definition-json.ts";
import type { Shape } from "./game/schema/shape.ts";
import { loadSodium, type Sodium } from "./net/crypto/sodium.ts";
import type { DefinitionDigest } from "./net/wire/definition-digest.ts";
import { DEFINITION_HASH_BYTES, PART_HASH_BYTES } from "./net/wire/limits.ts";

/** What two ends compare of a game: BLAKE2b-256 of its canonical definition, and a short hash of each part. */
export function definitionDigest(sodium: Sodium, game: Game<Shape>): DefinitionDigest {
  const hash = (text: string): Uint8Array =>
    sodium.hash(DEFINITION_HASH_BYTES, new TextEncoder().encode(text));
  return {
    name: game.name,
    hash: hash(definitionJson(game)),
    parts: definitionParts(game).map(({ name, json }) => ({
      name,
      hash: hash(json).slice(0, PART_HASH_BYTES),
    })),
  };
}

/** The same for those who have no libsodium at hand. */
export async function loadDefinitionDigest(game: Game<Shape>): Promise<DefinitionDigest> {
  return definitionDigest(await loadSodium(), game);
}
