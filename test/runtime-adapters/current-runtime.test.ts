import { describe, expect, it } from "vitest";
import { runtimeName, runtimeVersion } from "../../src/runtime-adapters/current-runtime.ts";
import { MonotonicClock } from "../../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../../src/runtime-adapters/open-socket.ts";
import { systemRandom } from "../../src/runtime-adapters/system-random.ts";
import { VirtualClock } from "../../src/runtime-adapters/virtual-clock.ts";

describe("the current runtime", () => {
  it("has a name and its own version", () => {
    const expected = { node: "24", bun: "1", deno: "2" }[runtimeName()];
    expect(runtimeVersion().split(".")[0]).toBe(expected);
  });

  it("opens its own socket", async () => {
    const socket = await openDatagramSocket(
      { host: "127.0.0.1", port: 0 },
      { onDatagram: () => {}, onError: () => {} },
    );
    expect(socket.address.host).toBe("127.0.0.1");
    expect(socket.address.port).toBeGreaterThan(0);
    await socket.close();
  });

  it("has a clock that never goes back", () => {
    const clock = new MonotonicClock();
    let lastMs = clock.nowMs();
    for (let i = 0; i < 1_000; i += 1) {
      const nowMs = clock.nowMs();
      expect(nowMs).toBeGreaterThanOrEqual(lastMs);
      lastMs = nowMs;
    }
  });

  it("fills more random bytes than one system call gives, to the last", () => {
    const bytes = new Uint8Array(200_001);
    systemRandom(bytes);
    for (let at = 0; at < bytes.length; at += 65_536) {
      expect(bytes.subarray(at, at + 65_536).some((byte) => byte !== 0) || at + 1 === bytes.length).toBe(
        true,
      );
    }
    const tail = new Set<number>();
    for (let i = 0; i < 200; i += 1) {
      systemRandom(bytes.subarray(0, 65_537));
      tail.add(bytes[65_536]!);
    }
    expect(tail.size).toBeGreaterThan(50);
    systemRandom(new Uint8Array(0));
  });
});

describe("VirtualClock", () => {
  it("stands still until told, and never goes back", () => {
    const clock = new VirtualClock(5);
    expect(clock.nowMs()).toBe(5);
    clock.advanceTo(7.5);
    expect(clock.nowMs()).toBe(7.5);
    expect(() => clock.advanceTo(7)).toThrow(RangeError);
    expect(() => clock.advanceTo(Number.NaN)).toThrow(RangeError);
    expect(clock.nowMs()).toBe(7.5);
  });
});
