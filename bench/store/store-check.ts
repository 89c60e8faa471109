import { CURRENT } from "../../src/game/replication/kind-history.ts";
import { Form } from "../../src/game/replication/replica-plan.ts";
import { TOLERANCE_STEPS } from "../../src/game/replication/replica-rule.ts";
import { OwnStore } from "./own-store.ts";
import { RawStore } from "./raw-store.ts";
import { ANGLES, KINDS } from "./store-game.ts";
import type { StoreScenario } from "./store-scenario.ts";

const TICKS = 130;
const COLUMNS = ["x", "y", "vx", "vy", "aim", "hp"] as const;

/**
 * Runs both sides and compares them: the same state to the last bit, the same integers but for what follows a rate, which
 * is within its tolerance. Answers a digest of the state, the same on every runtime.
 *
 * @throws Error where they differ.
 */
export function checkStore(scenario: StoreScenario): string {
  const raw = new RawStore(scenario);
  const own = new OwnStore(scenario);
  for (let tick = 0; tick < TICKS; tick += 1) {
    raw.step();
    raw.captureForDeltas();
    own.step();
    own.round();
    own.endTick();
    own.capture();
  }
  let digest = 0x811c9dc5;
  for (const [k, kind] of KINDS.entries()) {
    const table = own.world["~store"].tables[k]!;
    const history = own.history.kinds[k]!;
    const integers = raw.history[k]![raw.tick % 64]!;
    for (const [place, column] of COLUMNS.entries()) {
      const name = column === "aim" ? ANGLES[kind] : column;
      const field = history.plan.fields.find(({ schema }) => schema.name === name)!;
      const stored = table.numbers[field.schema.column]!;
      const byHand = raw.kinds[k]![column];
      for (let row = 0; row < byHand.length; row += 1) {
        if (!Object.is(stored[row], byHand[row])) {
          throw new Error(`${kind} ${row}.${name}: ${stored[row]}, not ${byHand[row]}.`);
        }
        const replica = history.numberAt(row, CURRENT, field, 0, own.history.tick);
        const integer = integers[place * byHand.length + row]!;
        const most = field.form === Form.follower ? TOLERANCE_STEPS + 0.5 : 0;
        if (Math.abs(replica - integer) > most) {
          throw new Error(`${kind} ${row}.${name} as an integer: ${replica}, not ${integer}.`);
        }
        digest = Math.imul(digest ^ integer, 0x01000193);
      }
    }
  }
  return (digest >>> 0).toString(16);
}
