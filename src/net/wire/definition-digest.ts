import { PART_HASH_BYTES } from "./limits.ts";

/** A game's definition as far as the wire is concerned: whether both ends hold the same, and if not, what differs. */
export interface DefinitionDigest {
  /** The game's name, for people. */
  readonly name: string;
  /** BLAKE2b-256 of the canonical definition. */
  readonly hash: Uint8Array;
  /** Its parts in order ("tick rate", "input", "entity ship", "message chat"), each with a hash of 4 bytes. */
  readonly parts: readonly { readonly name: string; readonly hash: Uint8Array }[];
}

/** The hashes of all parts, one after the other, as many as `maxBytes` hold. */
export function partHashes({ parts }: DefinitionDigest, maxBytes: number): Uint8Array {
  const count = Math.min(parts.length, Math.floor(maxBytes / PART_HASH_BYTES));
  const bytes = new Uint8Array(count * PART_HASH_BYTES);
  for (let i = 0; i < count; i += 1) bytes.set(parts[i]!.hash, i * PART_HASH_BYTES);
  return bytes;
}

/**
 * Names the parts in which `ours` differs from a definition of `theirCount` parts, of which `theirs` holds the
 * first hashes; "" when what is known of them is the same.
 */
export function namesOfDifference(ours: DefinitionDigest, theirs: Uint8Array, theirCount: number): string {
  const known = theirs.length / PART_HASH_BYTES;
  const differing: string[] = [];
  for (const [i, { name, hash }] of ours.parts.entries()) {
    const at = i * PART_HASH_BYTES;
    if (i >= theirCount) differing.push(`${name} (the server has none)`);
    else if (i < known && !hash.every((byte, j) => byte === theirs[at + j])) differing.push(name);
  }
  const more = theirCount - ours.parts.length;
  if (more > 0) differing.push(`${more} that only the server has`);
  return differing.join(", ");
}
