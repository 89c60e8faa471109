import { describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { StartedProgram } from "../cli/started-program.ts";
import { startArena } from "../end-to-end/arena-server.ts";
import { Players } from "../end-to-end/players.ts";
import { RandomAttacker } from "./random-attacker.ts";
import { fetchCounts, type ServerCounts, socketCounts } from "./server-counts.ts";

const gcFlags: Readonly<Record<RuntimeName, readonly string[]>> = {
  node: ["--expose-gc"],
  bun: [],
  deno: ["--v8-flags=--expose-gc"],
};
const PLAYERS = 4;
const SEED = 20_261_121;
const WARM_UP_DATAGRAMS = 20_000;
const DATAGRAMS = 100_000;
const BLAST_DATAGRAMS = 8_000;
const MIB = 1024 * 1024;

interface Memory {
  readonly heapUsed: number;
  readonly rss: number;
}

/** With all garbage collected. */
async function memoryOf(server: StartedProgram): Promise<Memory> {
  const reports = () => server.lines.filter(({ event }) => event === "memory");
  const before = reports().length;
  server.type("memory");
  await server.until(() => reports().length > before, "telling its memory");
  return reports().at(-1) as unknown as Memory;
}

/** What the server has counted once nothing waits in its socket. */
async function settledCounts(httpUrl: string, port: number): Promise<ServerCounts> {
  for (let last = -1; ; ) {
    const counts = await fetchCounts(httpUrl);
    if (counts.received === last && socketCounts(port).queuedBytes === 0) return counts;
    last = counts.received;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

// The drops of a socket are read from Linux's table of sockets.
describe.runIf(runtimeName() === "node" && process.platform === "linux")("100,000 random datagrams", () => {
  test.concurrent.each(["node", "bun", "deno"] as const)(
    "leave a server on %s and its players unmoved",
    {
      timeout: 90_000,
    },
    async (runtime) => {
      const started: StartedProgram[] = [];
      let attacker: RandomAttacker | undefined;
      try {
        const server = await startArena(runtime, [], (program) => started.push(program), {
          file: "test/attack/programs/serve-and-report.ts",
          runtimeFlags: gcFlags[runtime],
        });
        const port = Number(new URL(server.url).port);
        const players = new Players("node", server.url, "player", PLAYERS);
        started.push(players.program);
        await players.program.says('"joined"');
        attacker = await new RandomAttacker(SEED, port).open();
        await attacker.send(WARM_UP_DATAGRAMS);
        const warm = await memoryOf(server.program);
        const before = await players.stats();
        await attacker.send(DATAGRAMS - BLAST_DATAGRAMS);
        // More at once than any receive buffer holds: what the kernel drops has to be in the sum too.
        await attacker.blast(BLAST_DATAGRAMS);
        const after = await players.stats();
        const flooded = await memoryOf(server.program);

        expect(attacker.failures).toEqual([]);
        expect(after.map(({ closed }) => closed)).toEqual(after.map(() => null));
        for (const [i, { stateTicks }] of after.entries())
          expect(stateTicks - before[i]!.stateTicks).toBeGreaterThan(60);

        // Told by word of mouth, not only by the players' silence.
        const left = await players.stats("leave");
        const counts = await settledCounts(server.httpUrl, port);
        const { drops } = socketCounts(port);
        const sentByPlayers = left.reduce((sum, { datagramsSent }) => sum + datagramsSent, 0);
        const sent = attacker.sent + sentByPlayers;
        console.log(
          `${runtime}: ${sent} sent = ${counts.accepted} accepted + ${counts.refusedInAll} refused + ${drops} dropped by the kernel;`,
          `heap ${mib(warm.heapUsed)} → ${mib(flooded.heapUsed)} MiB, resident ${mib(warm.rss)} → ${mib(flooded.rss)} MiB;`,
          JSON.stringify(counts.refused),
        );
        expect(counts.accepted + counts.refusedInAll + drops).toBe(sent);
        expect(counts.received).toBe(sent - drops);
        expect(drops).toBeLessThan(DATAGRAMS / 2);
        for (const reason of [
          "oversized",
          "truncated",
          "type",
          "magic",
          "hello_size",
          "malformed",
          "connection",
        ])
          expect([reason, counts.refused[reason]! > 100]).toEqual([reason, true]);

        expect(flooded.heapUsed).toBeLessThan(warm.heapUsed * 1.1 + 16 * MIB);
        expect(flooded.rss).toBeLessThan(warm.rss * 1.1 + 16 * MIB);

        server.program.signal("SIGTERM");
        const { code, stdout, stderr } = await server.program.ended;
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
        expect(stdout).not.toMatch(/"level":"(?:warn|error)","event":"(?!open-to-anyone)/);
      } finally {
        attacker?.close();
        await Promise.all(started.map((program) => program.end()));
      }
    },
  );
});

const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
