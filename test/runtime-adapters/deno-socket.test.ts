import { describe, expect, it } from "vitest";
import type { OpenDatagramSocket } from "../../src/net/ports/datagram-socket.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { DENO_SENDS_IN_FLIGHT, openDenoSocket } from "../../src/runtime-adapters/deno-socket.ts";
import { StartedProcess } from "../cli/started-process.ts";
import { run } from "../cli/started-program.ts";
import { datagramSocketSuite } from "./datagram-socket-suite.ts";

describe.runIf(runtimeName() === "deno")("in Deno", () => {
  datagramSocketSuite("Deno socket", openDenoSocket, {
    isReal: true,
    growsReceiveBuffer: true,
    keepsOrder: false,
  });
  // One that is to have a larger buffer sends and receives in batches.
  const inBatches: OpenDatagramSocket = (bind, events) =>
    openDenoSocket({ receiveBufferBytes: 1 << 18, ...bind }, events);
  datagramSocketSuite("Deno socket in batches", inBatches, {
    isReal: true,
    growsReceiveBuffer: true,
    keepsOrder: true,
  });
});

describe.runIf(runtimeName() === "deno")("Deno's sends under way", () => {
  it("are bounded: the rest of a batch is dropped, counted, and the next turn sends again", async () => {
    const errors: { kind: string; datagrams: number }[] = [];
    const socket = await openDenoSocket(
      { host: "127.0.0.1", port: 0 },
      { onDatagram: () => {}, onError: (kind, _detail, datagrams) => errors.push({ kind, datagrams }) },
    );
    const outbox = new Outbox();
    for (let i = 0; i < DENO_SENDS_IN_FLIGHT + 100; i += 1) {
      outbox.open();
      // Nobody reads them: they fill this socket's own receive buffer, and the kernel drops what is over.
      outbox.commit(1, socket.address);
    }
    expect(socket.sendMany(outbox)).toBe(DENO_SENDS_IN_FLIGHT);
    expect(errors).toEqual([{ kind: "buffer-full", datagrams: 100 }]);
    let taken = 0;
    for (let turn = 0; turn < 1000 && taken < 100; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      outbox.clear();
      for (let i = 0; i < 100; i += 1) {
        outbox.open();
        outbox.commit(1, socket.address);
      }
      taken = socket.sendMany(outbox);
    }
    expect(taken).toBe(100);
    await socket.close();
  });
});

describe.runIf(runtimeName() === "deno")("Deno's libc", () => {
  const echo = "test/runtime-adapters/programs/deno-echo.ts";
  const all = { taken: 100, heard: 100, errors: 0 };

  it("is called by a program that may do all", async () => {
    const { code, stdout, stderr } = await run("deno", echo, []);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ ...all, receiveBufferBytes: expect.any(Number) });
  });

  it("is let be in a program that may only use the network, and nobody is asked", async () => {
    const command = ["node_modules/.bin/deno", "run", "--unstable-net", "--allow-net", echo];
    const { code, stdout, stderr } = await new StartedProcess(command).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ ...all, receiveBufferBytes: null });
  });
});
