/**
 * A player's stays with a server, one after the other: the present one, whose world is shown, and the attempts at the
 * next once it is lost. It decides what is worth coming back from; `WayBack` decides when.
 */
import type { ClientState, StateChange } from "../src/game/schema/client-types.ts";
import type { Shape } from "../src/game/schema/shape.ts";
import { RECONNECT_MS } from "../src/net/connection/connection-life.ts";
import type { ConnectToken } from "../src/net/crypto/connect-token.ts";
import type { Outbox } from "../src/net/ports/outbox.ts";
import type { PeerAddress } from "../src/net/ports/peer-address.ts";
import { addPast, clientStateOf, clientStats, newPastCounts } from "./client-stats.ts";
import type { ClientStats, ClosedInfo, RenewToken } from "./client-types.ts";
import { LastMinute } from "./last-minute.ts";
import { Visit, type VisitOwner, type VisitParts } from "./visit.ts";
import { mayComeBack, WayBack } from "./way-back.ts";

/** An attempt to join anew that nothing is heard of is given up after so long, and any after so long. */
const UNANSWERED_MS = 1_500;
const ATTEMPT_MS = 4_000;

export interface VisitsOwner {
  played(tick: number, dueMs: number): void;
  told(tick: number): void;
  changed(change: StateChange): void;
}

export class Visits<S extends Shape> {
  /** The one whose world is shown. */
  present: Visit<S>;
  closedInfo: ClosedInfo | undefined;
  #attempt: Visit<S> | undefined;
  readonly #wayBack: WayBack | undefined;
  readonly #parts: VisitParts<S>;
  readonly #owner: VisitsOwner;
  readonly #visitOwner: VisitOwner<S>;
  readonly #past = newPastCounts();
  readonly #corrections = new LastMinute();
  #correctionsSeen = 0;
  #nowMs = 0;

  constructor(
    parts: VisitParts<S>,
    token: ConnectToken,
    renewToken: RenewToken | undefined,
    owner: VisitsOwner,
  ) {
    const { random, reconnectMs = RECONNECT_MS } = parts.options;
    this.#parts = parts;
    this.#owner = owner;
    this.#visitOwner = {
      played: (tick, dueMs) => owner.played(tick, dueMs),
      told: (tick) => this.#told(tick),
      changed: (visit, what) => this.#changed(visit, what),
      ended: (visit, info) => this.#ended(visit, info),
    };
    this.present = new Visit(parts, token, this.#visitOwner);
    if (renewToken !== undefined) this.#wayBack = new WayBack(renewToken, reconnectMs, random);
  }

  get state(): ClientState {
    if (this.closedInfo !== undefined) return "closed";
    return this.isComingBack ? "reconnecting" : clientStateOf(this.present.connection.state);
  }

