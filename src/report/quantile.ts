/** What there is of the values, rising. */
export function sorted(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null).sort((a, b) => a - b);
}

/** The least of rising values that so large a share (0 to 1) is not above; null without any. */
export function quantile(values: readonly number[], share: number): number | null {
  return values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? null;
}
