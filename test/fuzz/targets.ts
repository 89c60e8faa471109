import { bodyTarget } from "./body-target.ts";
import { connectionTarget } from "./connection-target.ts";
import { datagramTarget } from "./datagram-target.ts";
import { scriptTarget } from "./script-target.ts";
import type { Target } from "./target.ts";

/** By trust boundary, from the outside in. */
export const targets: readonly Target<unknown>[] = [
  datagramTarget,
  bodyTarget,
  connectionTarget,
  scriptTarget,
];
