import { InvalidArgumentError } from "commander";
import type { ServeOptions } from "../server-door.ts";

type NetOptions = NonNullable<ServeOptions["net"]>;

// Ours to the wire's. At least so much that one good client can play.
const handshakeNames = {
  handshakesPerAddressPerSecond: "perAddressPerSecond",
  handshakesPerAddressAtOnce: "perAddressAtOnce",
  handshakesPerSecond: "perSecond",
  handshakesAtOnce: "atOnce",
} as const;
const peerNames = {
  messagesPerSecond: "messagesPerSecond",
  messagesAtOnce: "messagesAtOnce",
  bytesPerSecond: "bytesPerSecond",
  bytesAtOnce: "bytesAtOnce",
  parseErrorsPerMinute: "parseErrorsPerMinute",
} as const;
type LimitName = keyof typeof handshakeNames | keyof typeof peerNames;

const LARGEST = 1_000_000_000;
const smallest: Readonly<Record<LimitName, number>> = {
  // A client that joins asks twice, and again when an answer is lost.
  handshakesPerAddressPerSecond: 1,
  handshakesPerAddressAtOnce: 4,
  handshakesPerSecond: 1,
  handshakesAtOnce: 4,
  messagesPerSecond: 1,
  messagesAtOnce: 1,
  // Inputs alone take about this much.
  bytesPerSecond: 4_000,
  bytesAtOnce: 8_000,
  parseErrorsPerMinute: 1,
};

/** What connections may do, as far as somebody said so. */
export type GivenLimits = Readonly<Partial<Record<LimitName, number>>>;

/** Checks the `limits` of a config file. */
export function readLimits(value: unknown): GivenLimits {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError("must be an object");
  }
  for (const [name, limit] of Object.entries(value)) {
    if (!Object.hasOwn(smallest, name)) throw new InvalidArgumentError(`must not hold '${name}'`);
    const min = smallest[name as LimitName];
    if (!Number.isInteger(limit) || limit < min || limit > LARGEST) {
      throw new InvalidArgumentError(`must have ${name} as a whole number from ${min} to ${LARGEST}`);
    }
  }
  return value;
}

/** The limits as a server takes them. */
export async function netLimits(
  given: GivenLimits,
): Promise<Required<Pick<NetOptions, "handshakeLimits" | "peerLimits">>> {
  const { DEFAULT_HANDSHAKE_LIMITS, DEFAULT_PEER_LIMITS } = await import("../server-door.ts");
  return {
    handshakeLimits: { ...DEFAULT_HANDSHAKE_LIMITS, ...renamed(given, handshakeNames) },
    peerLimits: { ...DEFAULT_PEER_LIMITS, ...renamed(given, peerNames) },
  };
}

/** All limits by our names, with the defaults of those not given. */
export async function allLimits(given: GivenLimits): Promise<Record<LimitName, number>> {
  const { handshakeLimits, peerLimits } = await netLimits(given);
  const names = Object.entries({ ...handshakeNames, ...peerNames });
  const limits: Readonly<Record<string, number>> = { ...handshakeLimits, ...peerLimits };
  return Object.fromEntries(names.map(([ours, theirs]) => [ours, limits[theirs]!])) as never;
}

function renamed(given: GivenLimits, names: Partial<Record<LimitName, string>>): Record<string, number> {
  const renamedLimits: Record<string, number> = {};
  for (const [ours, theirs] of Object.entries(names)) {
    const limit = given[ours as LimitName];
    if (limit !== undefined) renamedLimits[theirs] = limit;
  }
  return renamedLimits;
}
