// load-server-program.ts SETTING: the server of a load test. Says where it listens as a line of JSON on standard output, and
// ends when its standard input does.
import { createLog } from "../ops/log.ts";
import { listenToParent } from "../runtime-adapters/child-program.ts";
import { commandArguments, exitProcess, writeLine } from "../runtime-adapters/process.ts";
import { DEFAULT_RATES } from "../server-door.ts";
import { serveDedicated } from "./dedicated-server.ts";
import { loadRoom } from "./load-room.ts";
import type { LoadServerSetting } from "./load-server.ts";

/** All players come from one address, and at once if that is asked for. */
const AS_MANY_AS_COME = 1_000_000;
const handshakeLimits = {
  perAddressPerSecond: AS_MANY_AS_COME,
  perAddressAtOnce: AS_MANY_AS_COME,
  perSecond: AS_MANY_AS_COME,
  atOnce: AS_MANY_AS_COME,
};

const setting = JSON.parse(commandArguments()[0]!) as LoadServerSetting;
const { room } = await loadRoom(setting.game);
const log = createLog({
  format: "json",
  writeLine: (line) => {
    // Who comes and goes is the players' report; what fails is ours.
    if (/"level":"error"/.test(line)) writeLine("stderr", line);
  },
});
const server = await serveDedicated(room, {
  host: "127.0.0.1",
  port: 0,
  rooms: setting.rooms,
  bots: 0,
  drainSeconds: 1,
  http: { host: "127.0.0.1", port: 0 },
  maxPlayers: setting.maxPlayers,
  seed: setting.seed,
  join: false,
  insecureDev: false,
  net: {
    handshakeLimits,
    // The link's players come from loopback too, whose rates would drown a narrow one.
    ...(setting.isBehindLink && { rates: DEFAULT_RATES }),
    ...(setting.plaintext && { plaintext: true }),
  },
  log,
}).catch((error: unknown) => {
  writeLine("stderr", error instanceof Error ? error.message : String(error));
  exitProcess(1);
});
listenToParent(
  () => {},
  () => {
    setTimeout(() => exitProcess(0), 2_000);
    server.close().then(() => exitProcess(0));
  },
);
writeLine("stdout", JSON.stringify({ url: server.url, httpUrl: server.httpUrl }));
