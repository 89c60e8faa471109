/** Ages of records: how many ticks before it stands what a record builds on, and what else its place says. */
export const AGE_FULL = 0;
/** The oldest that a delta may build on. */
export const MAX_AGE_TICKS = 63;
export const AGE_LEFT = 64;
export const AGE_DESPAWNED = 65;

/** The mask of a delta: 128 fields and 3 bits. */
export const MAX_MASK_BYTES = 17;
/** From so many ticks on the age of a change of rate has a byte of its own. */
export const LONG_CHANGE_AGE = 7;
