import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RateLimits } from "../../../src/net/congestion/rate-limits.ts";
import type { Connection } from "../../../src/net/connection/connection.ts";
import type { StateSource } from "../../../src/net/connection/state-source.ts";
import { QueuedBlocks } from "../queued-blocks.ts";
import { RELIABLE, Rig, SERVER, type Seen, seeded, TURN_MS, UNRELIABLE } from "./rig.ts";

const fixed = (bytesPerSecond: number): RateLimits => ({
  startBytesPerSecond: bytesPerSecond,
  minBytesPerSecond: bytesPerSecond,
  maxBytesPerSecond: bytesPerSecond,
});
const block = (number: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
};
const idOf = (bytes: Uint8Array, at = 0): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
const numberOf = ({ payload }: Seen): number => idOf(payload);
const many = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

function playing(rates?: RateLimits, seed = 1) {
  const rig = new Rig(rates === undefined ? {} : { rates }, seed);
  const client = rig.joined();
  const server = [...rig.server.connections()][0] as Connection;
  const ofKind = (kind: Seen["kind"]): Seen[] => client.saw.filter((seen) => seen.kind === kind);
  return { rig, client, server, ofKind };
}

/** A source that always has more, and notes what it was asked for. */
class Endless implements StateSource {
  readonly asked: { room: number; number: number; onlyVital: boolean; tick: number }[] = [];
  isWaiting = true;
  isShort = true;
  tick = 0;
  readonly #mostBytes: number;

  constructor(connection: Connection, mostBytes = 1_140) {
    this.#mostBytes = mostBytes;
    connection.sendStateFrom(this);
  }

