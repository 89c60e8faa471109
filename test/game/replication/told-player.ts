/** A player's end of deltas in a network that loses, doubles and delays blocks and acks. */
import { DeltaBlock } from "../../../src/game/replication/delta-block.ts";
import type { DeltaEncoder } from "../../../src/game/replication/delta-encoder.ts";
import { NOTHING_NEW, type ReplicaHistory } from "../../../src/game/replication/replica-history.ts";
import type { Viewer } from "../../../src/game/replication/replica-plan.ts";
import { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import { AGE_DESPAWNED, AGE_LEFT } from "../../../src/game/schema/record-ages.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import type { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";

export interface Link {
  readonly lossPercent: number;
  readonly doublePercent: number;
  /** Extra ticks that a packet may take: more than 0 reorders. */
  readonly jitterTicks: number;
  readonly delayTicks: number;
}

interface Seen {
  readonly id: number;
  readonly viewer: Viewer;
  /** What was acked from before this tick does not count. */
  readonly since: number;
  heldTick: number;
}

interface SentRecord {
  readonly index: number;
  /** What it was about: an entity in sight, or the news that it is gone. */
  readonly about: object;
}

interface Packet {
  readonly tick: number;
  readonly bytes: Uint8Array;
  readonly records: readonly SentRecord[];
  arrivesAt: number;
}

/** What a per-player view has to do: choose, remember what is held, and repeat what is not acked. */
export class ToldPlayer {
  readonly store: ReplicaStore;
  readonly seen = new Map<number, Seen>();
  bytesSent = 0;
  readonly blocks: Uint8Array[] = [];
  readonly #playerId: number;
  readonly #gone = new Map<number, { readonly age: typeof AGE_LEFT | typeof AGE_DESPAWNED }>();
  readonly #link: Link;
  readonly #block: DeltaBlock;
  readonly #history: ReplicaHistory;
  #underway: Packet[] = [];
  /** The last blocks that were taken: what every ack tells of, as acks on the wire do. */
  #taken: Packet[] = [];
  #acks: { readonly arrivesAt: number; readonly packets: readonly Packet[] }[] = [];

  constructor(
    game: Game<Shape>,
    history: ReplicaHistory,
    encoder: DeltaEncoder,
    playerId: number,
    link: Link,
  ) {
    this.store = new ReplicaStore(game);
    this.#history = history;
    this.#block = new DeltaBlock(encoder);
    this.#playerId = playerId;
    this.#link = link;
  }

  /** Players 1 and 2 are a team. */
  viewerOf(owner: number): Viewer {
    if (owner === this.#playerId) return 2;
    return owner > 0 && owner <= 2 && this.#playerId <= 2 ? 1 : 0;
  }

  /** Sees whom `sees` lets it see, and is told in blocks of at most `roomBytes`. */
  tell(random: SeededRandom, sees: (id: number) => boolean, roomBytes: number): void {
    const { ids, owners, tick } = this.#history;
    for (const [index, { id }] of this.seen) {
      if (ids[index] === id && sees(id)) continue;
      this.seen.delete(index);
      this.#gone.set(index, { age: ids[index] === id ? AGE_LEFT : AGE_DESPAWNED });
    }
    for (const [index, id] of ids.entries()) {
      if (id === 0 || !sees(id)) continue;
      const viewer = this.viewerOf(owners[index]!);
      this.#gone.delete(index);
      const known = this.seen.get(index);
      if (known?.id === id && known.viewer === viewer) continue;
      this.seen.set(index, { id, viewer, since: tick, heldTick: -1 });
    }
    const wanted: [number, () => boolean, object][] = [];
    for (const [index, about] of this.#gone)
      wanted.push([index, () => this.#block.addGone(index, about.age), about]);
    for (const [index, about] of this.seen) {
      const age = this.#history.ageFor(index, about.heldTick, about.viewer);
      if (age !== NOTHING_NEW) {
        wanted.push([index, () => this.#block.add(index, age, about.viewer), about]);
      }
    }
    // In any order: the block sorts.
    for (let i = wanted.length - 1; i > 0; i -= 1) {
      const j = random.below(i + 1);
      [wanted[i], wanted[j]] = [wanted[j]!, wanted[i]!];
    }
    let records: SentRecord[] = [];
    this.#block.begin(tick, roomBytes);
    for (const [index, add, about] of wanted) {
      if (!add()) {
        this.#send(records, random, roomBytes);
        records = [];
        this.#block.begin(tick, roomBytes);
        // What does not fit an empty block waits for ever: no test asks that.
        if (!add()) continue;
      }
      records.push({ index, about });
    }
    this.#send(records, random, roomBytes);
  }

  /** Takes what has arrived. Answers how many blocks were refused. */
  receive(random: SeededRandom): number {
    const now = this.#history.tick;
    let refused = 0;
    const arrived = this.#underway.filter((packet) => packet.arrivesAt <= now);
    this.#underway = this.#underway.filter((packet) => packet.arrivesAt > now);
    for (const packet of arrived) {
      if (!this.store.receive(packet.bytes)) refused += 1;
      else {
        this.#taken = [...this.#taken.slice(-63), packet];
        if (random.below(100) < this.#link.lossPercent) continue;
        this.#acks.push({ packets: this.#taken, arrivesAt: now + this.#delay(random) });
      }
    }
    for (const { packets } of this.#acks.filter((ack) => ack.arrivesAt <= now)) {
      for (const packet of packets) this.#acked(packet);
    }
    this.#acks = this.#acks.filter((ack) => ack.arrivesAt > now);
    return refused;
  }

  #acked(packet: Packet): void {
    for (const { index, about } of packet.records) {
      const seen = this.seen.get(index);
      if (seen === about && packet.tick >= seen.since) seen.heldTick = Math.max(seen.heldTick, packet.tick);
      if (this.#gone.get(index) === about) this.#gone.delete(index);
    }
  }

  #send(records: readonly SentRecord[], random: SeededRandom, roomBytes: number): void {
    const writer = new MsgpackWriter().reset(new Uint8Array(roomBytes));
    this.#block.write(writer);
    if (!writer.ok) throw new Error("A block is longer than its room.");
    const bytes = writer.bytes.slice(0, writer.at);
    this.bytesSent += bytes.length;
    this.blocks.push(bytes);
    const packet = { tick: this.#history.tick, bytes, records };
    const copies = random.below(100) < this.#link.doublePercent ? 2 : 1;
    for (let n = 0; n < copies; n += 1) {
      if (random.below(100) < this.#link.lossPercent) continue;
      this.#underway.push({ ...packet, arrivesAt: packet.tick + this.#delay(random) });
    }
    // Of the same arrival any order.
    if (this.#link.jitterTicks > 0 && random.below(2) === 0) this.#underway.reverse();
  }

  #delay(random: SeededRandom): number {
    return this.#link.delayTicks + random.below(this.#link.jitterTicks + 1);
  }
}
