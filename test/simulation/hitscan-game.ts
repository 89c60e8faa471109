/**
 * A shooting range: targets that nobody can foretell, and gunners who aim at what they see, about as well as people do.
 * Each shot is judged twice, in the gunner's past and in the present. Targets are as large and as fast as the arena's ships.
 */
import { SHIP_RADIUS, SHIP_SPEED } from "../../examples/arena/arena.ts";
import type { InputBuffer } from "../../src/game/room/input-buffer.ts";
import { decodeInputs, encodeInputs } from "../../src/game/schema/input-codec.ts";
import { defineBot, defineGame, defineRoom, t } from "../../src/mod.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../src/net/bytes/seeded-random.ts";
import { type LinkConditions, Simulation } from "../../src/testing-door.ts";

const TARGETS = 6;
const GUNNERS = 8;
/** Standard deviation of where a shot goes, beside what it is aimed at: two of three shots hit. */
const AIM_ERROR = SHIP_RADIUS;
const RANGE = 120;

const place = {
  x: t.fixed(-128, 128, 1 / 64).follows("vx"),
  y: t.fixed(-128, 128, 1 / 64).follows("vy"),
  vx: t.fixed(-SHIP_SPEED, SHIP_SPEED, 1 / 16),
  vy: t.fixed(-SHIP_SPEED, SHIP_SPEED, 1 / 16),
};

function newRange(tickRate: number) {
  return defineGame({
    name: "range",
    tickRate,
    input: { aim: t.angle(16), fire: t.bool() },
    entities: {
      gunner: { x: t.fixed(-1, 1, 1), y: t.fixed(-1, 1, 1) },
      target: place,
      /** Its x is the tick: inside `world.rewind` it tells when that is. */
      clock: { x: t.fixed(0, 1_000_000, 1), y: t.fixed(0, 1, 1) },
    },
    avatar: "gunner",
    step: {
      target(target, _input, world) {
        target.x += target.vx * world.dt;
        target.y += target.vy * world.dt;
        const isOut = Math.max(Math.abs(target.x), Math.abs(target.y)) > RANGE;
        if (!isOut && world.random() > 1.5 * world.dt) return;
        const course = isOut ? world.math.atan2(-target.y, -target.x) : world.random() * 2 * Math.PI;
        target.vx = SHIP_SPEED * world.math.cos(course);
        target.vy = SHIP_SPEED * world.math.sin(course);
      },
      clock(clock, _input, world) {
        clock.x = world.tick + 1;
      },
    },
  });
}
type Range = ReturnType<typeof newRange>["~shape"];

/** A player, as the room knows it. */
interface Claimant {
  readonly "~inputs": InputBuffer;
}

/** What came of all shots. */
export interface Tally {
  shots: number;
  /** In the gunner's past, and in the present. */
  hits: number;
  presentHits: number;
  /** How many ticks back shots were judged, all in all. */
  ticksBack: number;
  /** How many ticks before their own inputs came, all in all. */
  ticksAhead: number;
  /** The most ticks by which a shot was judged elsewhere than where its gunner saw. */
  mostAstray: number;
  clamped: number;
  capped: number;
}

export interface Shooting {
  readonly tickRate: number;
  readonly link: Partial<LinkConditions>;
  readonly seconds: number;
  readonly seed: number;
  /** What a gunner says it saw, in eighths of a tick behind its input, given what it did see. */
  readonly claim?: (seenLagEighths: number) => number;
  /** How many ticks before what it sees a gunner aims at. */
  readonly aimsTicksBack?: number;
}

