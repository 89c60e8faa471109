import { IntList } from "./int-list.ts";
import { Receipts } from "./receipts.ts";
import { SendPlan } from "./send-plan.ts";
import { NO_TICK } from "./surprises.ts";
import { ViewList } from "./view-list.ts";
import type { Watcher } from "./watcher.ts";

/** What one player sees, is sent next, and is known to hold. */
export class PlayerInterest<V extends Watcher = Watcher> {
  readonly watcher: V;
  readonly view: ViewList = new ViewList();
  readonly plan: SendPlan = new SendPlan();
  readonly receipts: Receipts;
  /** NaN = none. */
  team: number = Number.NaN;
  readonly owned: IntList = new IntList();
  readonly ownedLocal: IntList = new IntList();
  /** Whence the player looks; without a centre, everything is near. */
  hasCentre = false;
  centreX = 0;
  centreY = 0;
  /** Of the census that the newest look went by, and the team it had then. */
  serial: number = NO_TICK;
  lookedTeam: number = Number.NaN;

  constructor(watcher: V) {
    this.watcher = watcher;
    this.receipts = new Receipts(this.view);
  }

  /** Entries `from` up to `end` of the plan leave in packet `number`. Numbers go up. */
  sent(number: number, from: number, end: number): void {
    this.receipts.note(number, this.plan.tick, this.plan.slots, from, end);
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
