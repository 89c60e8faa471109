import type { Replica } from "../schema/field-codec.ts";

/** True if two replicas of one field say the same. */
export function sameReplica(a: Replica, b: Replica): boolean {
  if (a === b) return true;
  const areLists = Array.isArray(a) && Array.isArray(b);
  if (!areLists && !(a instanceof Uint8Array && b instanceof Uint8Array)) return false;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (!sameReplica(a[i], b[i])) return false;
  return true;
}
