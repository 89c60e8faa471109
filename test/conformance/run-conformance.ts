import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { RuntimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { type Ending, rootFolder, StartedProcess } from "../cli/started-process.ts";
import { endGroup, startNpm } from "../end-to-end/npm-script.ts";
import { compareTold } from "./told-states.ts";

const python = "/usr/bin/python3";
const MAX_DIFFERENCES = 20;
const scripts: Readonly<Record<RuntimeName, string>> = {
  node: "start",
  bun: "start:bun",
  deno: "start:deno",
};

interface Options {
  readonly seconds: string;
  readonly loss: string;
  readonly seed: string;
  readonly bots: string;
}

/** Runs a program of this folder; what runs longer than `limitSeconds` is ended and counts as failed. */
function startPython(file: string, args: readonly string[], limitSeconds: number): StartedProcess {
  const started = new StartedProcess([python, "-B", join(rootFolder, "test/conformance", file), ...args]);
  const timer = setTimeout(() => void started.end(), limitSeconds * 1000);
  started.ended.then(
    () => clearTimeout(timer),
    () => clearTimeout(timer),
  );
  return started;
}

function tell(what: string, { code, stdout, stderr }: Ending): boolean {
  console.log(`${what}: ${code === 0 ? "equal" : "NOT EQUAL"} (exit ${code})\n${stdout.trim()}`);
  if (stderr.trim() !== "") console.log(stderr.trim());
  return code === 0;
}

interface Server {
  readonly npm: StartedProcess;
  readonly url: string;
  readonly httpUrl: string;
  readonly port: string;
}

async function startServer(
  runtime: RuntimeName,
  dumpFile: string,
  bots: string,
  port: string,
): Promise<Server> {
  const npm = startNpm(
    ["npm", "run", "-s", scripts[runtime]],
    // biome-ignore format: a command line
    ["--bots", bots, "--port", port, "--http-port", "0", "--log", "json", "--seed", "1", "--dump-state", dumpFile],
  );
  const timer = setTimeout(() => void endGroup(npm), 30_000);
  const said = await npm.prints(/"udp":"(udp:\/\/[^"]+:(\d+))","http":"([^"]+)"/);
  clearTimeout(timer);
  return { npm, url: said[1]!, port: said[2]!, httpUrl: said[3]! };
}

/** Holds what the Python clients of a run were told against what the server says of the same ticks. */
function toldIsTrue(what: string, told: string, dumpFile: string): boolean {
  const files = ["1", "2"].map((player) => `${told}-${player}.jsonl`);
  const { differences, ...figures } = compareTold(files, dumpFile);
  // What was never compared is not equal.
  for (const [name, count] of Object.entries(figures))
    if (count === 0) differences.push(`no ${name} compared`);
  console.log(
    `${what}, state: ${differences.length === 0 ? "equal" : "NOT EQUAL"}\n${JSON.stringify(figures)}`,
  );
  for (const difference of differences.slice(0, MAX_DIFFERENCES)) console.log(difference.slice(0, 2000));
  if (differences.length > MAX_DIFFERENCES) console.log(`and ${differences.length - MAX_DIFFERENCES} more`);
  return differences.length === 0;
}

/** Whether the server heard the goodbyes of all Python clients of a run, the newest ones in its log. */
async function heardGoodbyes(server: Server, before: number): Promise<boolean> {
  const left = () =>
    server.npm.lines.filter(
      ({ event, name, reason }) =>
        event === "player-left" && /^python/.test(`${name}`) && reason === "closed",
    ).length - before;
  for (let waited = 0; left() < 2 && waited < 3000; waited += 50)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return left() === 2;
}

async function checkRuntime(runtime: RuntimeName, folder: string, options: Options): Promise<boolean> {
  const dumpFile = join(folder, `${runtime}.jsonl`);
  let server = await startServer(runtime, dumpFile, options.bots, "0");
  let isEqual = true;
  try {
    const runs = [
      { seconds: options.seconds, loss: options.loss },
      { seconds: "6", loss: "0" },
    ];
    for (const [index, { seconds, loss }] of runs.entries()) {
      const what = `${runtime}, loss ${loss}`;
      const told = join(folder, `${runtime}-${index}`);
      const args = ["--url", server.url, "--dump", dumpFile, "--told", told, "--seconds", seconds];
      const limitSeconds = Number(seconds) + 75;
      const chance = ["--loss", loss, "--seed", options.seed];
      const run = startPython("conformance.py", [...args, ...chance], limitSeconds);
      isEqual = tell(what, await run.ended) && isEqual;
      isEqual = toldIsTrue(what, told, dumpFile) && isEqual;
      if (!(await heardGoodbyes(server, 2 * index))) {
        console.log(`${what}: the server did not hear the goodbyes`);
        isEqual = false;
      }
    }
    const args = ["--url", server.url, "--http-url", server.httpUrl, "--restart"];
    const negative = startPython("negative_checks.py", args, 75);
    await negative.until(() => negative.stdout.includes("restart\n") || negative.isOver, "asking");
    await endGroup(server.npm);
    server = await startServer(runtime, dumpFile, options.bots, server.port);
    negative.type("restarted");
    isEqual = tell(`${runtime}, refusals`, await negative.ended) && isEqual;
  } finally {
    await endGroup(server.npm);
  }
  return isEqual;
}

/** Vectors, where the tree has any. */
async function checkVectors(): Promise<boolean> {
  const folder = join(rootFolder, "test/golden");
  if (!existsSync(folder) || !readdirSync(folder).some((file) => file.endsWith(".json"))) {
    console.log("vectors: this tree has none in test/golden");
    return true;
  }
  return tell("vectors", await startPython("check_vectors.py", [folder], 60).ended);
}

async function main(): Promise<number> {
  const { values: options } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      loss: { type: "string", default: "0.2" },
      seed: { type: "string", default: "1" },
      bots: { type: "string", default: "4" },
    },
  });
  const packages = existsSync(python)
    ? await new StartedProcess([python, "-c", "import nacl, msgpack"]).ended
    : { code: 1 };
  if (packages.code !== 0) {
    console.error(
      "conformance: needs Debian's packages python3-nacl and python3-msgpack for /usr/bin/python3: apt-get install them.",
    );
    return 1;
  }
  let isEqual = await checkVectors();
  const folder = mkdtempSync(join(tmpdir(), "tickwire-conformance-"));
  try {
    const names: readonly RuntimeName[] = ["node", "bun", "deno"];
    const results = await Promise.allSettled(names.map((name) => checkRuntime(name, folder, options)));
    for (const [index, result] of results.entries()) {
      if (result.status === "rejected") console.log(`${names[index]}: ${result.reason}`);
      isEqual = isEqual && result.status === "fulfilled" && result.value;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(isEqual ? "conformance: all equal" : "conformance: something differs");
  return isEqual ? 0 : 3;
}

process.exitCode = await main();
