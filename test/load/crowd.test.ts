import { afterEach, describe, expect, test } from "vitest";
import { Crowd, CrowdMeasures } from "../../client/load/crowd.ts";
import type { CrowdMember } from "../../client/load/crowd-member.ts";
import { InputWatch } from "../../client/load/input-watch.ts";
import { newNetCounters } from "../../src/net/wire/net-counters.ts";

/** A member that does as the test says. */
class StagedMember implements CrowdMember {
  isPlaying = false;
  hasPlayed = false;
  isTurning = true;
  updates = 0;
  closedInfo: CrowdMember["closedInfo"];
  readonly counters = newNetCounters();
  readonly nextDueMs = Number.POSITIVE_INFINITY;
  readonly watch = new InputWatch(33, () => {});

  start(): void {}
  receive(): void {}
  turn(): void {}
  noteUnsent(): void {}

  leave(): void {
    this.closedInfo = { reason: "closed", detail: "" };
  }
}

describe("Crowd", () => {
  let crowd: Crowd;
  afterEach(() => crowd.end());

  /** The clock stands still, so that no step comes between what the test does. */
  async function crowdOf(count: number) {
    const members: StagedMember[] = [];
    crowd = new Crowd({
      clock: { nowMs: () => 0 },
      measures: new CrowdMeasures(),
      next() {
        const member = new StagedMember();
        members.push(member);
        return member;
      },
      start: () => Promise.resolve(),
      usage: () => ({ cpuSeconds: 0, residentBytes: 0 }),
    });
    crowd.aimFor(count, 0);
    while (members.length < count || crowd.sample().knocking > count) await Promise.resolve();
    return members;
  }

  test("tells of who has just failed at once, and never of somebody who neither knocks nor failed", async () => {
    const [first, second] = await crowdOf(2);
    expect(crowd.sample()).toMatchObject({ begun: 2, playing: 0, knocking: 2, failed: 0 });

    first!.closedInfo = { reason: "timeout", detail: "the server does not answer" };
    first!.isTurning = false;
    expect(crowd.sample()).toMatchObject({
      ...{ begun: 2, playing: 0, knocking: 1, failed: 1 },
      ...{ errors: { timeout: 1 }, details: { timeout: "the server does not answer" } },
    });

    // It is refused, and still has to say goodbye.
    second!.closedInfo = { reason: "full", detail: "" };
    expect(crowd.sample()).toMatchObject({ knocking: 1, failed: 1 });
    second!.isTurning = false;
    expect(crowd.sample()).toMatchObject({ knocking: 0, failed: 2, errors: { timeout: 1, full: 1 } });
  });

  test("waits for nobody who was told to leave", async () => {
    const members = await crowdOf(2);
    crowd.aimFor(1, 0);
    expect(crowd.sample()).toMatchObject({ begun: 2, knocking: 1, failed: 0 });
    for (const member of members) member.isTurning = false;
    expect(crowd.sample()).toMatchObject({ begun: 2, knocking: 1, failed: 0 });
  });

  test("counts those who are lost in play apart from those who never came in", async () => {
    const [member] = await crowdOf(1);
    member!.isPlaying = true;
    member!.hasPlayed = true;
    expect(crowd.sample()).toMatchObject({ playing: 1, knocking: 0 });
    member!.isPlaying = false;
    member!.isTurning = false;
    member!.closedInfo = { reason: "timeout", detail: "" };
    expect(crowd.sample()).toMatchObject({ playing: 0, knocking: 0, failed: 0, disconnected: 1 });
  });
});
