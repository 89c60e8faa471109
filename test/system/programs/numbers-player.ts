/**
 * Plays the game of numbers: a new input each tick, a number five times a second whatever the network does, and keeps
 * what it hears and when.
 *
 *   numbers-player.ts URL TOKEN      orders on standard input: hush, report
 */
import { createInterface } from "node:readline";
import { connect } from "tickwire/client";
import { NUMBER_EVERY_MS, type NumbersPlayerReport, numbersGame } from "../numbers-game.ts";

const [url, token] = process.argv.slice(2);
const clockMs = (): number => performance.timeOrigin + performance.now();

const heard: number[] = [];
const statesMs: number[] = [];
const states: { state: string; atMs: number }[] = [];
let sent = 0;
let isHushed = false;

const client = await connect(numbersGame, url!, { token: token! });
const noteState = (): void => void states.push({ state: client.state, atMs: clockMs() });
noteState();
client.onStateChange(noteState);
client.onTick = (tick) => client.setInput({ n: 1 + (tick % 1023) });
client.onState = () => void statesMs.push(clockMs());
client.on("down", ({ n }) => void heard.push(n));
setInterval(() => {
  if (!isHushed && client.state !== "closed" && client.send("up", { n: sent }) === "queued") sent += 1;
}, NUMBER_EVERY_MS);
say({ event: "joined" });

// Whoever started it and is gone has left it behind.
const orders = createInterface({ input: process.stdin }).on("close", () => process.exit(1));
orders.on("line", (line) => {
  if (line === "hush") isHushed = true;
  say({ event: "report", sent, heard, statesMs, states } satisfies NumbersPlayerReport & { event: string });
});

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
