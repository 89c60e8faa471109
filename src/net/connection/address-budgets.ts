import type { PeerAddress } from "../ports/peer-address.ts";

const SLOTS = 4_096; // a power of two

/**
 * Budgets for addresses that have proven nothing: a fixed array, so that a flood from forged addresses costs no
 * memory. Addresses that share a slot share its budget; which do depends on a secret, so nobody can choose whom
 * to starve.
 */
export class AddressBudgets {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #secret: number;
  readonly #levels: Float64Array;
  readonly #atMs: Float64Array;

  constructor(perSecond: number, burst: number, secret: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#secret = secret;
    this.#levels = new Float64Array(SLOTS).fill(burst);
    this.#atMs = new Float64Array(SLOTS);
  }

  /** True, and paid for, when the address may be answered once more. */
  take({ host }: PeerAddress, nowMs: number): boolean {
    const slot = this.#slotOf(host);
    const elapsedMs = Math.max(0, nowMs - this.#atMs[slot]!);
    const level = Math.min(this.#burst, this.#levels[slot]! + elapsedMs * this.#perMs);
    this.#atMs[slot] = nowMs;
    this.#levels[slot] = level < 1 ? level : level - 1;
    return level >= 1;
  }

  /** FNV-1a from a secret start. Of IPv6 only the first 64 bits count: the rest is one customer's to choose. */
  #slotOf(host: string): number {
    const network = host.includes(":") ? networkOf(host) : host;
    let hash = this.#secret;
    for (let i = 0; i < network.length; i += 1) {
      hash = Math.imul(hash ^ network.charCodeAt(i), 0x0100_0193);
    }
    return (hash ^ (hash >>> 15)) & (SLOTS - 1);
  }
}

/** The first four groups of an IPv6 address in whatever spelling: `2001:db8::1` is `2001:db8:0:0`. */
function networkOf(host: string): string {
  const [head = "", tail] = host.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array<string>(zeros).fill("0"), ...last].slice(0, 4).join(":");
}
