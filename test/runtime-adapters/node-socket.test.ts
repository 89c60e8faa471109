import { describe } from "vitest";
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
