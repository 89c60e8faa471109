// load-crowd-program.ts SETTING: players of a load test, in a process of their own. Orders come as lines of JSON on standard
// input, each is answered with one line; when there will be no more, it ends.
import { makeCrowd } from "../../client/load/crowd-maker.ts";
import type { CrowdOrder } from "../../client/load/crowd-orders.ts";
import { listenToParent } from "../runtime-adapters/child-program.ts";
import { commandArguments, exitProcess, writeLine } from "../runtime-adapters/process.ts";
import type { CrowdSetting } from "./crowd-process.ts";
import { readKeyFile } from "./key-file.ts";
import { loadRoom } from "./load-room.ts";

const setting = JSON.parse(commandArguments()[0]!) as CrowdSetting;
const { url, number, seed, connectTimeoutMs, keyFile, audience, plaintext } = setting;
const { room, bot } = await loadRoom(setting.game);
const crowd = await makeCrowd(room.game, bot, {
  ...{ url, number, seed, connectTimeoutMs },
  kind: "players",
  ...(keyFile !== undefined && { backendKey: readKeyFile(keyFile)[0] }),
  ...(audience !== undefined && { audience }),
  ...(plaintext === true && { plaintext }),
});

/** One after the other: answers come in the order of what was asked. */
let work = Promise.resolve();
listenToParent(
  (order) => {
    work = work.then(async () => {
      const answer = await obey(order as CrowdOrder);
      writeLine("stdout", JSON.stringify(answer));
    });
  },
  () => exitProcess(0),
);

async function obey(order: CrowdOrder): Promise<object> {
  switch (order.order) {
    case "aim":
      crowd.aimFor(order.count, order.seconds);
      break;
    case "churn":
      crowd.churn(order.perSecond);
      break;
    case "open":
      crowd.open();
      break;
    case "close":
      await crowd.close();
      break;
    case "sample":
      return crowd.sample();
    case "end":
      await crowd.end();
  }
  return {};
}
