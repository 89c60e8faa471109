import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { openFileLimit } from "../../src/runtime-adapters/process.ts";
import { listening } from "../end-to-end/arena-server.ts";
import { type Ending, run, StartedProgram } from "./started-program.ts";

const MAIN = "src/cli/main.ts";
const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const short = ["--ramp-seconds", "0.5", "--warm-up-seconds", "0.5"];
const load = (runtime: RuntimeName, args: readonly string[]): Promise<Ending> =>
  run(runtime, MAIN, ["load", ...args]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwire-load-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The last line that a command prints to standard error: its sentence. */
const sentence = ({ stderr }: Ending): string => stderr.trimEnd().split("\n").at(-1)!;

// Programs are started from Node only, in every runtime: the others' test runs would repeat the same.
describe.runIf(runtimeName() === "node")("tickwire load", () => {
  test.each(runtimes)(
    "plays twenty clients in two processes on %s, and reports",
    { timeout: 60_000 },
    async (runtime) => {
      const args = ["--clients", "20", ...short, "--seconds", "2", "--processes", "2", "--probes", "4"];
      const { code, stdout, stderr } = await load(runtime, [...args, "--json", "-"]);
      expect(stderr).not.toContain("tickwire:");
      expect(code).toBe(0);
      const report = JSON.parse(stdout);
      expect(report).toMatchObject({
        runtime,
        clients: 20,
        link: null,
        connected: 20,
        failed: 0,
        disconnected: 0,
      });
      expect(report).toMatchObject({
        errors: {},
        scenario: "steady",
        game: "arena",
        probes: 4,
        processes: 2,
      });
      expect(report.seconds).toBeGreaterThanOrEqual(2);
      const { server, traffic, latency, harness, series, histogram } = report;
      expect(server.cpuPercent).toBeGreaterThan(0);
      expect(server.cpuMicrosPerClientUpdate).toBeGreaterThan(0);
      expect(server.rssBytes).toBeGreaterThan(10_000_000);
      expect(server.tickMs.p50).toBeGreaterThan(0);
      expect(server.tickMs.p99).toBeGreaterThanOrEqual(server.tickMs.p50);
      expect(server.tickMs.max).toBeGreaterThanOrEqual(server.tickMs.p99);
      expect(traffic.bytesPerClientPerSecond.up).toBeGreaterThan(100);
      expect(traffic.bytesPerClientPerSecond.down).toBeGreaterThan(100);
      expect(traffic.bytesPerEntityUpdate).toBeGreaterThan(0);
      expect(traffic.packetsPerSecond.up).toBeGreaterThan(50);
      expect(latency.samples).toBeGreaterThan(100);
      expect(latency.inputToStateMs.p50).toBeGreaterThan(10);
      expect(latency.anyTimeToStateMs.p50).toBeGreaterThan(latency.inputToStateMs.p50);
      expect(latency.inputToStateMs.max).toBeGreaterThanOrEqual(latency.inputToStateMs.p99);
      expect(latency.inputsNeverUsedPercent).toBeLessThan(100);
      expect(harness.processes.map(({ what }: { what: string }) => what)).toEqual([
        "probes",
        "players 1",
        "players 2",
      ]);
      expect(series.length).toBe(2);
      expect(histogram.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(
        latency.samples,
      );
    },
  );

  test("sums up for people, writes what it is asked to, and ends with 3 at a broken threshold", async () => {
    const [json, html] = [join(folder, "report.json"), join(folder, "report.html")];
    const files = ["--json", json, "--html", html];
    const limits = ["--max-input-to-state-p99-ms", "0.5", "--min-players", "6"];
    const ending = await load("node", [
      "--clients",
      "6",
      ...short,
      "--seconds",
      "1",
      "--probes",
      "2",
      ...files,
      ...limits,
    ]);
    expect(ending.code).toBe(3);
    expect(ending.stdout).toMatch(/^players {2,}6 connected · 0 failed · 0 disconnected$/m);
    expect(ending.stdout).toMatch(/^BROKEN {2,}input → state p99 was [\d.]+ ms, at most 0\.5 ms asked$/m);
    expect(ending.stdout).toMatch(/^held {2,}players is 6, at least 6 asked$/m);
    const report = JSON.parse(readFileSync(json, "utf8"));
    expect(report.thresholds.map(({ isMet }: { isMet: boolean }) => isMet)).toEqual([false, true]);
    expect(readFileSync(html, "utf8")).toContain("<h1>Load test: steady of arena</h1>");

    const other = join(folder, "other.json");
    writeFileSync(other, JSON.stringify({ ...report, connected: 12 }));
    const page = join(folder, "difference.html");
    const compared = await load("node", ["--compare", json, other, "--html", page]);
    expect(compared.code).toBe(0);
    expect(compared.stdout).toMatch(/^players connected +6 +12 +\+100\.0 %$/m);
    expect(readFileSync(page, "utf8")).toContain("<h1>Load tests compared</h1>");
  });

  test("still reports when it is stopped", async () => {
    const program = new StartedProgram("node", MAIN, [
      "load",
      "--clients",
      "6",
      ...short,
      "--seconds",
      "600",
      "--json",
      "-",
    ]);
    await program.until(() => program.stderr.includes('"phase":"measuring"'), "measuring");
    program.signal("SIGINT");
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ connected: 6, failed: 0, isInterrupted: true });
  });

  test("plays a link, and tells what it lost", { timeout: 60_000 }, async () => {
    const link = ["--latency-ms", "30", "--loss-percent", "up=0,down=20"];
    const { code, stdout } = await load("node", [
      "--clients",
      "8",
      ...short,
      "--seconds",
      "3",
      ...link,
      ...["--json", "-"],
    ]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.link).toMatchObject({
      name: "custom",
      asked: { up: { latencyMs: 30, lossPercent: 0 }, down: { latencyMs: 30, lossPercent: 20 } },
    });
    expect(report.latency.inputToStateMs.p50).toBeGreaterThan(60);
    const { lossCausedPercent, lossPercentByWay } = report.traffic;
    expect(lossCausedPercent.up).toBe(0);
    expect(lossCausedPercent.down).toBeGreaterThan(10);
    expect(lossCausedPercent.down).toBeLessThan(30);
    expect(lossPercentByWay.down).toBeGreaterThan(5);
    expect(report.harness.processes.at(-1).what).toBe("link");
  });

  test("its own server finds out how narrow a link is, and does not flood it", {
    timeout: 60_000,
  }, async () => {
    const { code, stdout } = await load("node", [
      ...["--clients", "40", "--ramp-seconds", "1", "--warm-up-seconds", "3", "--seconds", "3"],
      ...["--latency-ms", "20", "--bandwidth-kbit", "down=48", "--json", "-"],
    ]);
    expect(code).toBe(0);
    const { traffic } = JSON.parse(stdout);
    // At the rates of loopback two of five datagrams find no room before the link.
    expect(traffic.bytesPerClientPerSecond.down).toBeGreaterThan(1_500);
    expect(traffic.lossCausedPercent.down).toBeLessThan(10);
  });

  test("plays the stages of a scenario file", { timeout: 60_000 }, async () => {
    const file = join(folder, "evening.ts");
    const testing = new URL("../../src/testing-door.ts", import.meta.url).href;
    const stages = [
      { clients: 3, seconds: 0.5, isMeasured: false },
      { clients: 6, seconds: 1, rampSeconds: 0.5, churnPerSecond: 1.9 },
      { clients: 2, seconds: 1 },
    ];
    const text = `import { defineScenario } from ${JSON.stringify(testing)};
export default defineScenario({
  name: "evening",
  link: { latencyMs: { up: 8, down: 4 }, jitterMs: 2 },
  stages: ${JSON.stringify(stages)},
});`;
    writeFileSync(file, text);
    const { code, stdout } = await load("node", [
      ...["--scenario", file, "--probes", "1", "--jitter-ms", "down=3", "--json", "-"],
    ]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      scenario: "evening",
      clients: 6,
      connected: 2,
      failed: 0,
      disconnected: 0,
    });
    // A flag takes the place of the file's figure.
    expect(report.link.asked).toMatchObject({
      up: { latencyMs: 8, jitterMs: 0 },
      down: { latencyMs: 4, jitterMs: 3 },
    });
    expect(report.seconds).toBeGreaterThanOrEqual(2.5);
    expect(report.series.map(({ connected }: { connected: number }) => connected)).toContain(6);

    writeFileSync(file, "export default { name: 'x', stages: [] };");
    const empty = await load("node", ["--scenario", file]);
    expect([empty.code, sentence(empty)]).toEqual([
      2,
      `tickwire: scenario file '${file}': a scenario has stages, or a knee to look for.`,
    ]);
  });

  test("tells in one sentence that nobody answers, and still reports", async () => {
    const ending = await load("node", ["--url", "udp://127.0.0.1:9", "--clients", "5", "--json", "-"]);
    expect(ending.code).toBe(1);
    expect(sentence(ending)).toBe(
      "tickwire: no player could connect to udp://127.0.0.1:9: the server does not answer (timeout).",
    );
    expect(JSON.parse(ending.stdout)).toMatchObject({ connected: 0, failed: 1, errors: { timeout: 1 } });
  });

  describe("at a server of somebody's own", () => {
    let server: StartedProgram;
    let target: string[];
    beforeAll(async () => {
      const args = ["serve", "--port", "0", "--http-port", "0", "--log", "json", "--max-players", "3"];
      server = new StartedProgram("node", MAIN, args);
      const { url, httpUrl } = await listening(server);
      target = ["--url", url, "--http-url", httpUrl];
    });
    afterAll(() => server.end());

    test("counts why who did not get in", async () => {
      const args = [...target, "--clients", "5", "--probes", "2", ...short, "--seconds", "1", "--json", "-"];
      const ending = await load("node", args);
      expect(ending.code).toBe(1);
      expect(sentence(ending)).toBe(
        "tickwire: of the players 2 did not get in: all 3 places are taken (full).",
      );
      expect(JSON.parse(ending.stdout)).toMatchObject({ connected: 3, failed: 2, errors: { full: 2 } });
    });

    test("takes fewer than were asked for if that was allowed", async () => {
      const args = [
        ...target,
        "--clients",
        "5",
        "--probes",
        "2",
        ...short,
        "--seconds",
        "1",
        "--min-players",
        "3",
      ];
      expect((await load("node", args)).code).toBe(0);
    });

    test("says that the game is another one", async () => {
      const ending = await load("node", [
        ...target,
        "--clients",
        "2",
        "--game",
        "test/cli/games/wrong-values.ts",
      ]);
      expect(ending.code).toBe(1);
      expect(sentence(ending)).toMatch(/^tickwire: no player could connect to .*\(definition-mismatch\)\.$/);
    });
  });

  test.each([
    [["--clients", "0"], "--clients must be a whole number from 1 to 100000, not '0'"],
    [["--min-players", "600"], "--min-players 600 cannot be met by --clients 500"],
    [["--scenario", "storm"], "no scenario 'storm': it is steady, knee, spike, churn, soak or a file"],
    [["--http-url", "http://127.0.0.1:1"], "--http-url needs --url: without it a server is started here"],
    [
      ["--url", "udp://192.0.2.1:7777"],
      "--url udp://192.0.2.1:7777 is not this machine: name its host with --i-own-this-server 192.0.2.1 if it is yours",
    ],
    [
      ["--url", "udp://192.0.2.1:7777", "--i-own-this-server", "192.0.2.2"],
      "--url udp://192.0.2.1:7777 is not this machine: name its host with --i-own-this-server 192.0.2.1 if it is yours",
    ],
    [
      ["--clients", "100000"],
      `each player has a socket, and a process may open ${openFileLimit()}: --processes ${Math.ceil(100_000 / (openFileLimit()! - 64))} or a higher 'ulimit -n' will do for 100000`,
    ],
    [
      ["--link", "carrier-pigeon"],
      'there is no link "carrier-pigeon": choose one of lan, fibre, wifi, lte, bad-lte, satellite',
    ],
    [
      ["--url", "udp://127.0.0.1:7777", "--players-per-room", "50"],
      "--players-per-room is for a server that is started here: the one at --url has its rooms",
    ],
    [["--jitter-ms", "5"], "a jitter of 5 ms less or more needs a latency of as much, not 0 ms"],
    [
      ["--loss-percent", "up=5,down=x"],
      "--loss-percent must be a number from 0 to 100, or so for each way: up=1,down=2, not 'up=5,down=x'",
    ],
    [["--json", "/nowhere/at/all.json"], "'/nowhere/at/all.json' cannot be written (ENOENT)"],
    [["--compare", "one.json"], "--compare takes two reports or more, as --json wrote them"],
    [["--compare", "one.json", "two.json"], "no report 'one.json'"],
    [["--compare", "package.json", "package.json"], "'package.json' is no report of 'tickwire load --json'"],
    [["--game", "none.ts"], "no game file 'none.ts'"],
  ])("refuses %j before anything starts", async (args, problem) => {
    const ending = await load("node", args);
    expect(ending.stderr).toBe(`tickwire: ${problem}.\n`);
    expect(ending.code).toBe(2);
    expect(ending.stdout).toBe("");
  });
});
