import { readFileSync } from "node:fs";
import arenaRoom from "../../examples/arena/arena-room.ts";

/** An entity as text for comparing, of which a few fields are looked at. */
interface PlainEntity {
  readonly kind: string;
  readonly id: number;
  readonly owner: number;
  readonly fields: { readonly x: number; readonly y: number };
}

/** A line of what a player was told: by one block, or all that it held of a tick while nothing was lost. */
interface ToldLine {
  readonly tick: number;
  readonly entities?: readonly PlainEntity[];
  readonly gone?: readonly { readonly what: "left" | "despawned"; readonly id: number }[];
  readonly player?: number;
  readonly held?: readonly PlainEntity[];
}

export interface Comparison {
  blocks: number;
  entities: number;
  held: number;
  /** Entities that stood within the radius of interest while nothing was lost. */
  near: number;
  differences: string[];
}

/** Replicas may be a step or two from the places that rules see. */
const PLACE_TOLERANCE = 0.1;

/**
 * Compares what players were told, as their files say, with the lines that the server wrote of the same ticks: to the
 * last bit, as text.
 */
export function compareTold(toldFiles: readonly string[], dumpFile: string): Comparison {
  const truth = new Truth(dumpFile);
  const comparison: Comparison = { blocks: 0, entities: 0, held: 0, near: 0, differences: [] };
  for (const file of toldFiles) {
    for (const line of linesOf(file)) compareLine(JSON.parse(line) as ToldLine, line, truth, comparison);
  }
  return comparison;
}

interface Living {
  readonly entity: PlainEntity;
  readonly text: string;
}

/** The server's lines by tick, of which only those that are asked for are parsed. */
class Truth {
  readonly #lines = new Map<number, string>();
  readonly #parsed = new Map<number, ReadonlyMap<number, Living>>();

  constructor(dumpFile: string) {
    for (const line of linesOf(dumpFile)) {
      const tick = /^{"tick":(\d+),/.exec(line);
      if (tick !== null) this.#lines.set(Number(tick[1]), line);
    }
  }

  /** By id; undefined for a tick that the server told nobody of. */
  at(tick: number): ReadonlyMap<number, Living> | undefined {
    const line = this.#lines.get(tick);
    let living = this.#parsed.get(tick);
    if (line === undefined || living !== undefined) return living;
    const { entities } = JSON.parse(line) as { entities: PlainEntity[] };
    living = new Map(entities.map((entity) => [entity.id, { entity, text: JSON.stringify(entity) }]));
    this.#parsed.set(tick, living);
    return living;
  }
}

function linesOf(file: string): string[] {
  return readFileSync(file, "utf8").split("\n").slice(0, -1);
}

function compareLine(told: ToldLine, line: string, truth: Truth, comparison: Comparison): void {
  const { differences } = comparison;
  const { tick } = told;
  // Numbers must be written as the server writes them.
  if (JSON.stringify(told) !== line) differences.push(`tick ${tick}: not in canonical form: ${line}`);
  const living = truth.at(tick);
  if (living === undefined) {
    differences.push(`tick ${tick}: told of, but not in the server's file`);
    return;
  }
  for (const entity of [...(told.entities ?? []), ...(told.held ?? [])]) {
    const text = JSON.stringify(entity);
    const wanted = living.get(entity.id)?.text;
    if (text !== wanted) differences.push(`tick ${tick}: decoded ${text}, the truth is ${wanted}`);
  }
  for (const { what, id } of told.gone ?? []) {
    // One that left may have been despawned since, where nobody looks.
    if (what === "despawned" && living.has(id)) differences.push(`tick ${tick}: ${id} is not despawned`);
  }
  if (told.entities !== undefined) comparison.blocks += 1;
  comparison.entities += told.entities?.length ?? 0;
  comparison.held += told.held?.length ?? 0;
  if (told.held !== undefined) compareNear(told, told.held, living, comparison);
}

/** Who is nearer to the player's ship than the arena's radius must be held. */
function compareNear(
  { tick, player }: ToldLine,
  held: readonly PlainEntity[],
  living: ReadonlyMap<number, Living>,
  comparison: Comparison,
): void {
  const ids = new Set(held.map(({ id }) => id));
  const all = [...living.values()].map(({ entity }) => entity);
  const ship = all.find(({ kind, owner }) => kind === "ship" && owner === player);
  if (ship === undefined) {
    comparison.differences.push(`tick ${tick}: player ${player} has no ship`);
    return;
  }
  const radius = arenaRoom.hooks.interest!.radius! - PLACE_TOLERANCE;
  for (const { id, kind, fields } of all) {
    if (Math.hypot(fields.x - ship.fields.x, fields.y - ship.fields.y) > radius) continue;
    comparison.near += 1;
    if (!ids.has(id)) comparison.differences.push(`tick ${tick}: ${kind} ${id} is near, and not held`);
  }
}
