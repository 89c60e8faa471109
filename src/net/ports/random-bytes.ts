/** Fills `into` with unpredictable bytes (a seeded source in simulations). */
export type RandomBytes = (into: Uint8Array) => void;
