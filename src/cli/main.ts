#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { packageVersion } from "../ops/package-version.ts";
import { commandArguments, exitProcess, writeLine, writeText } from "../runtime-adapters/process.ts";
import { addBotsCommand } from "./bots-command.ts";
import { addLoadCommand } from "./load-command.ts";
import { isBareNumber, misplacedOptions } from "./load-room.ts";
import { addPlotCommand } from "./plot-command.ts";
import { addSchemaCommand } from "./schema-command.ts";
import { addServeCommand } from "./serve-command.ts";
import { addTokenCommand } from "./token-command.ts";
import { UsageError } from "./usage-error.ts";

const examples = `
Examples:
  tickwire serve --bots 8
  tickwire serve my-room.ts --port 0 --log json
  tickwire bots --count 50 --seconds 10

Flags win over TICKWIRE_… in the environment, and that over a file given by --config; of a repeated flag the
last one wins.`;

const program = new Command("tickwire")
  .description("An authoritative multiplayer game server over UDP.")
  .version(packageVersion, "-V, --version", "print the version")
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({
    writeOut: (text) => writeText("stdout", text),
    writeErr: (text) => writeText("stderr", text),
    // Errors are told once, at the end.
    outputError: () => {},
  })
  .addHelpText("after", examples);
addServeCommand(program);
addBotsCommand(program);
addLoadCommand(program);
addTokenCommand(program);
addSchemaCommand(program);
addPlotCommand(program);

const args = commandArguments();
try {
  if (args.length === 0) throw new UsageError(seeHelp("no command given"));
  await program.parseAsync(args, { from: "user" });
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) exitProcess(0);
  if (error instanceof UsageError || error instanceof CommanderError) {
    complain(usageSentence(error));
    exitProcess(2);
  }
  const message = error instanceof Error ? error.message || error.name : String(error);
  complain(message);
  exitProcess(1);
}

function usageSentence(error: UsageError | CommanderError): string {
  if (error instanceof UsageError) return error.message;
  const [stray] = args.slice(1).filter(isBareNumber);
  if (error.code === "commander.excessArguments" && stray !== undefined) return misplacedOptions(stray);
  const text = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  const invalid =
    /^option '(\S+).*?' (?:argument|value) '(.*?)'(?: from env '(\w+)')? is invalid\. (.*)$/.exec(text);
  if (invalid !== null) return `${invalid[3] ?? invalid[1]} ${invalid[4]}, not '${invalid[2]}'`;
  return seeHelp(
    text
      .replace("(Did you", "(did you")
      .replace(/^too many arguments.*?: (.*?)\.?$/, "too many arguments: $1"),
  );
}

function seeHelp(problem: string): string {
  let path = "tickwire";
  let commands: readonly Command[] = program.commands;
  for (const arg of args) {
    const command = commands.find((each) => each.name() === arg);
    if (command === undefined) break;
    path += ` ${arg}`;
    commands = command.commands;
  }
  return `${problem}; see '${path} --help'`;
}

/** What was typed is repeated, but it does not steer the terminal. */
function complain(text: string): void {
  const sentence = text
    .trim()
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "")
    .replace(/\p{Cc}/gu, "?");
  writeLine("stderr", `tickwire: ${sentence}.`);
}
