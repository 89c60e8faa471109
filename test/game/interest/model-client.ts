import type { FakeEncoder } from "./fake-encoder.ts";

export interface SentEntry {
  readonly index: number;
  readonly id: number;
  readonly age: number;
  readonly viewerClass: number;
}

export interface SentPacket {
  readonly number: number;
  readonly tick: number;
  readonly entries: readonly SentEntry[];
}

interface Version {
  readonly tick: number;
  readonly id: number;
  readonly viewerClass: number;
}

/** So long a client keeps versions. */
const KEPT_TICKS = 64;

/**
 * A client that knows of each entity only which versions it holds. A record applies if it is newer than all that
 * was said of its index; a delta needs a version from which its baseline follows, without a surprise between.
 */
export class ModelClient {
  readonly #versions = new Map<number, Version[]>();
  /** The newest that was said of an index, its leaving included. */
  readonly #saidTick = new Map<number, number>();
  readonly #encoder: FakeEncoder;
  #newestTick = 0;
  /** What is no newer speaks of the time before everything was dropped. */
  #floorTick = -1;

  constructor(encoder: FakeEncoder) {
    this.#encoder = encoder;
  }

  /** The newest version of each entity it believes to see, by entity id. */
  get held(): Map<number, Version> {
    const held = new Map<number, Version>();
    for (const versions of this.#versions.values()) {
      const newest = versions.at(-1);
      if (newest !== undefined) held.set(newest.id, newest);
    }
    return held;
  }

  /** Throws for what the server should not have sent. False: refused, and not to be acked. */
  receive(packet: SentPacket): boolean {
    if (packet.tick <= this.#floorTick) return false;
    for (const entry of packet.entries) this.#take(entry, packet.tick);
    this.#newestTick = Math.max(this.#newestTick, packet.tick);
    for (const [index, versions] of this.#versions) {
      let old = versions.findIndex(({ tick }) => tick >= this.#newestTick - KEPT_TICKS);
      if (old < 0) old = versions.length;
      // The one in force before the oldest that is kept stays.
      this.#versions.set(index, versions.slice(Math.max(0, old - 1)));
    }
    return true;
  }

  /** Forgets all. Until the server knows, nothing can be read. */
  drop(): void {
    this.#versions.clear();
    this.#floorTick = Infinity;
  }

  /** The server knows since `tick`. */
  dropped(tick: number): void {
    this.#floorTick = tick;
  }

  #take({ index, id, age, viewerClass }: SentEntry, tick: number): void {
    if (tick <= (this.#saidTick.get(index) ?? -1)) return;
    const versions = this.#versions.get(index) ?? [];
    if (age > 63) this.#versions.delete(index);
    else {
      if (age > 0) this.#checkBaseline(versions, { tick: tick - age, id, viewerClass }, tick);
      if (versions.at(-1)?.id !== id) versions.length = 0;
      versions.push({ tick, id, viewerClass });
      this.#versions.set(index, versions);
    }
    this.#saidTick.set(index, tick);
  }

  #checkBaseline(versions: readonly Version[], wanted: Version, tick: number): void {
    const from = versions.findLast((version) => version.tick <= wanted.tick);
    const context = JSON.stringify({ versions, wanted, tick });
    if (from === undefined) throw new Error(`no baseline: ${context}`);
    if (from.id !== wanted.id || from.viewerClass !== wanted.viewerClass) {
      throw new Error(`a baseline of something else: ${context}`);
    }
    const life = this.#encoder.everyLife(wanted.id)!;
    const isHandedOver = life.handovers.some((at) => at > from.tick && at <= tick);
    if (isHandedOver) throw new Error(`an owner that was never told: ${context}`);
    const between = life.ticks[wanted.viewerClass as 0 | 1 | 2].filter(
      (at) => at > from.tick && at <= wanted.tick,
    );
    if (between.length > 0) throw new Error(`a surprise at ${between} before the baseline: ${context}`);
  }
}
