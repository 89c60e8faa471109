import { afterEach, describe, expect, it, vi } from "vitest";
import { EventRelay } from "../../src/runtime-adapters/event-relay.ts";
import { bindError, errorKind } from "../../src/runtime-adapters/socket-errors.ts";

function coded(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

describe("EventRelay", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("folds, counts, and falls silent when closed", () => {
    const told: unknown[] = [];
    const relay = new EventRelay({
      onDatagram: (bytes, from) => told.push([bytes.length, from.host, from.port]),
      onError: (kind, detail, datagrams) => told.push([kind, detail, datagrams]),
    });
    relay.datagram(new Uint8Array(3), "::ffff:10.0.0.1", 9);
    relay.sendFailed(coded("EHOSTUNREACH", "no way"));
    relay.socketFailed(coded("ECONNREFUSED", "refused"));
    relay.dropped("buffer-full", "full", 12);
    relay.dropped("buffer-full", "full", 0);
    const expected = [
      [3, "10.0.0.1", 9],
      ["unreachable", "no way", 1],
      ["unreachable", "refused", 0],
      ["buffer-full", "full", 12],
    ];
    expect(told).toEqual(expected);
    relay.closed = true;
    relay.datagram(new Uint8Array(3), "10.0.0.1", 9);
    relay.sendFailed(coded("EPERM"));
    relay.socketFailed(coded("EPERM"));
    relay.dropped("buffer-full", "full", 1);
    expect(told).toEqual(expected);
  });

  it("turns what the owner throws into an uncaught exception, and goes on", () => {
    const uncaught: (() => void)[] = [];
    vi.spyOn(globalThis, "queueMicrotask").mockImplementation((task) => uncaught.push(task));
    const relay = new EventRelay({
      onDatagram: () => {
        throw new Error("owner's bug");
      },
      onError: () => {
        throw new Error("owner's other bug");
      },
    });
    relay.datagram(new Uint8Array(1), "10.0.0.1", 9);
    relay.datagram(new Uint8Array(1), "10.0.0.1", 9);
    relay.dropped("buffer-full", "full", 1);
    expect(uncaught.length).toBe(3);
    expect(uncaught[0]).toThrow("owner's bug");
    expect(uncaught[2]).toThrow("owner's other bug");
  });
});

describe("socket errors", () => {
  it("fold by code, by the name of Deno's, or to unknown", () => {
    expect(errorKind(coded("EMSGSIZE"))).toBe("message-too-large");
    expect(errorKind(coded("EPERM"))).toBe("permission-denied");
    expect(errorKind(coded("EAGAIN"))).toBe("buffer-full");
    expect(errorKind(named("NotCapable"))).toBe("permission-denied");
    expect(errorKind(named("BadResource"))).toBe("closed");
    expect(errorKind(new Error("what?"))).toBe("unknown");
    expect(errorKind("not even an error")).toBe("unknown");
  });

  it("say in one sentence why a port cannot be opened", () => {
    const bind = { host: "::1", port: 80 };
    expect(bindError(coded("EACCES"), bind).message).toBe(
      "UDP port [::1]:80 cannot be opened: permission denied",
    );
    expect(bindError(coded("EADDRINUSE"), bind).message).toBe("UDP port [::1]:80 is already in use");
    expect(bindError(new Error("odd"), bind)).toMatchObject({
      kind: "unknown",
      message: "UDP port [::1]:80 cannot be opened: odd",
    });
  });
});
