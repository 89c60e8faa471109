import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type AdmissionOptions, opennessOf, readAdmission } from "../../src/cli/admission.ts";
import { DEFAULT_PEER_LIMITS } from "../../src/server-door.ts";
import { createKey } from "../../src/token-door.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwire-admission-"));
const keyFile = join(folder, "keys.txt");
writeFileSync(keyFile, createKey());
afterAll(() => rmSync(folder, { recursive: true }));

const local: AdmissionOptions = { host: "127.0.0.1", http: true, httpHost: "127.0.0.1" };

describe("who may join", () => {
  const cases: [
    name: string,
    options: Partial<AdmissionOptions>,
    join: boolean,
    reach: string | undefined,
  ][] = [
    ["development", {}, true, "this machine"],
    ["development without HTTP", { http: false }, false, "this machine"],
    ["development with HTTP for others", { httpHost: "0.0.0.0" }, false, "this machine"],
    ["an evening in one's own network", { host: "0.0.0.0", insecureDev: true }, true, "the network"],
    ["development that was told not to", { join: false }, false, "this machine"],
    ["a backend", { host: "0.0.0.0", keyFile }, false, undefined],
    ["a backend, and a door for all here", { host: "::", keyFile, join: true }, true, "this machine"],
    ["a backend, and a door for all", { httpHost: "::", keyFile, join: true }, true, "the network"],
  ];
  test.each(cases)("%s", async (_name, options, isJoining, reach) => {
    const all = { ...local, ...options };
    const admission = await readAdmission(all);
    expect(admission.join).toBe(isJoining);
    expect(admission.net.backendKeys?.length).toBe(options.keyFile === undefined ? undefined : 1);
    expect(opennessOf(admission, all)?.reach).toBe(reach);
  });

  test("limits that were given stand among the defaults", async () => {
    const { net } = await readAdmission({
      ...local,
      limits: { handshakesPerAddressAtOnce: 5_000, bytesPerSecond: 9_000 },
    });
    expect(net.handshakeLimits?.perAddressAtOnce).toBe(5_000);
    expect(net.peerLimits).toEqual({ ...DEFAULT_PEER_LIMITS, bytesPerSecond: 9_000 });
  });
});
