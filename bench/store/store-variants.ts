import { OwnStore } from "./own-store.ts";
import { RawStore } from "./raw-store.ts";
import type { StoreScenario } from "./store-scenario.ts";

export interface StoreVariant {
  readonly name: string;
  readonly says: string;
  /** It leaves out what the next does besides. */
  readonly isPart: boolean;
  /** A world that runs one tick per call. */
  start(scenario: StoreScenario): () => void;
}

/** Each does what the one before it on its side does and one thing more, so that the reader sees what each costs. */
export const VARIANTS: readonly StoreVariant[] = [
  {
    name: "raw-step",
    says: "by hand: step",
    isPart: true,
    start(scenario) {
      const raw = new RawStore(scenario);
      return () => raw.step();
    },
  },
  {
    name: "raw-integers",
    says: "by hand: step, each value to the integer that is sent",
    isPart: false,
    start(scenario) {
      const raw = new RawStore(scenario);
      return () => {
        raw.step();
        raw.capture();
      };
    },
  },
  {
    name: "raw-history",
    says: "by hand: step, grid, integers of 64 ticks, who changed when",
    isPart: false,
    start(scenario) {
      const raw = new RawStore(scenario);
      return () => {
        raw.step();
        raw.captureForDeltas();
      };
    },
  },
  {
    name: "step",
    says: "Tickwire: step",
    isPart: true,
    start(scenario) {
      const own = new OwnStore(scenario);
      return () => {
        own.step();
        own.endTick();
      };
    },
  },
  {
    name: "grid",
    says: "Tickwire: step, grid",
    isPart: true,
    start(scenario) {
      const own = new OwnStore(scenario);
      return () => {
        own.step();
        own.round();
        own.endTick();
      };
    },
  },
  {
    name: "capture",
    says: "Tickwire: step, grid, capture",
    isPart: false,
    start(scenario) {
      const own = new OwnStore(scenario);
      return () => {
        own.step();
        own.round();
        own.endTick();
        own.capture();
      };
    },
  },
];
