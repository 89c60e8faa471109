/**
 * Serves the game of numbers to one player: sends a number five times a second from its first number on, and keeps
 * what it hears and when.
 *
 *   numbers-server.ts HOST PORT KEY      orders on standard input: hush, report
 */
import { createInterface } from "node:readline";
import { defineRoom } from "tickwire";
import { serve } from "tickwire/server";
import { readKeys } from "tickwire/token";
import { NUMBER_EVERY_MS, type NumbersServerReport, numbersGame } from "../numbers-game.ts";

const [host, port, key] = process.argv.slice(2);
const clockMs = (): number => performance.timeOrigin + performance.now();

const heard: number[] = [];
const freshInputsMs: number[] = [];
const stays: { what: NumbersServerReport["stays"][number]["what"]; atMs: number }[] = [];
let sent = 0;
let isHushed = false;
let nextNumberMs = 0;
let lastInput = -1;

const room = defineRoom(numbersGame, {
  onJoin(world, player) {
    player.entity = world.spawn("walker");
    stays.push({ what: "join", atMs: clockMs() });
  },
  onDrop: () => void stays.push({ what: "drop", atMs: clockMs() }),
  onReconnect: () => void stays.push({ what: "reconnect", atMs: clockMs() }),
  onLeave: () => void stays.push({ what: "leave", atMs: clockMs() }),
  onTick(world) {
    const nowMs = clockMs();
    for (const player of world.players) {
      if (player.input.n !== lastInput && player.input.n !== 0) freshInputsMs.push(nowMs);
      lastInput = player.input.n;
      if (isHushed || heard.length === 0 || nowMs < nextNumberMs) continue;
      nextNumberMs = nowMs + NUMBER_EVERY_MS;
      if (player.send("down", { n: sent }) === "queued") sent += 1;
    }
  },
  onMessage: { up: (_world, _player, { n }) => void heard.push(n) },
});

const server = await serve(room, {
  host: host!,
  port: Number(port),
  seed: 1,
  net: { backendKeys: readKeys(key!) },
});
say({ event: "listening", udp: server.url });

// Whoever started it and is gone has left it behind.
const orders = createInterface({ input: process.stdin }).on("close", () => process.exit(1));
orders.on("line", (line) => {
  if (line === "hush") isHushed = true;
  const counters = Object.fromEntries(
    Array.from(server.counters(), ([group, name, value]) => [`${group}.${name}`, value] as const).filter(
      ([, value]) => value !== 0,
    ),
  );
  say({ event: "report", sent, heard, freshInputsMs, stays, counters } satisfies NumbersServerReport & {
    event: string;
  });
});

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
