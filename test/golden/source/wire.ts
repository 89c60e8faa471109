import { arena } from "../../../examples/arena/arena.ts";
import { definitionDigest } from "../../../src/definition-digest.ts";
import type { Game } from "../../../src/game/schema/define-game.ts";
import type { Shape } from "../../../src/game/schema/shape.ts";
import type { ConnectToken } from "../../../src/net/crypto/connect-token.ts";
import { ClientEndpoint, type ClientEndpointOptions } from "../../../src/net/endpoint/client-endpoint.ts";
import { ServerEndpoint } from "../../../src/net/endpoint/server-endpoint.ts";
import type { ServerEndpointOptions } from "../../../src/net/endpoint/server-endpoint-options.ts";
import { Outbox } from "../../../src/net/ports/outbox.ts";
import type { RandomBytes } from "../../../src/net/ports/random-bytes.ts";
import { CHANNELS, sodium } from "../../net/endpoint/rig.ts";
import { typesGame } from "../types-game.ts";

export const SERVER_ADDRESS = { host: "127.0.0.1", port: 7777 };
export const CLIENT_ADDRESS = { host: "127.0.0.1", port: 50_000 };
export const START_MS = 1_000_000;
export const UNIX_MS = 1_800_000_000_000;
export const ARENA = definitionDigest(sodium, arena as unknown as Game<Shape>);
export const TYPES = definitionDigest(sodium, typesGame as unknown as Game<Shape>);
/** No test may run into them. */
export const NO_LIMITS = { perAddressPerSecond: 1e9, perAddressAtOnce: 1e9, perSecond: 1e9, atOnce: 1e9 };

export function newServer(random: RandomBytes, options: Partial<ServerEndpointOptions> = {}): ServerEndpoint {
  const server = new ServerEndpoint({
    sodium,
    random,
    unixMs: () => UNIX_MS,
    channels: CHANNELS,
    definition: ARENA,
    tickRate: 30,
    maxConnections: 64,
    timeoutMs: 10_000,
    handshakeLimits: NO_LIMITS,
    ...options,
  });
  server.tick = 300;
  return server;
}

export function newClient(
  random: RandomBytes,
  token: ConnectToken,
  options: Partial<ClientEndpointOptions> = {},
): ClientEndpoint {
  return new ClientEndpoint({
    sodium,
    cipher: sodium.packetCipher(),
    random,
    server: SERVER_ADDRESS,
    channels: CHANNELS,
    definition: ARENA,
    name: "ada",
    token,
    connectTimeoutMs: 5_000,
    ...options,
  });
}

const outbox = new Outbox();

/** What the endpoint sends now. */
export function flushed(endpoint: ServerEndpoint | ClientEndpoint, nowMs: number): Uint8Array[] {
  endpoint.update(nowMs);
  endpoint.flush(nowMs, outbox);
  const sent = Array.from({ length: outbox.length }, (_, i) =>
    outbox.bytesOf(i).slice(0, outbox.lengthOf(i)),
  );
  outbox.clear();
  return sent;
}

/** Hands a datagram over, the server's as if from `from`, and lets go of what happened. */
export function give(
  endpoint: ServerEndpoint | ClientEndpoint,
  bytes: Uint8Array,
  nowMs: number,
  from = CLIENT_ADDRESS,
): void {
  if (endpoint instanceof ServerEndpoint) endpoint.receive(bytes, from, nowMs);
  else endpoint.receive(bytes, SERVER_ADDRESS, nowMs);
  while (endpoint.nextEvent() !== undefined);
}
