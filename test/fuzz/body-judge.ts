/**
 * The slow twin of how a body is read: a msgpack library decodes it, the rules are asked of plain values, and what
 * does not encode to the same bytes again was not in its shortest form.
 */
import { decode, Encoder } from "@msgpack/msgpack";
import { DISCONNECT_REASONS } from "../../src/net/wire/disconnect-reason.ts";

export interface Judgement {
  readonly isLawful: boolean;
  /** Frames in order, of a lawful body. */
  readonly frames: readonly (readonly unknown[])[];
}

/** ACK_RANGES, STATE and OWN. */
const ONCE: readonly unknown[] = [6, 1, 5];
const UNLAWFUL: Judgement = { isLawful: false, frames: [] };

/** `newestSent`: of the one spoken to. `expects`: by channel, the reliable message it waits for. */
export function judge(
  body: Uint8Array,
  speaker: "client" | "server",
  newestSent: number,
  expects: readonly number[],
): Judgement {
  let values: unknown;
  try {
    values = decode(body);
    const again = new Encoder().encode(values);
    if (again.length !== body.length || !again.every((byte, i) => byte === body[i])) return UNLAWFUL;
  } catch {
    return UNLAWFUL;
  }
  const headLength = speaker === "client" ? 3 : 5;
  if (!Array.isArray(values) || values.length < headLength) return UNLAWFUL;
  const [ack, missing, delay, tick = 0, lead = 0] = values.slice(0, headLength);
  const head = [
    isWhole(ack, 0, 0xffff),
    isWhole(missing, 0, 0xffff_ffff),
    isWhole(delay, 0, 127),
    isWhole(tick, 0, 0xffff),
    isWhole(lead, -32, 127),
  ];
  if (head.includes(false)) return UNLAWFUL;
  const fullAck = nearest(ack as number, newestSent);
  const frames = values.slice(headLength) as unknown[][];
  if (fullAck > newestSent || frames.length > 256) return UNLAWFUL;
  if (!frames.every((frame) => isLawfulFrame(frame, speaker, fullAck, expects))) return UNLAWFUL;
  // Of acks, state and what is a player's own one frame holds all.
  if (frames.some(([kind], i) => ONCE.includes(kind) && frames.slice(0, i).some(([other]) => other === kind)))
    return UNLAWFUL;
  return { isLawful: true, frames };
}

function isLawfulFrame(frame: unknown, speaker: string, ack: number, expects: readonly number[]): boolean {
  if (!Array.isArray(frame)) return false;
  const [kind, ...rest] = frame as unknown[];
  switch (kind) {
    case 0:
      return isLawfulMessage(rest, expects);
    case 1:
    case 5:
      return speaker === "server" && rest.length === 1 && isBin(rest[0], 1140);
    case 2:
      return speaker === "client" && rest.length === 1 && isBin(rest[0], 600);
    case 3:
      return (
        rest.length === 2 &&
        isWhole(rest[0], 0, DISCONNECT_REASONS.length - 1) &&
        typeof rest[1] === "string" &&
        new TextEncoder().encode(rest[1]).length <= 200
      );
    case 4:
      return rest.length === 0;
    case 6: {
      const span = rest.reduce<number>((sum, length) => sum + (length as number), 0);
      const areWhole = rest.every((length) => isWhole(length, 1, 1_024));
      return areWhole && rest.length % 2 === 1 && rest.length <= 63 && span <= 1_024 && span <= ack;
    }
    case 10:
      return speaker === "client" && rest.length === 0;
    case 7:
      return isLawfulFragment(rest, expects);
    case 8:
    case 9:
      return rest.length === 1 && isBin(rest[0], 8) && rest[0].length === 8;
    default:
      return false;
  }
}

/** Longest message by channel, as in the rig. */
const MOST_BYTES = [262_144, 8_192, 8_192, 262_144, 262_144, 16_777_216];

function isLawfulMessage(rest: readonly unknown[], expects: readonly number[]): boolean {
  const [channel, ...more] = rest;
  if (!isWhole(channel, 0, 5) || !isBin(more.at(-1), 1140)) return false;
  if (channel === 1) return more.length === 1;
  return isLawfulName(channel as number, more.slice(0, -1), expects, false);
}

function isLawfulFragment(rest: readonly unknown[], expects: readonly number[]): boolean {
  const [channel, ...more] = rest;
  const [offset, total, piece] = more.slice(-3);
  if (!isWhole(channel, 0, 5) || !isBin(piece, 1140)) return false;
  const most = MOST_BYTES[channel as number]!;
  if (!isWhole(offset, 0, most - 1) || !isWhole(total, 1, most) || (piece as Uint8Array).length < 1)
    return false;
  if ((offset as number) + (piece as Uint8Array).length > (total as number)) return false;
  return isLawfulName(channel as number, more.slice(0, -3), expects, true);
}

/** An id, and a key on channel 4. */
function isLawfulName(
  channel: number,
  name: readonly unknown[],
  expects: readonly number[],
  isPiece: boolean,
): boolean {
  if (name.length !== (channel === 4 ? 2 : 1) || !isWhole(name[0], 0, 0xffff)) return false;
  if (channel === 4 && !isWhole(name[1], 0, 255)) return false;
  const id = nearest(name[0] as number, expects[channel]!);
  if (channel === 1 || channel === 2) return id >= 0 || !isPiece;
  if (channel === 4) return id >= 0 && Math.abs(id - expects[channel]!) <= 16_384;
  return id >= 0 && id < expects[channel]! + 256;
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isBin(value: unknown, mostBytes: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= mostBytes;
}

/** By looking at all candidates. */
export function nearest(sequence: number, near: number): number {
  const base = Math.floor(near / 65_536) * 65_536 + sequence;
  return [base - 65_536, base, base + 65_536].reduce((best, candidate) => {
    const [a, b] = [Math.abs(candidate - near), Math.abs(best - near)];
    return a < b || (a === b && candidate > best) ? candidate : best;
  });
}
