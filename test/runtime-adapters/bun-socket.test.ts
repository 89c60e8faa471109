import { describe } from "vitest";
import { openBunSocket } from "../../src/runtime-adapters/bun-socket.ts";
import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import { datagramSocketSuite } from "./datagram-socket-suite.ts";

describe.runIf(runtimeName() === "bun")("in Bun", () => {
  datagramSocketSuite("Bun socket", openBunSocket, {
    isReal: true,
    growsReceiveBuffer: true,
    keepsOrder: true,
  });
});
