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
  /** How it is used here. */
  readonly settings: string;
}

const tickwireDoes =
  "Seals every packet (ChaCha20-Poly1305), acks them, deltas against what each client is known to hold, inputs sent " +
  "again until acked, congestion control; its client sends inputs so that they are there a tick before theirs runs";
const tickwireSettings =
  "Defaults; x and y follow their velocities; players are those of `tickwire bots`, which interpolate and do not predict";

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
    settings:
      "Quantized fields, patchRate null and broadcastPatch in the tick, setTimestep; the newest input is in force",
  },
  {
    name: "colyseus-input",
    folder: "colyseus-input",
    runtime: "node",
    packages: ["@colyseus/core", "@colyseus/ws-transport", "@colyseus/schema", "@colyseus/sdk"],
    transport: "WebSocket",
    does: "The same with the input stream of 0.18: buffered, each input is a step, none is left out",
    settings:
      "defineInput, setFixedTimestep, `for (const input of inputs.get(id))`; the client's mode is reliable, as its documentation asks for on WebSocket",
  },
  {
    name: "socketio",
    folder: "socketio",
    runtime: "node",
    packages: ["socket.io", "socket.io-client", "socket.io-msgpack-parser"],
    transport: "WebSocket",
    does: "Rooms, acknowledgements, reconnection; no state synchronization: all ships to all, volatile, in MessagePack",
    settings:
      "Its MessagePack parser, WebSocket alone, volatile events both ways; places in 64ths; the newest input is in force",
  },
  {
    name: "ws-msgpack",
    folder: "ws-msgpack",
    runtime: "node",
    packages: ["ws", "@msgpack/msgpack"],
    transport: "WebSocket",
    does: "A socket and a codec: all ships to all, encoded once",
    settings: "No compression (its default); places in 64ths; the newest input is in force",
  },
  {
    name: "geckos",
    folder: "geckos",
    runtime: "node",
    packages: ["@geckos.io/server", "@geckos.io/client", "node-datachannel", "@msgpack/msgpack"],
    transport: "WebRTC data channel over UDP, unordered, without resends",
    does: "Encrypts (DTLS), SCTP's congestion control; works in browsers; no state synchronization: all ships to all",
    settings: "Its defaults, raw messages in MessagePack; places in 64ths; the newest input is in force",
  },
  {
    name: "nengi",
    folder: "nengi",
    runtime: "node",
    packages: ["nengi", "ws"],
    transport: "WebSocket, by an adapter written here on ws",
    does: "Deltas per user and property, interest by channels, commands",
    settings:
      "One channel for all; places in 64ths; the newest input is in force. npm has neither its adapters nor uWebSockets.js",
  },
  {
    name: "udp-struct",
    folder: "udp-struct",
    runtime: "node",
    packages: [],
    transport: "UDP",
    does: "The floor: a struct of all ships in one datagram. No acks, resends, deltas, encryption or checks",
    settings: "The newest input is in force, and is sent once",
  },
];

function tickwire(runtime: Runtime): Peer {
  return {
    name: `tickwire-${runtime}`,
    ...{ folder: "tickwire", runtime, packages: [], transport: "UDP" },
    ...{ does: tickwireDoes, settings: tickwireSettings },
  };
}
