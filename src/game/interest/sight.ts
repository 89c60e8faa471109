import { type EntityStore, entityIndex } from "../world/entity-store.ts";
import { type Census, ROW_CELLS, RowCell } from "./census.ts";
import { IntList } from "./int-list.ts";
import type { InterestRules } from "./interest-rules.ts";
import type { PlaceGrid } from "./place-grid.ts";
import type { PlayerInterest } from "./player-interest.ts";
import { keyedEntity, keyedSlot, slotKey } from "./slot-key.ts";
import { type Surprises, ViewerClass } from "./surprises.ts";
import { SlotState } from "./view-list.ts";
import type { Watcher } from "./watcher.ts";

/** Who came nearer than the radius is seen until it is so many radii away, … */
export const LEAVE_RADII = 1.2;
/** … and for so long at least, so that what dances on the edge is not sent in full again and again. */
export const MIN_STAY_SECONDS = 0.5;

/**
 * Decides what a player sees, once per tick. The order matters: first what may have gone, then what came, so
 * that an index which was given to another entity is left before it is entered.
 */
export class Sight<V extends Watcher> {
  readonly #census: Census;
  readonly #grid: PlaceGrid;
  readonly #store: EntityStore;
  readonly #rules: InterestRules<V>;
  readonly #minStayTicks: number;
  readonly #leaveRadius2: number;
  /** Common entities with a surprise since the last census. */
  readonly #surprised: IntList;
  /** Indexes that come into sight now. */
  readonly #coming = new IntList();
  /** Of this look, for what it has met among what is near. */
  #mark = 0;

  constructor(
    census: Census,
    grid: PlaceGrid,
    store: EntityStore,
    rules: InterestRules<V>,
    surprised: IntList,
    tickRate: number,
  ) {
    this.#census = census;
    this.#grid = grid;
    this.#store = store;
    this.#rules = rules;
    this.#surprised = surprised;
    this.#leaveRadius2 = (rules.radius * LEAVE_RADII) ** 2;
    this.#minStayTicks = Math.ceil(MIN_STAY_SECONDS * tickRate);
  }

  look(player: PlayerInterest<V>, surprises: Surprises, tick: number): void {
    const { view } = player;
    view.clearEvents();
    const lastTick = view.tick;
    view.tick = tick;
    this.#coming.clear();
    // The lists of changes do where nothing but the world has changed since the last look.
    const isSame =
      player.serial === this.#census.serial - 1 &&
      Object.is(player.lookedTeam, player.team) &&
      this.#rules.sees === undefined;
    if (isSame) this.#followCommon(player, surprises, tick);
    else this.#compareCommon(player, surprises, tick);
    const commonComing = this.#coming.count;
    this.#findAvatar(player);
    this.#scanNear(player, surprises, tick, lastTick, !isSame);
    this.#meetNear(player);
    this.#enter(player, tick, commonComing);
    view.settlePending();
    const { avatarIndex } = player;
    if (player.avatarSlot < 0 && avatarIndex >= 0) {
      player.avatarSlot = view.findSeen(avatarIndex, player.watcher["~entityId"]);
    }
    player.serial = this.#census.serial;
    player.lookedTeam = player.team;
  }

