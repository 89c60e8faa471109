/**
 * A number in [0, 1) that depends on nothing but its arguments: server and client draw the same ones, in
 * whatever order they step. Not for secrets.
 */
export function hashedRandom(seed: number, tick: number, entity: number, call: number): number {
  let hash = mix(seed | 0, 0x9e3779b9);
  hash = mix(hash, tick);
  hash = mix(hash, entity % 0x1_0000_0000);
  hash = mix(hash, Math.floor(entity / 0x1_0000_0000));
  hash = mix(hash, call);
  return (hash >>> 0) / 0x1_0000_0000;
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain) over a running hash. */
function mix(hash: number, value: number): number {
  let h = (hash ^ value) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) + 0x6d2b79f5;
}
