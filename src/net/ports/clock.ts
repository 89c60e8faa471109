/** Monotonic time in milliseconds with fractions, from an arbitrary origin. */
export interface Clock {
  nowMs(): number;
}
