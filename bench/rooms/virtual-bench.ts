/**
 * What our own code costs the server per update, without a kernel: `npx node bench/rooms/virtual-bench.ts [--ticks 300]
 * [--shape 0]`. To be looked at with `--cpu-prof`.
 */
import { parseArgs } from "node:util";
import { CROWDS } from "./crowd-game.ts";
import { VirtualCrowd } from "./virtual-crowd.ts";

const SETTLE_TICKS = 90;
const { values } = parseArgs({ options: { ticks: { type: "string" }, shape: { type: "string" } } });
const ticks = Number(values.ticks ?? 300);
for (const shape of values.shape === undefined ? CROWDS : [CROWDS[Number(values.shape)]!]) {
  const crowd = new VirtualCrowd(shape);
  crowd.fill(SETTLE_TICKS);
  crowd.begin();
  for (let i = 0; i < ticks; i += 1) crowd.tick();
  const { receiveUs, turnUs, updates, bytesDown } = crowd;
  const per = (us: number): string => (us / updates).toFixed(2);
  console.log(
    `${shape.name}: ${per(receiveUs)} to receive + ${per(turnUs)} a turn = ${per(receiveUs + turnUs)} us` +
      ` per update, ${(bytesDown / updates).toFixed(0)} B each, ${(updates / ticks).toFixed(0)} per tick`,
  );
}
