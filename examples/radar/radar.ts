// Plays the arena with the arena's own bot, and draws in the terminal what this player sees. Ctrl-C ends it.
import type { Client } from "tickwire";
import { connect } from "tickwire/client";
import { arena, WALL } from "../arena/arena.ts";
import { bot } from "../arena/arena-bot.ts";

type Me = Client<(typeof arena)["~shape"]>;

const SERVER = "udp://127.0.0.1:7777";
const COLUMNS = 60;
const ROWS = 14;
const DRAWS_PER_SECOND = 10;
const ARROWS = "→↗↑↖←↙↓↘";
const CLEAR = "\u001b[2J";
const HOME = "\u001b[H";
const CLEAR_LINE_END = "\u001b[K";

try {
  const me = await connect(arena, SERVER, { name: "radar", timeoutSeconds: 3 });
  me.onTick = () => me.setInput(bot.think(me, Math.random));
  const heard: string[] = [];
  me.on("chat", ({ text }) => heard.push(text));
  me.on("scored", ({ who, whom }) => heard.push(`${who} wrecked ${whom}`));
  me.onStateChange(({ state }) => heard.push(`(${state})`));
  console.log(CLEAR);
  const timer = setInterval(() => draw(me, heard.slice(-6)), 1000 / DRAWS_PER_SECOND);
  const { reason, by } = await me.closed;
  clearInterval(timer);
  console.log(`closed by the ${by}: ${reason}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
}

function draw(me: Me, heard: readonly string[]): void {
  const field = Array.from({ length: ROWS }, () => Array<string>(COLUMNS).fill(" "));
  for (const { x, y } of me.view.shot) put(field, x, y, dim("·"));
  for (const { x, y, aim, isWreck } of me.view.ship)
    put(field, x, y, isWreck ? dim("×") : ARROWS[Math.round(aim / (Math.PI / 4)) % 8]!);
  const own = me.entity;
  if (own !== undefined) put(field, own.x, own.y, bright(own.isWreck ? "×" : "@"));
  const side = [...scores(me), "", ...heard];
  const lines = field.map((cells, row) => `${dim("│")}${cells.join("")}${dim("│")} ${side[row] ?? ""}`);
  const edge = "─".repeat(COLUMNS);
  const all = [dim(`┌${edge}┐`), ...lines, dim(`└${edge}┘`)];
  console.log(HOME + all.map((line) => line + CLEAR_LINE_END).join("\n"));
}

function put(field: string[][], x: number, y: number, mark: string): void {
  const column = Math.floor(((x + WALL) / (2 * WALL)) * COLUMNS);
  const row = Math.floor(((WALL - y) / (2 * WALL)) * ROWS);
  const cells = field[Math.min(ROWS - 1, Math.max(0, row))]!;
  cells[Math.min(COLUMNS - 1, Math.max(0, column))] = mark;
}

/** The seven best: points, name, and a square per quarter of health. */
function scores(me: Me): string[] {
  const best = [...me.view.ship].sort((a, b) => b.score - a.score).slice(0, 7);
  return best.map(({ name, score, hp, id }) => {
    const line = `${String(score).padStart(3)}  ${name.padEnd(10)} ${"■".repeat(Math.ceil(hp / 25))}`;
    return id === me.entity?.id ? bright(line) : line;
  });
}

function bright(text: string): string {
  return `\u001b[1;33m${text}\u001b[0m`;
}

function dim(text: string): string {
  return `\u001b[2m${text}\u001b[0m`;
}