  write(into: Uint8Array, room: number, number: number, onlyVital: boolean): number {
    this.asked.push({ room, number, onlyVital, tick: this.tick });
    if (onlyVital) return 0;
    new DataView(into.buffer).setUint32(0, this.tick);
    return Math.min(room, this.#mostBytes);
  }

  writeAgain(): number {
    return 0;
  }

  acked(): void {}
  lost(): void {}
}

describe("state is asked for", () => {
  test("anew for each packet, by its number, with the room that is left in it", () => {
    const { rig, server, ofKind } = playing(fixed(1e6));
    const source = new Endless(server);
    server.queueOwn(new Uint8Array(300), 300);
    const { newest } = server.acks.sent;
    rig.run(1, () => {
      source.tick += 1;
    });
    expect(source.asked.length).toBeGreaterThan(4);
    expect(source.asked.map(({ number }) => number)).toEqual(source.asked.map((_, i) => newest + 1 + i));
    // The first shares its packet with the own block; a block is no longer than the wire takes.
    expect(source.asked[0]!.room).toBeGreaterThan(800);
    expect(source.asked[0]!.room).toBeLessThan(870);
    expect(source.asked.slice(1).map(({ room }) => room)).toEqual(source.asked.slice(1).map(() => 1_140));
    rig.run(1, () => {
      source.isWaiting = false;
    });
    expect(ofKind("state").map(({ payload }) => payload.length)).toEqual(
      source.asked.map(({ room }) => room),
    );
  });

  test("when there is room again between two ticks, and what is newest then leaves", () => {
    const { rig, server, ofKind } = playing(fixed(40_000));
    const source = new Endless(server);
    const turns = 60;
    rig.run(turns, () => {
      source.tick += 1;
    });
    rig.run(3, () => {
      source.isWaiting = false;
    });
    const perTick = many(turns + 1, (tick) => source.asked.filter((ask) => ask.tick === tick).length);
    // 1,320 bytes a tick: a packet and a bit, so that some ticks have two.
    expect(Math.max(...perTick)).toBeGreaterThan(1);
    const bytes = ofKind("state").reduce((sum, { payload }) => sum + payload.length, 0);
    expect(bytes).toBeGreaterThan(0.8 * turns * 1_320);
    expect(bytes).toBeLessThan(1.05 * turns * 1_320);
    const told = ofKind("state").map(numberOf);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(new Set(told).size).toBeGreaterThan(turns * 0.8);
  });

  test("not while nothing of it waits, and never of a client's own end", () => {
    const { rig, client, server } = playing();
    const source = new Endless(server);
    source.isWaiting = false;
    rig.run(50, () => {
      server.queueOwn(new Uint8Array(5), 5);
      server.send(RELIABLE, new Uint8Array(100));
    });
    expect(source.asked).toEqual([]);
    expect(client.saw.filter(({ kind }) => kind === "own")).toHaveLength(49);
  });

  test("of a block that no packet is long enough for it is said loudly", () => {
    const { rig, server } = playing(fixed(1e6));
    new QueuedBlocks(server).push(new Uint8Array(1_141));
    expect(() => rig.run(1)).toThrow("a block does not fit an empty packet");
  });
});

describe("a path that is used up", () => {
  test("takes what is vital each tick all the same: the own block, and the state that goes with it", () => {
    const { rig, server, ofKind } = playing(fixed(4_000));
    const blocks = new QueuedBlocks(server);
    const own = new Uint8Array(8);
    const ticks = 300;
    rig.run(ticks, () => {
      server.queueOwn(own, own.length);
      // The avatar's record, and more of the world than the path takes in a second.
      blocks.tellVital(block(1, 14), ...many(8, () => block(2, 600)));
    });
    rig.run(2, () => blocks.tell());
    expect(ofKind("own").length).toBeGreaterThanOrEqual(ticks);
    expect(rig.server.counters.blocksDropped).toBe(0);
    expect(ofKind("state").filter((seen) => numberOf(seen) === 1).length).toBeGreaterThanOrEqual(ticks);
    expect(blocks.carried.filter(({ isVital }) => isVital).length).toBeGreaterThan(ticks / 2);
  });

  test("takes the own block every second tick at least beside messages that would fill it", () => {
    const { rig, server, ofKind } = playing(fixed(6_000));
    const blocks = new QueuedBlocks(server);
    const ticks = 300;
    rig.run(ticks, () => {
      server.queueOwn(new Uint8Array(8), 8);
      blocks.tellVital(block(1, 14));
      for (let i = 0; i < 4; i += 1) server.send(UNRELIABLE, new Uint8Array(200));
    });
    expect(ofKind("own").length).toBeGreaterThanOrEqual(ticks / 2 - 1);
    expect(ofKind("state").length).toBeGreaterThanOrEqual(ticks / 2 - 1);
    expect(ofKind("message").length).toBeGreaterThan(20);
  });

  test("lets a record through that is too long for its short packets, beside messages that never end", () => {
    const { rig, server, ofKind } = playing(fixed(6_000));
    expect(server.congestion.maxPacketBytes).toBeLessThan(600);
    const blocks = new QueuedBlocks(server);
    const seconds = 10;
    rig.run(Math.ceil((seconds * 1_000) / TURN_MS), () => {
      server.queueOwn(new Uint8Array(8), 8);
      blocks.tell(block(2, 900));
      for (let i = 0; i < 4; i += 1) server.send(UNRELIABLE, new Uint8Array(200));
    });
    expect(ofKind("state").length).toBeGreaterThan(seconds);
    expect(ofKind("message").length).toBeGreaterThan(20);
  });

  test("takes what is not vital too, now and then, when the vital alone uses it up", () => {
    const { rig, server, ofKind } = playing(fixed(2_000));
    const source = {
      isWaiting: true,
      isShort: true,
      write(into: Uint8Array, _room: number, _number: number, onlyVital: boolean): number {
        into.set(onlyVital ? block(1, 14) : block(2, 54));
        return onlyVital ? 14 : 54;
      },
      writeAgain: () => 0,
      acked: () => {},
      lost: () => {},
    };
    server.sendStateFrom(source);
    const seconds = 20;
    rig.run(Math.ceil((seconds * 1_000) / TURN_MS), () => server.queueOwn(new Uint8Array(8), 8));
    const told = ofKind("state").map(numberOf);
    expect(told.filter((number) => number === 1).length).toBeGreaterThan(10 * seconds);
    expect(told.filter((number) => number === 2).length).toBeGreaterThan(3 * seconds);
  });

  test("is asked for nothing else then: what is not vital waits, or is gone with its tick", () => {
    const { rig, server } = playing(fixed(4_000));
    const source = new Endless(server, 600);
    const before = rig.server.counters.bytesSent + 28 * rig.server.counters.datagramsSent;
    rig.run(300, () => {
      server.queueOwn(new Uint8Array(8), 8);
      source.tick += 1;
    });
    const vital = source.asked.filter(({ onlyVital }) => onlyVital);
    expect(vital.length).toBeGreaterThan(100);
    const after = rig.server.counters.bytesSent + 28 * rig.server.counters.datagramsSent;
    expect(after - before).toBeLessThan(1.1 * 4_000 * 300 * (TURN_MS / 1_000));
  });

  test("grows when the source says that it is short, though all that it gave has left", () => {
    const rateAfter = (isShort: boolean): number => {
      const rates = { startBytesPerSecond: 8_000, minBytesPerSecond: 2_000, maxBytesPerSecond: 1e6 };
      const { rig, server } = playing(rates);
      const blocks = new QueuedBlocks(server);
      blocks.wantsMore = isShort;
      rig.run(120, () => blocks.tell(new Uint8Array(60)));
      expect(blocks.isWaiting).toBe(false);
      return server.congestion.bytesPerSecond;
    };
    const [idle, short] = [rateAfter(false), rateAfter(true)];
    expect(idle).toBeLessThan(30_000);
    expect(short).toBeGreaterThan(5 * idle);
  });

  test.each([
    ["reliable", RELIABLE],
    ["unreliable", UNRELIABLE],
  ] as const)("gives state twice what it gives %s messages, while both wait", (_name, channel) => {
    const { rig, server, ofKind } = playing(fixed(60_000));
    new Endless(server);
    rig.run(400, () => {
      for (let i = 0; i < 8; i += 1) server.send(channel, new Uint8Array(500));
    });
    const bytesOf = (kind: Seen["kind"]): number =>
      ofKind(kind).reduce((sum, { payload }) => sum + payload.length, 0);
    const [state, messages] = [bytesOf("state"), bytesOf("message")];
    expect(messages).toBeGreaterThan(100_000);
    expect(state / messages).toBeGreaterThan(1.8);
    expect(state / messages).toBeLessThan(2.2);
  });
});

describe("what became of a packet", () => {
  test("is told once, whatever the network does, and acked is only what the client took", () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          loss: fc.constantFrom(0, 0.05, 0.3, 0.6),
          doubles: fc.constantFrom(0, 0.3),
          jitterMs: fc.constantFrom(0, 40, 200),
          refusesEvery: fc.constantFrom(2, 7, Number.POSITIVE_INFINITY),
          outageTurns: fc.constantFrom(0, 0, 20, 400),
          perTick: fc.constantFrom(1, 3, 20),
        }),
        ({ seed, loss, doubles, jitterMs, refusesEvery, outageTurns, perTick }) => {
          const { rig, client, server, ofKind } = playing(fixed(300_000), seed);
          const blocks = new QueuedBlocks(server);
          const random = seeded(seed);
          const bad = (number: number): boolean => number % refusesEvery === refusesEvery - 1;
          client.endpoint.connection.readState = (bytes, start) => !bad(idOf(bytes, start));
          const fate = (): readonly number[] => {
            const copies = random() < loss ? 0 : random() < doubles ? 2 : 1;
            return many(copies, () => 10 + random() * jitterMs);
          };
          let [said, told] = [0, 0];
          const talk = (): void => {
            blocks.tell(...many(perTick, () => block(told++, 200)));
            server.send(RELIABLE, block(said++, 4));
            client.endpoint.connection.queueInput(new Uint8Array(4), 4, said);
          };
          rig.fate = fate;
          rig.run(60, talk);
          rig.fate = () => [];
          rig.run(outageTurns, () => said < 300 && talk());
          rig.fate = fate;
          rig.run(60, talk);
          rig.fate = () => [10];
          blocks.tell();
          const last = server.acks.sent.newest;
          // A second's pings let the last packets be given up.
          rig.run(200);
          const { told: fates, carried } = blocks;
          const numbers = fates.map(({ number }) => number);
          expect(new Set(numbers).size).toBe(numbers.length);
          // Packets of before the source was there are told too: it knows nothing of them.
          const since = new Set(numbers);
          const first = carried[0]!.number;
          expect(many(last - first + 1, (i) => first + i).filter((number) => !since.has(number))).toEqual([]);
          const taken = new Set(ofKind("state").map(numberOf));
          expect(taken.size).toBe(ofKind("state").length);
          expect([...taken].filter(bad)).toEqual([]);
          const acked = new Set(fates.filter(({ fate: how }) => how === "acked").map(({ number }) => number));
          const ackedBlocks = carried
            .filter(({ number }) => acked.has(number))
            .map((each) => idOf(each.block));
          expect(ackedBlocks.filter((id) => !taken.has(id))).toEqual([]);
          expect(ofKind("message").map(numberOf)).toEqual(many(said, (n) => n));
          return undefined;
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("a peer that was dropped", () => {
  test("is sent no state, and gets what is newest once it is back", () => {
    const { rig, client, server, ofKind } = playing();
    const source = new Endless(server, 50);
    const turn = (): void => {
      source.tick += 1;
    };
    rig.run(10, turn);
    rig.fate = () => [];
    rig.run(Math.ceil(11_000 / TURN_MS), turn);
    expect([client.endpoint.connection.state, server.state]).toEqual(["dropped", "dropped"]);
    const asked = source.asked.length;
    rig.run(Math.ceil(5_000 / TURN_MS), turn);
    expect(source.asked.length).toBe(asked);
    const tickThen = source.tick;
    const seen = ofKind("state").length;
    rig.fate = (_bytes, to) => (to === SERVER ? [5] : [0]);
    rig.run(20, turn);
    expect(server.state).toBe("connected");
    const [first] = ofKind("state").slice(seen);
    expect(numberOf(first!)).toBeGreaterThan(tickThen);
  });
});
