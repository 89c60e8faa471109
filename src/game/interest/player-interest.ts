import { Receipts } from "./receipts.ts";
import { SendPlan } from "./send-plan.ts";
import { NO_TICK } from "./surprises.ts";
import { ViewList } from "./view-list.ts";
import type { Watcher } from "./watcher.ts";

/** What one player sees, is sent next, and is known to hold. */
export class PlayerInterest<V extends Watcher = Watcher> {
  readonly watcher: V;
  team: number | undefined = undefined;
  /** Entity indexes, -1 = none. */
  firstOwned = -1;
  lastOwned = -1;
  readonly view: ViewList = new ViewList();
  /** Of the census that the newest look went by, and the team it had then. */
  serial: number = NO_TICK;
  lookedTeam: number | undefined = undefined;
  /** As of the newest look: entity index of what the watcher steers, and its slot if it is seen; -1 = none. */
  avatarIndex = -1;
  avatarSlot = -1;
  /** Whence the player looks; without a centre, everything is near. */
  hasCentre = false;
  centreX = 0;
  centreY = 0;
  readonly plan: SendPlan = new SendPlan(this.view);
  readonly receipts: Receipts = new Receipts(this.view);

  constructor(watcher: V) {
    this.watcher = watcher;
  }

  /** Entries `from` up to `end` of the plan leave in packet `number`. Numbers go up. */
  sent(number: number, from: number, end: number): void {
    this.receipts.note(number, this.plan.tick, this.plan, from, end);
  }

  acked(number: number): void {
    this.receipts.acked(number);
  }

  lost(number: number): void {
    this.receipts.lost(number);
  }

  /** The player asked for everything anew: from the next tick on it is taken to hold nothing. */
  dropAll(): void {
    this.view.dropAll();
  }
}
