// light-cost.ts ROOMS TICKS: plays rooms of ten of light players in virtual time, and says what they cost and did.
import { VirtualCrowd } from "../virtual-crowd.ts";

const SETTLE_TICKS = 90;

const crowd = new VirtualCrowd({ name: "rooms of 10", rooms: Number(process.argv[2]), players: 10 });
crowd.fill(SETTLE_TICKS);
crowd.begin();
for (let ticks = Number(process.argv[3]); ticks > 0; ticks -= 1) crowd.tick();
const { playersUs, updates } = crowd;
console.log(JSON.stringify({ updates, cpuUs: playersUs }));
process.exit(0);
