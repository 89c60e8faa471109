import type { Replica } from "../schema/field-codec.ts";

/** True if two replicas of one field say the same. */
export function sameReplica(a: Replica, b: Replica): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (!sameReplica(a[i], b[i])) return false;
  return true;
}
