/** Milliseconds since 1970, as the machine believes: for what outlives the process, like the expiry of tokens. */
export function unixMs(): number {
  return Date.now();
}
