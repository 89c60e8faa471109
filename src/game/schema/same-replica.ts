import type { Replica } from "./field-codec.ts";

/** True if two replicas of one field say the same. */
export function sameReplica(a: Replica, b: Replica): boolean {
  if (a === b) return true;
  if (!isRow(a) || !isRow(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (!sameReplica(a[i], b[i])) return false;
  return true;
}

/** A field has either lists or bytes, never now one and now the other. */
function isRow(replica: Replica): replica is Uint8Array | readonly Replica[] {
  return Array.isArray(replica) || replica instanceof Uint8Array;
}
