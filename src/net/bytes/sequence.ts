/**
 * Sequences are the low 16 bits of counts that never wrap (packet numbers, message ids, ticks). These
 * functions go from one to the other; a distance of up to half the circle is understood.
 */
const CIRCLE = 0x1_0000;
const HALF = 0x8000;

/** The low 16 bits of a count. */
export function toSequence(count: number): number {
  return count % CIRCLE;
}

/** The count nearest to `near` whose low 16 bits are `sequence`. May be negative when `near` is small. */
export function fromSequence(sequence: number, near: number): number {
  let distance = sequence - (near % CIRCLE);
  if (distance > HALF) distance -= CIRCLE;
  else if (distance <= -HALF) distance += CIRCLE;
  return near + distance;
}
