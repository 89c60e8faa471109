import type { Command } from "commander";
import { definitionJson, definitionParts } from "../game/schema/definition-json.ts";
import { isTerminal, writeText } from "../runtime-adapters/process.ts";
import { isObject } from "./config-file.ts";
import { loadRoom } from "./load-room.ts";

const examples = `
Examples:
  tickwire schema                         the arena's definition, with its hashes
  tickwire schema my-game.ts --json       exactly the bytes that client and server compare by hash`;

export function addSchemaCommand(program: Command): void {
  program
    .command("schema")
    .description("print a game's definition, which client and server must share")
    .argument("[game-file]", "file that exports a room or a game (default: the arena)")
    .option("--json", "print the form that is hashed, with no line end behind it in files and pipes")
    .addHelpText("after", examples)
    .action((file: string | undefined, options: { json?: boolean }) => printSchema(file, options));
}

async function printSchema(file: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const { game } = (await loadRoom(file)).room;
  if (json === true) {
    writeText("stdout", definitionJson(game) + (isTerminal("stdout") ? "\n" : ""));
    return;
  }
  const { loadDefinitionDigest } = await import("../definition-digest.ts");
  const { hash, parts } = await loadDefinitionDigest(game);
  let text = `${game.name} ${hex(hash)}\n\n`;
  for (const [index, { name, json: part }] of definitionParts(game).entries()) {
    const [, content] = JSON.parse(part) as [string, unknown];
    text += `${hex(parts[index]!.hash)} ${name}`;
    text += isObject(content) ? `\n${contentLines(content)}` : `: ${JSON.stringify(content)}\n`;
  }
  writeText("stdout", text);
}

/** The fields of a record, one per line; of a message also who sends it and how. */
function contentLines(content: Readonly<Record<string, unknown>>): string {
  const { from, channel, fields, schema } = content;
  const isMessage = typeof from === "string";
  const record = !isMessage ? content : isObject(fields) ? fields : { schema };
  const lines = Object.entries(record).map(
    ([name, spec]) => `  ${name}: ${isObject(spec) ? specText(spec) : JSON.stringify(spec)}`,
  );
  if (isMessage) lines.unshift(`  (from ${from}, ${channel})`);
  return lines.map((line) => `        ${line}\n`).join("");
}

function specText({ type, ...rest }: Readonly<Record<string, unknown>>): string {
  const details = Object.entries(rest).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${type}${details.join("")}`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
