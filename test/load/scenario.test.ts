import { describe, expect, test } from "vitest";
import {
  defineScenario,
  mostClients,
  namedScenario,
  problemOf,
  SCENARIOS,
  type Scenario,
} from "../../client/load/scenario.ts";

const size = { clients: 400, rampSeconds: 5, seconds: 30, warmUpSeconds: 3 };

describe("scenarios", () => {
  test("that have a name can be, and never ask for more than was asked for", () => {
    for (const name of SCENARIOS) {
      const scenario = namedScenario(name, size);
      expect(problemOf(scenario)).toBeUndefined();
      expect(mostClients(scenario)).toBe(400);
      expect(problemOf(namedScenario(name, { ...size, clients: 1 }))).toBeUndefined();
    }
  });

  test("measure as long as was asked, without the warm-up", () => {
    for (const name of ["steady", "spike", "churn", "soak"] as const) {
      const scenario = namedScenario(name, size) as Extract<Scenario, { stages: unknown }>;
      const measured = scenario.stages.filter(({ isMeasured }) => isMeasured !== false);
      expect(measured.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(30);
      expect(scenario.stages[0]).toMatchObject({ isMeasured: false, seconds: 3, rampSeconds: 5 });
    }
  });

  test("of one's own are checked", () => {
    const stage = { clients: 5, seconds: 1 };
    expect(defineScenario({ name: "mine", stages: [stage] })).toEqual({ name: "mine", stages: [stage] });
    const wrong = (scenario: unknown): string => problemOf(scenario as Scenario)!;
    expect(wrong(5)).toBe("a scenario is an object");
    expect(wrong({ stages: [stage] })).toBe("a scenario has a name");
    expect(wrong({ name: "x" })).toBe("a scenario has stages, or a knee to look for");
    expect(wrong({ name: "x", stages: [{ ...stage, clients: 0 }] })).toBe(
      "stage 1: clients is a number from 1 to 100000, not 0",
    );
    expect(wrong({ name: "x", stages: [stage, { clients: 1.5, seconds: 1 }] })).toBe(
      "stage 2: clients is a whole number",
    );
    expect(wrong({ name: "x", stages: [{ clients: 5 }] })).toBe(
      "stage 1: seconds is a number from 0 to 1000000, not nothing",
    );
    expect(wrong({ name: "x", stages: [{ ...stage, isMeasured: false }] })).toBe(
      "no stage of the scenario is measured",
    );
    expect(wrong({ name: "x", knee: { least: 10, most: 5, seconds: 5, warmUpSeconds: 1 } })).toBe(
      "most is a number from 10 to 100000, not 5",
    );
    expect(
      problemOf({ name: "x", stages: [stage], link: { lossPercent: { up: 5, down: 0 } } }),
    ).toBeUndefined();
    expect(wrong({ name: "x", stages: [stage], link: { lossPercent: 101 } })).toBe(
      "loss goes from 0 to 100 percent, not 101",
    );
    expect(wrong({ name: "x", stages: [stage], link: "wifi" })).toBe("the link of a scenario is an object");
    expect(() => defineScenario({ name: "", stages: [] })).toThrow(RangeError);
  });
});
