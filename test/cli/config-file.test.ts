import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { run } from "./started-program.ts";

const main = "src/cli/main.ts";
const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const folder = mkdtempSync(join(tmpdir(), "tickwire-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function configFile(content: unknown): string {
  files += 1;
  const file = join(folder, `${files}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const wrong: [content: unknown, sentence: string][] = [
  [[], "must hold an object"],
  [{ server: {} }, ": 'server' is none of its sections (serve, bots and load)"],
  [{ serve: 7 }, ": serve must be an object, not 7"],
  [{ serve: { prot: 1 } }, ": serve.prot is unknown"],
  [{ serve: { "http-port": 1 } }, ": serve.http-port is unknown"],
  [{ serve: { config: "a.json" } }, ": serve.config is unknown"],
  [{ serve: { printConfig: true } }, ": serve.printConfig is unknown"],
  ['{"serve":{"__proto__":1}}', ": serve.__proto__ is unknown"],
  [{ serve: { port: 70_000 } }, ": serve.port must be a whole number from 0 to 65535, not 70000"],
  [{ serve: { port: "7777" } }, ': serve.port must be a number, not "7777"'],
  [{ serve: { port: null } }, ": serve.port must be a number or text, not null"],
  [{ serve: { keyFile: 7 } }, ": serve.keyFile must be text, not 7"],
  [{ serve: { http: "no" } }, ': serve.http must be true or false, not "no"'],
  [{ serve: { log: "xml" } }, ': serve.log must be pretty or json, not "xml"'],
  [{ serve: { limits: 7 } }, ": serve.limits must be an object, not 7"],
  [{ serve: { limits: { bites: 7 } } }, ": serve.limits must not hold 'bites', not {\"bites\":7}"],
  [
    { serve: { limits: { messagesPerSecond: 0 } } },
    ': serve.limits must have messagesPerSecond as a whole number from 1 to 1000000000, not {"messagesPerSecond":0}',
  ],
  [
    { load: { lossPercent: { up: 101 } } },
    ': load.lossPercent must be a number from 0 to 100, or so for each way: up=1,down=2, not {"up":101}',
  ],
  [{ load: { lossPercent: "5" } }, ': load.lossPercent must be a number, not "5"'],
  [{ load: { lossPercent: { up: "5" } } }, ': load.lossPercent must be a number or text, not {"up":"5"}'],
  [{ load: { clients: { up: 5 } } }, ': load.clients must be a whole number from 1 to 100000, not {"up":5}'],
  [{ load: { json: { up: 5 } } }, ': load.json must be text, not {"up":5}'],
  // The other command's section is checked too.
  [{ bots: { count: 0 } }, ": bots.count must be a whole number from 1 to 10000, not 0"],
  [{ bots: { limits: {} } }, ": bots.limits is unknown"],
];

describe.runIf(runtimeName() === "node")("the config file", () => {
  test.concurrent.each(wrong)("%j is refused with one sentence", async (content, sentence) => {
    const file = configFile(content);
    const ending = await run("node", main, ["serve", "--config", file]);
    expect(ending.code).toBe(2);
    expect(ending.stderr).toBe(
      `tickwire: config file '${file}'${sentence.startsWith(":") ? "" : " "}${sentence}.\n`,
    );
  });

  test.concurrent("is refused when it is no JSON", async () => {
    const file = configFile("{ port: 1 }");
    const { code, stderr } = await run("node", main, ["bots", "--config", file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^tickwire: config file '.*' could not be read: .*\n$/);
  });

  for (const runtime of runtimes) {
    test.concurrent(`yields to environment and flags on ${runtime}`, async () => {
      const file = configFile({
        serve: {
          port: 1,
          httpPort: 2,
          bots: 3,
          host: "::1",
          http: false,
          join: false,
          limits: { handshakesPerAddressPerSecond: 999 },
        },
        bots: { count: 9 },
      });
      const args = ["serve", "--port", "5", "--print-config"];
      const env = {
        TICKWIRE_CONFIG: file,
        TICKWIRE_PORT: "6",
        TICKWIRE_HTTP_PORT: "7",
        TICKWIRE_PLAINTEXT: "1",
      };
      const { code, stdout, stderr } = await run(runtime, main, args, env);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({
        port: { value: 5, from: "flag" },
        httpPort: { value: 7, from: "environment" },
        plaintext: { value: true, from: "environment" },
        config: { value: file, from: "environment" },
        bots: { value: 3, from: "file" },
        host: { value: "::1", from: "file" },
        http: { value: false, from: "file" },
        join: { value: false, from: "file" },
        insecureDev: { value: false, from: "default" },
        audience: { value: "tickwire", from: "default" },
        keyFile: { value: null, from: "default" },
        drainSeconds: { value: 3, from: "default" },
        limits: { value: { handshakesPerAddressPerSecond: 999, messagesPerSecond: 500 }, from: "file" },
      });
    });

    test.concurrent(`takes figures of a link for each way on ${runtime}`, async () => {
      const load = { lossPercent: { up: 5, down: 0 }, latencyMs: "up=30,down=20", jitterMs: 3, burst: 50 };
      const args = ["load", "--config", configFile({ load }), "--jitter-ms", "down=4", "--print-config"];
      const ending = await run(runtime, main, args, { TICKWIRE_BANDWIDTH_KBIT: "down=800" });
      expect(ending).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(ending.stdout)).toMatchObject({
        lossPercent: { value: { up: 5, down: 0 }, from: "file" },
        latencyMs: { value: { up: 30, down: 20 }, from: "file" },
        jitterMs: { value: { down: 4 }, from: "flag" },
        burst: { value: 50, from: "file" },
        bandwidthKbit: { value: { down: 800 }, from: "environment" },
      });
    });

    test.concurrent(`sets the bots as well on ${runtime}`, async () => {
      const file = configFile({ serve: { port: 1 }, bots: { count: 9, seconds: 1.5 } });
      const ending = await run(runtime, main, ["bots", "--config", file, "--count", "2", "--print-config"]);
      expect(ending).toMatchObject({ code: 0, stderr: "" });
      const printed = JSON.parse(ending.stdout);
      expect(printed).toMatchObject({
        count: { value: 2, from: "flag" },
        seconds: { value: 1.5, from: "file" },
        url: { value: "udp://127.0.0.1:7777", from: "default" },
      });
      expect(printed).not.toHaveProperty("limits");
    });
  }
});
