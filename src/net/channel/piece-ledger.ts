/**
 * What one channel has under way, and what of it was lost: due again in a new packet, oldest bytes first.
 *
 *   sent → under way → acked
 *              ↓ its packet is lost, or is the one to be probed for
 *            lost → sent (cut anew, if the packet has less room) …
 */
import { ByteRanges } from "./byte-ranges.ts";
import type { Due, OutgoingMessage, Piece } from "./outgoing-message.ts";
import type { SentPacket } from "./sent-packets.ts";

/** Of one channel, lost ones included: bounds what both ends have to remember of it. */
export const MAX_PIECES_UNDER_WAY = 256;
/** The first loss is no reason to wait; from the second on each makes the next wait longer, up to this. */
const MAX_BACK_OFF_MS = 1_000;
const BACK_OFF_FACTOR = 1.5;

export class PieceLedger {
  /** Pieces in packets that are neither acked nor lost. */
  underWay = 0;
  /** In the order of ids, then of bytes. */
  readonly #lost: Piece[] = [];

  /** True while something more may be sent for the first time. */
  get hasRoom(): boolean {
    return this.underWay + this.#lost.length < MAX_PIECES_UNDER_WAY;
  }

  /** The first lost piece that is due, or undefined. */
  nextLost(nowMs: number, onlyProbes: boolean): Piece | undefined {
    for (let i = 0; i < this.#lost.length; i += 1) {
      const piece = this.#lost[i]!;
      const { message, start, end } = piece;
      // An ack of an earlier packet may have come meanwhile.
      if (message.isDone || (message.acked?.covers(start, end) && start < end)) {
        this.#lost.splice(i, 1);
        i -= 1;
      } else if (piece.isProbe || (!onlyProbes && piece.notBeforeMs <= nowMs)) return piece;
    }
    return undefined;
  }

  /** Notes that the bytes of `due` up to `end` left in `packet`. */
  sent({ message, start, end: dueEnd, piece }: Due, end: number, packet: SentPacket): void {
    let part = piece;
    if (piece === undefined || end < dueEnd) part = newPiece(message, start, end, piece?.sends ?? 0);
    if (piece !== undefined) {
      const at = this.#lost.indexOf(piece);
      if (part === piece) this.#lost.splice(at, 1);
      else
        this.#lost[at] = { ...newPiece(message, end, dueEnd, piece.sends), notBeforeMs: piece.notBeforeMs };
    }
    part!.sends += 1;
    part!.isProbe = false;
    part!.packetNumber = packet.number;
    packet.pieces.push(part!);
    this.underWay += 1;
  }

  /** Takes the ack of packet `number`. True when it settles the message. */
  acked(piece: Piece, number: number): boolean {
    this.#landed(piece, number);
    const { message, start, end } = piece;
    if (message.isDone) return false;
    if (end - start === message.payload.length) return true;
    message.acked ??= new ByteRanges();
    message.acked.add(start, end);
    return message.acked.covers(0, message.payload.length);
  }

  /** The packet `number` is given up: what it alone carried is due again. */
  lost(piece: Piece, number: number, nowMs: number, lostAfterMs: number): void {
    if (!this.#landed(piece, number) || piece.message.isDone) return;
    const waitMs = lostAfterMs * BACK_OFF_FACTOR ** (piece.sends - 2);
    piece.notBeforeMs = piece.sends < 2 ? 0 : nowMs + Math.min(waitMs, MAX_BACK_OFF_MS);
    this.#insert(piece);
  }

  /** Has the piece sent again though packet `number`, which carries it, may yet arrive. */
  probe(piece: Piece, number: number): void {
    if (!this.#landed(piece, number) || piece.message.isDone) return;
    piece.isProbe = true;
    this.#insert(piece);
  }

  /** False when the piece has left in a later packet since, or is due to. */
  #landed(piece: Piece, number: number): boolean {
    if (piece.packetNumber !== number) return false;
    piece.packetNumber = 0;
    this.underWay -= 1;
    return true;
  }

  #insert(piece: Piece): void {
    let at = this.#lost.length;
    while (at > 0 && isBefore(piece, this.#lost[at - 1]!)) at -= 1;
    this.#lost.splice(at, 0, piece);
  }
}

function newPiece(message: OutgoingMessage, start: number, end: number, sends: number): Piece {
  return { message, start, end, sends, packetNumber: 0, notBeforeMs: 0, isProbe: false };
}

function isBefore(a: Piece, b: Piece): boolean {
  return a.message.id < b.message.id || (a.message.id === b.message.id && a.start < b.start);
}
