import { describe, expect, test } from "vitest";
import { BULK, LATEST, RELIABLE, Rig, SEQUENCED, UNORDERED, UNRELIABLE } from "../net/endpoint/rig.ts";

/** The sum of the default queues: three of 512 KiB, two of 64 KiB, one of 32 MiB. */
const MOST_QUEUED_BYTES = (3 * 512 + 2 * 64 + 32 * 1024) * 1024;

describe("a slow client does not grow the server's memory", () => {
  test("what it does not take waits within bounds, send() says so, and it gets all of it later", () => {
    const rig = new Rig();
    const client = rig.joined();
    const [atServer] = [...rig.server.connections()];
    let isAway = true;
    // Packets of the server's do not reach it, and its own are few.
    rig.fate = (_bytes, to) => (isAway && to.host === client.address.host ? [] : [20]);
    const queued = new Map<number, number>();
    const answers = new Set<string>();
    rig.run(240, () => {
      for (const channel of [RELIABLE, UNRELIABLE, SEQUENCED, UNORDERED, LATEST, BULK]) {
        for (let i = 0; i < 40; i += 1) {
          const bytes = channel === BULK ? 200_000 : 1_000;
          const answer = atServer!.send(channel, new Uint8Array(bytes), i);
          answers.add(`${channel} ${answer}`);
          if (answer === "queued") queued.set(channel, (queued.get(channel) ?? 0) + 1);
        }
      }
      expect(atServer!.queuedBytes).toBeLessThanOrEqual(MOST_QUEUED_BYTES);
    });
    for (const channel of [RELIABLE, UNORDERED, BULK]) expect(answers).toContain(`${channel} queue-full`);
    expect(answers).not.toContain(`${LATEST} queue-full`);
    expect(rig.server.counters.messagesReplaced).toBeGreaterThan(9_000);
    isAway = false;
    rig.run(1_500);
    const heard = (channel: number): number =>
      client.saw.filter((event) => event.kind === "message" && event.channel === channel).length;
    for (const channel of [RELIABLE, UNORDERED, BULK]) expect(heard(channel)).toBe(queued.get(channel));
    expect(heard(LATEST)).toBe(40);
    expect(atServer!.queuedBytes).toBe(0);
  });

  test("unreliable messages that cannot leave are dropped when they are a second old", () => {
    const rig = new Rig({
      channels: [{ kind: "reliable-ordered" }, { kind: "unreliable", bytesPerSecond: 1_000 }],
    });
    const client = rig.joined();
    const [atServer] = [...rig.server.connections()];
    rig.run(300, () => atServer!.send(UNRELIABLE, new Uint8Array(500)));
    expect(atServer!.queuedBytes).toBeLessThan(1_000 * 31);
    expect(rig.server.counters.messagesStale).toBeGreaterThan(200);
    const heard = client.saw.filter(({ kind }) => kind === "message").length;
    expect(heard * 500).toBeLessThan(10 * 1_000 + 2_400 + 1_000);
    expect(heard).toBeGreaterThan(15);
  });
});
