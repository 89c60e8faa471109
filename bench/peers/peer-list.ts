/** Who is measured, and what there is to know about each. */

export type Runtime = "node" | "bun" | "deno";

export interface Peer {
  readonly name: string;
  /** The folder with its server and its client. */
  readonly folder: string;
  /** Of the server. The players are on Node always. */
  readonly runtime: Runtime;
  /** Packages whose versions are stated. */
  readonly packages: readonly string[];
  readonly transport: string;
  /** What it does that others do not, or leaves to the game. */
  readonly does: string;
}

const tickwireDoes =
  "Seals every packet (ChaCha20-Poly1305), acks them, deltas against what each client is known to hold, inputs sent " +
  "again until acked, congestion control; its client sends inputs so that they are there a tick before theirs runs";

export const PEERS: readonly Peer[] = [
  tickwire("node"),
  tickwire("bun"),
  tickwire("deno"),
  {
    name: "colyseus",
    folder: "colyseus",
    runtime: "node",
    packages: ["@colyseus/core", "@colyseus/ws-transport", "@colyseus/schema", "@colyseus/sdk"],
    transport: "WebSocket",
    does: "Rooms, matchmaking, deltas encoded once for all; quantized fields; inputs as room messages",
  },
  {
    name: "colyseus-input",
    folder: "colyseus-input",
    runtime: "node",
    packages: ["@colyseus/core", "@colyseus/ws-transport", "@colyseus/schema", "@colyseus/sdk"],
    transport: "WebSocket",
    does: "The same with the input stream of 0.18: buffered, each input is a step, none is left out",
  },
  {
    name: "socketio",
    folder: "socketio",
    runtime: "node",
    packages: ["socket.io", "socket.io-client", "socket.io-msgpack-parser"],
    transport: "WebSocket",
    does: "Rooms, acknowledgements, reconnection; no state synchronization: all ships to all, volatile, in MessagePack",
  },
  {
    name: "ws-msgpack",
    folder: "ws-msgpack",
    runtime: "node",
    packages: ["ws", "@msgpack/msgpack"],
    transport: "WebSocket",
    does: "A socket and a codec: all ships to all, encoded once",
  },
  {
    name: "geckos",
    folder: "geckos",
    runtime: "node",
    packages: ["@geckos.io/server", "@geckos.io/client", "node-datachannel", "@msgpack/msgpack"],
    transport: "WebRTC data channel over UDP, unordered, without resends",
    does: "Encrypts (DTLS), SCTP's congestion control; works in browsers; no state synchronization: all ships to all",
  },
  {
    name: "nengi",
    folder: "nengi",
    runtime: "node",
    packages: ["nengi", "ws"],
    transport: "WebSocket, by an adapter written here on ws",
    does: "Deltas per user and property, interest by channels, commands",
  },
  {
    name: "udp-struct",
    folder: "udp-struct",
    runtime: "node",
    packages: [],
    transport: "UDP",
    does: "The floor: a struct of all ships in one datagram. No acks, resends, deltas, encryption or checks",
  },
];

function tickwire(runtime: Runtime): Peer {
  return {
    name: `tickwire-${runtime}`,
    ...{ folder: "tickwire", runtime, packages: [], transport: "UDP", does: tickwireDoes },
  };
}