  #followCommon(player: PlayerInterest<V>, surprises: Surprises, tick: number): void {
    const { view } = player;
    const { becameCommon, ceasedCommon, changedHands } = this.#census;
    for (let i = 0; i < ceasedCommon.count; i += 1) {
      const slot = view.find(ceasedCommon.items[i]!);
      if (slot >= 0 && view.state(slot) === SlotState.Common) this.#checkCommon(player, slot, tick);
    }
    for (let i = 0; i < changedHands.count; i += 1) {
      const slot = view.find(changedHands.items[i]!);
      if (slot >= 0 && view.state(slot) === SlotState.Common) this.#checkCommon(player, slot, tick);
    }
    for (let i = 0; i < becameCommon.count; i += 1) this.#meetCommon(player, becameCommon.items[i]!);
    const { items, count } = this.#surprised;
    for (let i = 0; i < count; i += 1) this.#notePending(player, view.find(items[i]!), surprises);
  }

  /** Goes through all that everyone sees: a newcomer, another team, a filter. */
  #compareCommon(player: PlayerInterest<V>, surprises: Surprises, tick: number): void {
    const { view } = player;
    const { common } = this.#census;
    for (let slot = 0; slot < view.slotEnd; slot += 1) {
      if (view.state(slot) === SlotState.Common) this.#checkCommon(player, slot, tick);
    }
    for (let i = 0; i < common.count; i += 1) {
      this.#meetCommon(player, common.items[i]!);
      this.#notePending(player, view.find(common.items[i]!), surprises);
    }
  }

  /** A common entity may have gone, become local, been hidden, or changed its class. */
  #checkCommon(player: PlayerInterest<V>, slot: number, tick: number): void {
    const { view } = player;
    const index = view.index(slot);
    if (this.#census.id[index] !== view.id(slot)) view.leave(slot, SlotState.Despawned, tick);
    else if (!this.#maySee(player, index)) view.leave(slot, SlotState.OutOfSight, tick);
    else if (this.#census.isCommon[index] === 0) {
      view.setState(slot, SlotState.Near);
      view.addNear(slot);
    } else {
      const viewerClass = this.#classOf(player, index);
      if (view.viewerClass(slot) !== viewerClass) view.changeClass(slot, viewerClass, tick);
    }
  }

  #meetCommon(player: PlayerInterest<V>, index: number): void {
    if (player.view.findSeen(index, this.#census.id[index]!) >= 0) return;
    if (this.#maySee(player, index)) this.#coming.push(index);
  }

  #notePending(player: PlayerInterest<V>, slot: number, surprises: Surprises): void {
    const { view } = player;
    if (slot < 0 || view.isPending(slot) || view.state(slot) !== SlotState.Common) return;
    if (surprises.newest(view.index(slot), view.viewerClass(slot)) > view.heldTick(slot)) {
      view.addPending(slot);
    }
  }

  /** And the centre: the viewpoint, else the avatar's place, else its last one, as a death does not uncover the world. */
  #findAvatar(player: PlayerInterest<V>): void {
    const { viewpoint, "~entityId": avatar } = player.watcher;
    const index = avatar === 0 ? -1 : entityIndex(avatar);
    player.avatarIndex = index;
    player.avatarSlot = -1;
    if (viewpoint !== undefined) {
      player.centreX = viewpoint.x;
      player.centreY = viewpoint.y;
      player.hasCentre = true;
      return;
    }
    if (index < 0 || this.#census.id[index] !== avatar || this.#census.isPlaced[index] === 0) return;
    player.centreX = this.#census.x[index]!;
    player.centreY = this.#census.y[index]!;
    player.hasCentre = true;
  }

  /** Looks after what was near before, and marks it. Without `asksAll` it is as it was at the last look, but for news. */
  #scanNear(
    player: PlayerInterest<V>,
    surprises: Surprises,
    tick: number,
    lastTick: number,
    asksAll: boolean,
  ): void {
    const { view } = player;
    const census = this.#census;
    view.settleNear();
    this.#mark += 1;
    const mark = this.#mark;
    const { rows } = census;
    const { hasCentre, centreX, centreY, serial: lastSerial, avatarIndex } = player;
    const { nearCount } = view;
    let kept = 0;
    for (let i = 0; i < nearCount; i += 1) {
      const key = view.nearKey(i);
      const slot = keyedSlot(key);
      const entity = keyedEntity(key);
      const index = entity >> 2;
      const row = index * ROW_CELLS;
      const isNews = asksAll || rows[row + RowCell.News]! > lastSerial;
      let isCommon = false;
      let viewerClass = entity & 3;
      if (isNews) {
        if (census.id[index] !== view.id(slot)) {
          view.leave(slot, SlotState.Despawned, tick);
          continue;
        }
        isCommon = census.isCommon[index] === 1;
        viewerClass = this.#classOf(player, index);
      }
      const dx = rows[row + RowCell.X]! - centreX;
      const dy = rows[row + RowCell.Y]! - centreY;
      const mayStay =
        isCommon ||
        viewerClass === ViewerClass.Owner ||
        !hasCentre ||
        dx * dx + dy * dy <= this.#leaveRadius2 ||
        tick - view.enteredTick(slot) < this.#minStayTicks;
      if (!mayStay || !this.#maySee(player, index)) {
        view.leave(slot, SlotState.OutOfSight, tick);
        continue;
      }
      rows[row + RowCell.Mark] = mark;
      if (index === avatarIndex) player.avatarSlot = slot;
      const isChanged = (entity & 3) !== viewerClass;
      if (isCommon) view.setState(slot, SlotState.Common);
      else view.setNearKey(kept++, isChanged ? slotKey(index, viewerClass, slot) : key);
      if (isChanged) view.changeClass(slot, viewerClass, tick);
      // What was settled at the last look has only new surprises.
      else if (isNews && surprises.newest(index, viewerClass) > lastTick) view.addPending(slot);
    }
    view.nearCount = kept;
  }

  /** Finds what is near and was not before. */
  #meetNear(player: PlayerInterest<V>): void {
    const { local } = this.#census;
    if (!player.hasCentre) {
      for (let i = 0; i < local.count; i += 1) this.#meet(player, local.items[i]!);
      return;
    }
    if (local.count > 0) {
      const count = this.#grid.query(player.centreX, player.centreY, this.#rules.radius);
      const { found } = this.#grid;
      for (let i = 0; i < count; i += 1) this.#meet(player, found[i]!);
    }
    const { isCommon, nextOwned } = this.#census;
    for (let index = player.firstOwned; index >= 0; index = nextOwned[index]!) {
      if (isCommon[index] === 0) this.#meet(player, index);
    }
  }

  #meet(player: PlayerInterest<V>, index: number): void {
    const { rows } = this.#census;
    const at = index * ROW_CELLS + RowCell.Mark;
    if (rows[at] === this.#mark) return;
    // Once is enough, whatever comes of it.
    rows[at] = this.#mark;
    if (this.#maySee(player, index)) this.#coming.push(index);
  }

  #enter(player: PlayerInterest<V>, tick: number, commonComing: number): void {
    const { view } = player;
    const { items, count } = this.#coming;
    for (let i = 0; i < count; i += 1) {
      const index = items[i]!;
      const state = i < commonComing ? SlotState.Common : SlotState.Near;
      const slot = view.enter(index, this.#census.id[index]!, this.#classOf(player, index), state, tick);
      if (state === SlotState.Near) view.addNear(slot);
    }
    view.settleNear();
  }

  /** The filter has the last word. */
  #maySee(player: PlayerInterest<V>, index: number): boolean {
    const { sees } = this.#rules;
    return sees === undefined || sees(player.watcher, this.#store.views[index]!);
  }

  #classOf(player: PlayerInterest<V>, index: number): number {
    if (this.#census.owner[index] === player.watcher.id) return ViewerClass.Owner;
    return this.#census.team[index] === player.team ? ViewerClass.Team : ViewerClass.Everyone;
  }
}