  get stats(): ClientStats {
    const visit = this.present as unknown as Visit<Shape>;
    return clientStats(visit, this.#past, this.#corrections.sum(this.#nowMs));
  }

  /** True while there is no connection, but there may be one again. */
  get isComingBack(): boolean {
    return this.#wayBack?.isUnderWay === true;
  }

  /** True while turns are still needed: until the last goodbye is said. */
  get isTurning(): boolean {
    return this.isComingBack || this.present.isTurning;
  }

  get nextDueMs(): number {
    if (!this.isComingBack) return this.present.nextDueMs;
    return this.#attempt?.nextDueMs ?? this.#wayBack!.dueMs;
  }

  start(nowMs: number): void {
    this.#nowMs = nowMs;
    this.present.start(nowMs);
  }

  leave(detail: string): void {
    if (this.closedInfo !== undefined) return;
    if (this.isComingBack) this.#end({ reason: "closed", detail, by: "client" });
    else this.present.leave(detail, this.#nowMs);
  }

  receive(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    this.#nowMs = nowMs;
    (this.#attempt ?? this.present).receive(bytes, from, nowMs);
  }

  turn(nowMs: number, outbox: Outbox): void {
    this.#nowMs = nowMs;
    if (this.isComingBack) this.#comeBack(this.#wayBack!, nowMs, outbox);
    else this.present.turn(nowMs, outbox);
  }

  #comeBack(wayBack: WayBack, nowMs: number, outbox: Outbox): void {
    if (wayBack.isOver(nowMs)) {
      this.#end(wayBack.why);
      return;
    }
    const attempt = this.#attempt;
    if (attempt !== undefined) {
      if (attempt.unansweredMs(nowMs) > UNANSWERED_MS) attempt.leave("", nowMs);
      else attempt.turn(nowMs, outbox);
      return;
    }
    const token = wayBack.takeToken(nowMs);
    if (token !== undefined) this.#knock(token, nowMs, outbox);
  }

  #knock(token: ConnectToken, nowMs: number, outbox: Outbox): void {
    const { options } = this.#parts;
    const connectTimeoutMs = Math.min(options.connectTimeoutMs, ATTEMPT_MS);
    const parts = { ...this.#parts, options: { ...options, connectTimeoutMs } };
    this.#attempt = new Visit(parts, token, this.#visitOwner);
    this.#attempt.start(nowMs);
    this.#attempt.turn(nowMs, outbox);
  }

  #told(tick: number): void {
    const corrections = this.present.own?.corrections ?? 0;
    if (corrections !== this.#correctionsSeen) {
      this.#corrections.add(corrections - this.#correctionsSeen, this.#nowMs);
      this.#correctionsSeen = corrections;
    }
    this.#owner.told(tick);
  }

  #changed(visit: Visit<S>, what: "connected" | "dropped" | "resumed"): void {
    if (visit === this.#attempt) this.#moveTo(visit);
    const change: StateChange =
      what === "dropped"
        ? { state: "dropped", reason: "timeout", detail: "the server has fallen silent", by: "network" }
        : { state: "playing", reason: undefined, detail: "", by: undefined };
    this.#owner.changed(change);
  }

  /** The player is in again: another connection, and a world that is told from scratch. */
  #moveTo(visit: Visit<S>): void {
    const former = this.present;
    this.present = visit;
    this.#attempt = undefined;
    this.#wayBack!.arrived(this.#nowMs);
    addPast(this.#past, former as unknown as Visit<Shape>);
    this.#past.rejoins += 1;
    this.#correctionsSeen = 0;
    this.#parts.inputs.restart();
    former.world.abandon();
  }

  #ended(visit: Visit<S>, info: ClosedInfo): void {
    if (visit === this.#attempt) this.#attemptEnded(info);
    else if (visit === this.present) this.#presentEnded(visit, info);
  }

  #attemptEnded(info: ClosedInfo): void {
    this.#attempt = undefined;
    // Given up by us, for its silence.
    if (info.by === "client")
      this.#wayBack!.failed({ ...info, reason: "timeout", by: "network" }, this.#nowMs);
    else if (mayComeBack(info)) this.#wayBack!.failed(info, this.#nowMs);
    else this.#end(info);
  }

  #presentEnded(visit: Visit<S>, info: ClosedInfo): void {
    const { unackedMessages } = visit.connection;
    // Who was never shown anything has not been in the game: that is for those to hear who wanted to join.
    const wasInside = this.#past.rejoins > 0 || visit.world.stateTicks > 0;
    if (info.by !== "client") this.#past.messagesLost += unackedMessages;
    if (this.#wayBack === undefined || !wasInside || !mayComeBack(info)) {
      this.#end(info);
      return;
    }
    this.#wayBack.begin(info, this.#nowMs);
    this.#owner.changed({ state: "reconnecting", ...info });
  }

  #end(info: ClosedInfo): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#wayBack?.stop();
    attempt?.leave("", this.#nowMs);
    this.closedInfo = info;
    this.#owner.changed({ state: "closed", ...info });
  }
}
