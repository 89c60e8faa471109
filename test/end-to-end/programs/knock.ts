/**
 * One client that knocks at a server, and tells in a line of JSON what it was answered and when.
 *
 *   knock.ts URL as-it-is | another-game | another-version
 */
import { defineGame, t } from "tickwire";
import { ConnectError, connect } from "tickwire/client";
import { ClientDriver } from "../../../client/client-driver.ts";
import { parseServerUrl } from "../../../client/server-url.ts";
import { arena } from "../../../examples/arena/arena.ts";
import type { NetEvent } from "../../../src/net/connection/event-queue.ts";
import { loadSodium } from "../../../src/net/crypto/sodium.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../../src/net/crypto/token-issuer.ts";
import { ClientEndpoint } from "../../../src/net/endpoint/client-endpoint.ts";
import { MonotonicClock } from "../../../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../../../src/runtime-adapters/open-socket.ts";
import { systemRandom } from "../../../src/runtime-adapters/system-random.ts";
import { TimerTicker } from "../../../src/runtime-adapters/timer-ticker.ts";

const [url, as] = process.argv.slice(2);
/** Same name, other rules. */
const anotherArena = defineGame({
  name: "arena",
  tickRate: 30,
  input: { fire: t.bool() },
  entities: { ship: { x: t.fixed(-1, 1, 1 / 64) } },
  avatar: "ship",
});

interface Answer {
  readonly reason: string;
  readonly message: string;
}

const startMs = performance.now();
const answer = as === "another-version" ? await knockAsAnotherVersion() : await knock();
process.stdout.write(`${JSON.stringify({ ...answer, afterMs: performance.now() - startMs })}\n`);
process.exit(0);

async function knock(): Promise<Answer> {
  try {
    await (as === "another-game" ? connect(anotherArena, url!) : connect(arena, url!));
    return { reason: "let in", message: "" };
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return { reason: error.reason, message: error.message };
  }
}

/** A client of the future, which has forgotten the versions of today. */
async function knockAsAnotherVersion(): Promise<Answer> {
  const server = parseServerUrl(url!);
  const sodium = await loadSodium();
  const clock = new MonotonicClock();
  const endpoint = new ClientEndpoint({
    sodium,
    cipher: sodium.packetCipher(),
    random: systemRandom,
    server,
    channels: [],
    definition: { name: "of the future", hash: new Uint8Array(32), parts: [] },
    token: issueToken(sodium, systemRandom, DEVELOPMENT_KEY, {}, Date.now()),
    name: "of the future",
    connectTimeoutMs: 10_000,
    versions: { min: 7, max: 9 },
  });
  const ended = await new Promise<NetEvent<unknown>>((resolve) => {
    const takeEvents = (): void => {
      for (let event = endpoint.nextEvent(); event !== undefined; event = endpoint.nextEvent())
        resolve(event);
    };
    const driver = new ClientDriver({
      clock,
      ticker: new TimerTicker(clock),
      openSocket: openDatagramSocket,
    });
    void driver.add(
      {
        get isTurning() {
          return endpoint.connection.state !== "closed";
        },
        nextDueMs: 0,
        noteUnsent() {},
        start: (nowMs) => endpoint.start(nowMs),
        receive(bytes, from, nowMs) {
          endpoint.receive(bytes, from, nowMs);
          takeEvents();
        },
        turn(nowMs, outbox) {
          endpoint.update(nowMs);
          takeEvents();
          endpoint.flush(nowMs, outbox);
        },
      },
      server,
    );
  });
  return { reason: ended.kind === "disconnected" ? ended.reason : ended.kind, message: ended.detail };
}
