import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeOwn } from "../../../src/game/replication/own-block.ts";
import { ReplicaView } from "../../../src/game/replication/replica-view.ts";
import { describeSnapshot, hashSnapshot, type Snapshot } from "../../../src/game/replication/snapshot.ts";
import { SnapshotAssembler } from "../../../src/game/replication/snapshot-assembler.ts";
import { leastBlockBytes, SnapshotEncoder } from "../../../src/game/replication/state-block.ts";
import { Room } from "../../../src/game/room/room.ts";
import { defineGame } from "../../../src/game/schema/define-game.ts";
import { defineRoom } from "../../../src/game/schema/define-room.ts";
import { t } from "../../../src/game/schema/field-types.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";

const game = defineGame({
  name: "r",
  tickRate: 30,
  input: {},
  avatar: "ship",
  entities: {
    ship: {
      x: t.fixed(-100, 100, 1 / 64),
      ammo: t.uint(300).visibleTo("owner"),
      name: t.text(10),
      at: t.vec2(-10, 10, 0.5),
      loot: t.uint(70_000).default(54_321).visibleTo("server"),
      secret: t.text(8).visibleTo("owner"),
      heading: t.angle(10),
    },
    flag: { isUp: t.bool(), holder: t.id(), marks: t.list(t.vec2(0, 3, 1), 3) },
    empty: {},
  },
});
type Action = { readonly do: string; readonly n: number; readonly name: string };
const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.record({
    do: fc.constantFrom("ship", "ship", "flag", "empty", "despawn", "change", "tick"),
    n: fc.nat(1000),
    name: fc.string({ maxLength: 10 }),
  }),
  { maxLength: 150, size: "max" },
);

function newRoom(): Room<(typeof game)["~shape"]> {
  return new Room(defineRoom(game, {}), { seed: 1 });
}

function act(room: ReturnType<typeof newRoom>, { do: what, n, name }: Action): void {
  const { world } = room;
  const living = [...world.ship, ...world.flag, ...world.empty];
  const one = living[n % (living.length || 1)];
  if (what === "ship") world.spawn("ship", { x: n / 7 - 70, name, at: { x: n % 10, y: -3 }, ammo: n % 300 });
  else if (what === "flag") world.spawn("flag", { isUp: n % 2 > 0, marks: [{ x: n % 4, y: 1 }] });
  else if (what === "empty") world.spawn("empty");
  else if (what === "tick") room.step();
  else if (one === undefined) return;
  else if (what === "despawn") world.despawn(one);
  else if (one.kind === "ship") one.heading = n;
  else if (one.kind === "flag") one.holder = living[0]!.id;
}

function blocksOf(snapshot: Snapshot, bytes = leastBlockBytes(snapshot)): Uint8Array[] {
  const blocks = new SnapshotEncoder().encode(snapshot, bytes);
  for (const block of blocks) expect(block.length).toBeLessThanOrEqual(bytes);
  return blocks.map((block) => block.bytes.slice(0, block.length));
}

