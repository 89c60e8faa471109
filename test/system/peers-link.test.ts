import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Link, SERVER_IP, whyNoLink } from "../../bench/peers/namespaces.ts";
import { Program } from "../../bench/peers/program.ts";
import type { LinkReport } from "../../bench/peers/reports.ts";

const DATAGRAMS = 4_000;
const RTT_MS = 40;
const JITTER_MS = 5;
const LOSS_PERCENT = 10;
/** Five standard deviations of so many coins. */
const tolerance = (packets: number): number => 5 * Math.sqrt(packets * 0.1 * 0.9);

const ends = fileURLToPath(new URL("programs/link-ends.ts", import.meta.url));
const why = await whyNoLink();

test("the link of the peers' bench can be made", ({ skip }) => {
  if (why !== undefined && !process.env.CI) skip(why);
  expect(why).toBeUndefined();
});

describe.skipIf(why !== undefined)("the link of the peers' bench", () => {
  let link: Link;
  const programs: Program[] = [];
  let sent: { back: number; inOrder: boolean; shortestMs: number };
  let counted: LinkReport;

  beforeAll(async () => {
    link = await Link.make({ rttMs: RTT_MS, jitterMs: JITTER_MS, lossPercent: LOSS_PERCENT }, 0, 7, 30);
    const start = (namespace: string, words: readonly (string | number)[]): Program => {
      const program = new Program(String(words[0]), [
        ...["ip", "netns", "exec", namespace, process.execPath, ends],
        ...words,
      ]);
      programs.push(program);
      return program;
    };
    const { port } = await start(link.serverNamespace, ["echo", SERVER_IP]).answer<{ port: number }>();
    sent = await start(link.botsNamespace, ["send", SERVER_IP, port, DATAGRAMS]).answer();
    counted = await link.count();
  }, 60_000);

  afterAll(async () => {
    for (const program of programs) await program.end();
    await link?.remove();
  });

  test("loses as many as it says, each way by itself, about as many as was asked for", () => {
    const { up, down } = counted;
    expect([up.packets, up.overflowed, down.overflowed]).toEqual([DATAGRAMS, 0, 0]);
    expect(down.packets).toBe(DATAGRAMS - up.lost);
    expect(sent.back).toBe(down.packets - down.lost);
    expect(Math.abs(up.lost - DATAGRAMS / 10)).toBeLessThan(tolerance(DATAGRAMS));
    expect(Math.abs(down.lost - down.packets / 10)).toBeLessThan(tolerance(down.packets));
  });

  test("counts bytes with the headers of IP and UDP", () => {
    expect(counted.up.bytes).toBe(DATAGRAMS * (100 + 28));
  });

  test("keeps the order, and lets nothing through sooner than it should", () => {
    expect(sent.inOrder).toBe(true);
    expect(sent.shortestMs).toBeGreaterThanOrEqual(RTT_MS - 2 * JITTER_MS);
  });
});
