const units: readonly [name: string, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** "in 58 seconds (2026-01-31T12:00:00.000Z)" or "3 minutes ago (…)". */
export function expiryText(at: Date, nowMs: number): string {
  // Dates end long before the numbers that a token can hold.
  if (Number.isNaN(at.getTime())) return "never";
  const seconds = Math.round((at.getTime() - nowMs) / 1000);
  const [name, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  const count = Math.floor(Math.abs(seconds) / size);
  const span = `${count} ${name}${count === 1 ? "" : "s"}`;
  return `${seconds < 0 ? `${span} ago` : `in ${span}`} (${at.toISOString()})`;
}
