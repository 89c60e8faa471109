/** One part of the house: which files it is and what they may import. Its own files are always allowed. */
export interface Zone {
  readonly name: string;
  /** The first zone whose pattern fits a path is the file's zone. */
  readonly files: RegExp;
  /** Zones it may import from. */
  readonly may: readonly string[];
  /** Zones of which it may import types only. */
  readonly mayTypes?: readonly string[];
  /** npm packages it may import. */
  readonly packages?: readonly string[];
  /** No clock, timer or randomness: these are passed in. */
  readonly timeless?: true;
  /** May name Node, Bun and Deno, and import `node:` modules. */
  readonly runtimes?: true;
  /** May load a file whose name is only known at run time. */
  readonly computedImports?: true;
  /** A public door: re-exporting is what it is for. */
  readonly door?: true;
}

const bytes = "net/bytes";
const portsAndBelow = [bytes, "net/ports"];
const wireAndBelow = [...portsAndBelow, "net/wire"];
const connectionAndBelow = [...wireAndBelow, "net/crypto", "net/congestion", "net/channel", "net/connection"];
const net = [...connectionAndBelow, "net/endpoint"];
const sharedGame = ["game/schema", "game/world", "game/replication"];
const game = [...sharedGame, "game/interest", "game/room"];
const wirePackages = ["@msgpack/msgpack", "libsodium-wrappers"];

/** The table of the architecture document. A new folder gets a row here when its first file appears. */
export const houseTable: readonly Zone[] = [
  { name: bytes, files: /^src\/net\/bytes\//, may: [], packages: wirePackages, timeless: true },
  { name: "net/ports", files: /^src\/net\/ports\//, may: [bytes], packages: wirePackages, timeless: true },
  {
    name: "net/wire",
    files: /^src\/net\/wire\//,
    may: portsAndBelow,
    packages: wirePackages,
    timeless: true,
  },
  {
    name: "net/crypto",
    files: /^src\/net\/crypto\//,
    may: wireAndBelow,
    packages: wirePackages,
    timeless: true,
  },
  {
    name: "net/congestion",
    files: /^src\/net\/congestion\//,
    may: [bytes],
    timeless: true,
  },
  {
    name: "net/channel",
    files: /^src\/net\/channel\//,
    may: [...wireAndBelow, "net/congestion"],
    packages: wirePackages,
    timeless: true,
  },
  {
    name: "net/connection",
    files: /^src\/net\/connection\//,
    may: [...wireAndBelow, "net/crypto", "net/congestion", "net/channel"],
    packages: wirePackages,
    timeless: true,
  },
  {
    name: "net/endpoint",
    files: /^src\/net\/endpoint\//,
    may: connectionAndBelow,
    packages: wirePackages,
    timeless: true,
  },
  {
    name: "game/schema",
    files: /^src\/game\/schema\//,
    may: [bytes],
    packages: wirePackages,
    timeless: true,
  },
  {
    name: "game/world",
    files: /^src\/game\/world\//,
    may: [bytes, "game/schema"],
    packages: wirePackages,
    timeless: true,
  },
  {
    name: "game/replication",
    files: /^src\/game\/replication\//,
    may: [bytes, "game/schema", "game/world"],
    packages: wirePackages,
    timeless: true,
  },
  {
    name: "game/prediction",
    files: /^src\/game\/prediction\//,
    may: [bytes, "game/schema", "game/world", "game/replication"],
    timeless: true,
  },
  {
    name: "game/interest",
    files: /^src\/game\/interest\//,
    may: [bytes, "game/schema", "game/world"],
    packages: wirePackages,
    timeless: true,
  },
  {
    name: "game/room",
    files: /^src\/game\/room\//,
    may: [bytes, ...sharedGame],
    packages: wirePackages,
    timeless: true,
  },
  { name: "runtime-adapters", files: /^src\/runtime-adapters\//, may: portsAndBelow, runtimes: true },
  {
    name: "src/mod.ts",
    files: /^src\/mod\.ts$/,
    may: ["game/schema"],
    mayTypes: ["game/room"],
    door: true,
  },
  {
    name: "src/server.ts",
    files: /^src\/(server(-parts)?|served-rooms?|player-feed|seat|tick-phases)\.ts$/,
    may: [...net, ...game],
    timeless: true,
  },
  {
    name: "definition-digest",
    files: /^src\/definition-digest\.ts$/,
    may: [...net, "game/schema"],
    timeless: true,
  },
  {
    name: "src/server-door.ts",
    files: /^src\/server-door\.ts$/,
    may: [...net, ...game, "src/server.ts", "definition-digest", "runtime-adapters", "client"],
    door: true,
  },
  {
    name: "src/testing-door.ts",
    files: /^src\/testing-(door|freezer)\.ts$/,
    may: [...net, ...game, "src/server.ts", "definition-digest", "runtime-adapters", "client", "client/load"],
    door: true,
  },
  // For backends: neither game nor socket.
  {
    name: "src/token-door.ts",
    files: /^src\/token-door\.ts$/,
    may: [...wireAndBelow, "net/crypto", "runtime-adapters"],
    door: true,
  },
  { name: "gateway", files: /^src\/gateway\//, may: net },
  {
    name: "ops",
    files: /^src\/ops\//,
    may: portsAndBelow,
    packages: ["srvx", "prom-client", "hdr-histogram-js"],
  },
  // Reads what draws its plots off the disk, and knows how a client's trace is laid out.
  { name: "report", files: /^src\/report\//, may: ["runtime-adapters"], mayTypes: ["client"] },
  {
    name: "cli",
    files: /^src\/cli\//,
    may: [
      ...sharedGame,
      "src/mod.ts",
      "src/server-door.ts",
      "src/testing-door.ts",
      "src/token-door.ts",
      "definition-digest",
      "client doors",
      "client/load",
      "ops",
      "report",
      "runtime-adapters",
    ],
    packages: ["commander"],
    computedImports: true,
  },
  {
    name: "client doors",
    files: /^client\/(mod|bot-runner|find-token)\.ts$/,
    may: [...net, ...sharedGame, "definition-digest", "client", "client reports", "runtime-adapters"],
    door: true,
  },
  // Reports are read over the network, so it is not timeless.
  { name: "client reports", files: /^client\/server-ticks\.ts$/, may: [] },
  // The load-test harness: it lives in real time. What runs a program of its own may choose adapters.
  {
    name: "client/load",
    files: /^client\/load\//,
    may: [...net, ...sharedGame, "definition-digest", "client", "report", "runtime-adapters"],
    packages: ["hdr-histogram-js"],
  },
  {
    name: "client",
    files: /^client\/[^/]+\.ts$/,
    may: [...net, ...sharedGame, "game/prediction"],
    timeless: true,
  },
  {
    name: "examples",
    files: /^examples\//,
    may: ["src/mod.ts", "src/server-door.ts", "src/testing-door.ts", "client doors"],
    // A room file may give its bot along.
    door: true,
  },
];

/** What the package's own name and subpaths stand for. */
export const ownDoors: Readonly<Record<string, string>> = {
  tickwire: "src/mod.ts",
  "tickwire/server": "src/server-door.ts",
  "tickwire/client": "client/mod.ts",
  "tickwire/testing": "src/testing-door.ts",
  "tickwire/token": "src/token-door.ts",
};

export const LINE_CEILING = 300;
/** Files over the ceiling, each with the reason why splitting it would make it worse. */
export const longFiles: Readonly<Record<string, string>> = {};