export function shoot({ tickRate, link, seconds, seed, claim, aimsTicksBack = 0 }: Shooting): Tally {
  const game = newRange(tickRate);
  const tally: Tally = {
    ...{ shots: 0, hits: 0, presentHits: 0, ticksBack: 0, ticksAhead: 0, mostAstray: 0 },
    ...{ clamped: 0, capped: 0 },
  };
  /** Of each gunner what it saw, by the tick of its input. */
  const seenTicks = new Map<number | undefined, Map<number, number>>();
  let isJudging = false;
  const room = defineRoom(game, {
    onCreate(world) {
      world.spawn("clock");
      for (let n = 0; n < TARGETS; n += 1) world.spawn("target", { x: 20 * n - 50, y: 30 });
    },
    onJoin(world, player) {
      player.entity = world.spawn("gunner");
    },
    onTick(world) {
      if (!isJudging) return;
      const isHit = (aim: number): boolean => [...world.target].some((target) => isOnRay(target, aim));
      for (const player of world.players) {
        const { input } = player;
        if (!input.fire) continue;
        tally.shots += 1;
        if (isHit(input.aim)) tally.presentHits += 1;
        const [seenTick, hit] = world.rewind(player, () => [[...world.clock][0]!.x, isHit(input.aim)]);
        tally.ticksBack += world.tick + 1 - seenTick;
        tally.ticksAhead += (player as unknown as Claimant)["~inputs"].used.lead;
        const trueTick = seenTicks.get(player.id)?.get(world.tick) ?? Number.NaN;
        tally.mostAstray = Math.max(tally.mostAstray, Math.abs(seenTick - trueTick));
        if (hit) tally.hits += 1;
      }
    },
  });
  const simulation = new Simulation<Range>(room, { seed, link, bot: defineBot(game, () => ({})) });
  for (let n = 0; n < GUNNERS; n += 1) {
    const random = new SeededRandom(seed * 100 + n);
    /** Where targets were seen, the newest first. */
    const seen: { x: number; y: number }[][] = [];
    const gunner = simulation.join((me, tick) => {
      const ticks = seenTicks.get(me.playerId) ?? new Map<number, number>();
      seenTicks.set(me.playerId, ticks.set(tick, me.view.tick));
      seen.unshift([...me.view.target].map(({ x, y }) => ({ x, y })));
      seen.length = Math.min(seen.length, 64);
      const then = seen[Math.min(aimsTicksBack, seen.length - 1)]!;
      const target = then[(tick >> 4) % TARGETS];
      if (target === undefined) return;
      // Someone with a steadier hand at one latency would prove nothing.
      const [x, y] = [target.x + AIM_ERROR * bell(random), target.y + AIM_ERROR * bell(random)];
      me.setInput({ aim: Math.atan2(y, x), fire: tick % 2 === 0 });
    });
    if (claim !== undefined) lie(game, gunner["~connection"], claim);
  }
  simulation.run(5);
  isJudging = true;
  const before = { ...simulation.server.room.counters };
  simulation.run(seconds);
  const { rewindsClamped, rewindsCapped } = simulation.server.room.counters;
  return {
    ...tally,
    clamped: rewindsClamped - before.rewindsClamped,
    capped: rewindsCapped - before.rewindsCapped,
  };
}

/** Has each input block claim something else. */
function lie(
  game: ReturnType<typeof newRange>,
  connection: { queueInput(block: Uint8Array, length: number, tick: number): void },
  claim: (seenLagEighths: number) => number,
): void {
  const honest = connection.queueInput.bind(connection);
  const writer = new MsgpackWriter();
  const changed = new Uint8Array(600);
  connection.queueInput = (block, length, tick) => {
    const frame = decodeInputs(game as never, block, 0, length)!;
    const claimed = Math.min(Math.max(Math.round(claim(frame.seenLagEighths)), 0), 511);
    encodeInputs(game as never, writer.reset(changed), frame.newestTick, frame.inputs, claimed);
    honest(changed, writer.at, tick);
  };
}

function isOnRay({ x, y }: { readonly x: number; readonly y: number }, aim: number): boolean {
  const [cos, sin] = [Math.cos(aim), Math.sin(aim)];
  return x * cos + y * sin > 0 && Math.abs(y * cos - x * sin) <= SHIP_RADIUS;
}

/** About a standard normal, from its sum of twelve. */
function bell(random: SeededRandom): number {
  let sum = -6;
  for (let n = 0; n < 12; n += 1) sum += random.next();
  return sum;
}
