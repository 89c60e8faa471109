import { Socket } from "node:dgram";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Outbox } from "../../src/net/ports/outbox.ts";
import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { openNodeSocket } from "../../src/runtime-adapters/node-socket.ts";
import { datagramSocketSuite } from "./datagram-socket-suite.ts";

describe.runIf(runtimeName() === "node")("in Node", () => {
  datagramSocketSuite("Node socket", openNodeSocket, {
    isReal: true,
    growsReceiveBuffer: true,
    keepsOrder: true,
  });
});

describe.runIf(runtimeName() === "node")("Node's send queue", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("gets no more once the kernel is full, and keeps the memory it still reads", async () => {
    const errors: unknown[] = [];
    const socket = await openNodeSocket(
      { host: "127.0.0.1", port: 0 },
      { onDatagram: () => {}, onError: (kind, _detail, datagrams) => errors.push([kind, datagrams]) },
    );
    const outbox = new Outbox();
    const slots = Array.from({ length: 5 }, () => {
      const slot = outbox.open();
      outbox.commit(10, socket.address);
      return slot;
    });
    // A kernel that is full from the third datagram on, as loopback never is.
    const queued = vi.spyOn(Socket.prototype, "getSendQueueCount");
    queued.mockReturnValueOnce(0).mockReturnValueOnce(0).mockReturnValueOnce(0).mockReturnValue(1);
    expect(socket.sendMany(outbox)).toBe(3);
    expect(slots.map((slot, i) => outbox.bytesOf(i) === slot)).toEqual([true, true, false, true, true]);
    // What is queued has not left by the next turn: everything is dropped.
    expect(socket.sendMany(outbox)).toBe(0);
    expect(errors).toEqual([
      ["buffer-full", 2],
      ["buffer-full", 5],
    ]);
    queued.mockRestore();
    expect(socket.sendMany(outbox)).toBe(5);
    await socket.close();
  });
});