describe("a snapshot", () => {
  test("arrives whole from blocks in any order, repeated, whatever lived and died", () => {
    fc.assert(
      fc.property(actions, fc.infiniteStream(fc.nat(1000)), (list, order) => {
        const room = newRoom();
        for (const action of list) act(room, action);
        const snapshot = room.capture();
        const blocks = blocksOf(snapshot);
        const keys = new Map(blocks.map((block) => [block, order.next().value]));
        const shuffled = [...blocks, ...blocks.slice(0, 2)].sort((a, b) => keys.get(a)! - keys.get(b)!);
        const assembler = new SnapshotAssembler(game);
        const completed = shuffled.flatMap((block) => assembler.receive(block) ?? []);
        expect(completed.length).toBe(1);
        expect(describeSnapshot(completed[0]!)).toEqual(describeSnapshot(snapshot));
        expect(hashSnapshot(completed[0]!)).toBe(hashSnapshot(snapshot));
        const replica = new ReplicaView(game);
        replica.show(completed[0]!, undefined);
        expect(replica.view.ship.size).toBe(room.world.ship.size);
        for (const ship of replica.view.ship) {
          const truth = room.world.ship.get(ship.id)!;
          expect([ship.name, ship.owner, ship.at]).toEqual([
            truth.name,
            truth.owner,
            { x: truth.at.x, y: truth.at.y },
          ]);
          expect(Math.abs(ship.x - truth.x)).toBeLessThanOrEqual(1 / 128);
          expect([ship.ammo, ship.secret]).toEqual([undefined, undefined]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("is plain msgpack that any library reads", () => {
    const room = newRoom();
    room.world.spawn("flag", { isUp: true, marks: [{ x: 1, y: 2 }] });
    const ship = room.world.spawn("ship", { x: -0.5, name: "ada", at: { x: 1, y: 0 } });
    room.world.despawn(ship);
    room.step();
    room.world.spawn("empty");
    room.world.spawn("ship", { x: -0.5, name: "ada", at: { x: 1, y: 0 } });
    expect(blocksOf(room.capture(), 500).map((block) => decode(block))).toEqual([
      [1, 0, 1, [0, 1, 1, 0, true, 0, [[1, 2]]], [0, 2, 2, 0], [0, 1, 0, 0, -32, "ada", 2, 0, 0]],
    ]);
  });

  test("an empty world is one block", () => {
    const assembler = new SnapshotAssembler(game);
    const blocks = blocksOf(newRoom().capture());
    expect(blocks.length).toBe(1);
    expect(assembler.receive(blocks[0]!)?.size).toBe(0);
  });
});

describe("what only some may see", () => {
  const room = newRoom();
  const [ada, bob] = [room.join("ada"), room.join("bob")];
  ada.entity = room.world.spawn("ship", { ammo: 251, secret: "sesame" });
  bob.entity = room.world.spawn("ship", { ammo: 252, secret: "rosebud" });
  const snapshot = room.capture();
  const own = (player: typeof ada, room = 500): Uint8Array => {
    const writer = new MsgpackWriter().reset(new Uint8Array(room));
    expect(encodeOwn(snapshot, player.id, player.entity?.id ?? 0, writer)).toBe(room >= 10);
    return writer.bytes.slice(0, writer.at);
  };

  test("is in no shared block, and in no other player's own block", () => {
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    const shared = blocksOf(snapshot)[0]!;
    expect(text(shared)).not.toMatch(/sesame|rosebud/);
    expect(JSON.stringify(decode(shared))).not.toMatch(/54321|251|252/);
    expect(text(own(ada))).toMatch(/sesame/);
    expect(text(own(ada))).not.toMatch(/rosebud/);
    expect(JSON.stringify(decode(own(ada)))).not.toMatch(/54321|252/);
  });

  test("is shown to its owner", () => {
    const assembler = new SnapshotAssembler(game);
    assembler.receive(blocksOf(snapshot)[0]!);
    expect(assembler.receiveOwn(own(bob))).toBe(true);
    expect(assembler.receiveOwn(own(bob))).toBe(false);
    const replica = new ReplicaView(game);
    replica.show(assembler.newest!, assembler.own);
    expect(replica.playerId).toBe(bob.id);
    expect(replica.entity).toBe(replica.view.ship.get(bob.entity!.id));
    expect(replica.view.ship.get(bob.entity!.id)).toMatchObject({
      ammo: 252,
      secret: "rosebud",
      owner: bob.id,
    });
    const other = replica.view.ship.get(ada.entity!.id);
    expect([other?.ammo, other?.secret]).toEqual([undefined, undefined]);
  });

  test("is left out where it does not fit", () => {
    expect(decode(own(ada, 10))).toEqual([0, ada.id, ada.entity!.id]);
    own(ada, 3);
  });
});

describe("an assembler", () => {
  const room = newRoom();
  for (let n = 0; n < 40; n += 1) room.world.spawn("ship", { x: n, name: `ship ${n}` });
  const ticks = Array.from({ length: 8 }, () => {
    room.step();
    return blocksOf(room.capture(), 300);
  });

  test("never goes back, and gives up what it cannot finish", () => {
    const assembler = new SnapshotAssembler(game);
    for (const blocks of ticks.slice(0, 6)) assembler.receive(blocks[0]!);
    expect(assembler.counters.ticksIncomplete).toBe(2);
    expect(assembler.receive(ticks[0]![1]!)).toBeUndefined();
    expect(assembler.counters.blocksOld).toBe(1);
    for (const block of ticks[4]!) assembler.receive(block);
    expect(assembler.newest?.tick).toBe(5);
    expect(assembler.counters).toMatchObject({ ticksCompleted: 1, ticksIncomplete: 4, blocksRepeated: 1 });
    for (const block of ticks[3]!) expect(assembler.receive(block)).toBeUndefined();
    for (const block of ticks[5]!) assembler.receive(block);
    expect(assembler.newest?.tick).toBe(6);
  });

  test("refuses parts that contradict each other", () => {
    const assembler = new SnapshotAssembler(game);
    const [first, second] = ticks[0]!;
    assembler.receive(first!);
    const doctored = blocksOf(newRoom().capture())[0]!;
    doctored[1] = 1;
    expect(assembler.receive(doctored)).toBeUndefined();
    expect(assembler.counters.blocksContradictory).toBe(1);
    assembler.receive(second!);
    expect(assembler.counters.blocksTaken).toBe(2);
  });

  test("never throws on garbage, and counts it", () => {
    const block = ticks[0]![0]!;
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(block.length - 1),
        fc.nat(255),
        fc.nat(300),
        (bytes, at, value, cut) => {
          const assembler = new SnapshotAssembler(game);
          for (const hostile of [bytes, block.with(at, value), block.subarray(0, cut)]) {
            assembler.receive(hostile);
            assembler.receiveOwn(hostile);
          }
          const { counters } = assembler;
          expect(counters.ownMalformed + counters.ownOld + counters.ownTaken).toBe(3);
          expect(counters.blocksMalformed).toBeGreaterThanOrEqual(1);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test("a view object stays the same while its entity is seen, and then shows what was last", () => {
  const room = newRoom();
  const ship = room.world.spawn("ship", { x: 1 });
  const replica = new ReplicaView(game);
  const assembler = new SnapshotAssembler(game);
  const show = (): void => {
    room.step();
    const snapshot = blocksOf(room.capture(), 300).flatMap((block) => assembler.receive(block) ?? [])[0]!;
    replica.show(snapshot, undefined);
  };
  show();
  const seen = replica.view.ship.get(ship.id)!;
  ship.x = 2;
  show();
  expect([...replica.view.ship]).toEqual([seen]);
  expect([seen.x, replica.view.tick]).toEqual([2, 2]);
  room.world.despawn(ship);
  show();
  expect([seen.x, replica.view.ship.size, replica.view.ship.get(ship.id)]).toEqual([2, 0, undefined]);
});
