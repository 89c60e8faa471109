import { type Command, Option } from "commander";
import { environment, exitProcess, writeText } from "../runtime-adapters/process.ts";
import { applyConfigFile } from "./config-file.ts";
import { fileName, shortText, type ValueReader } from "./option-values.ts";
import { UsageError } from "./usage-error.ts";

/** An option that can also be set by `TICKWIRE_…`. */
export function option(flags: string, description: string, read: ValueReader<unknown>): Option {
  const made = plainOption(flags, description, read);
  return made.env(environmentName(made));
}

/** An option of this one call, which no environment should set. */
export function plainOption(flags: string, description: string, read: ValueReader<unknown>): Option {
  return new Option(flags, description).argParser(read);
}

/** Names a server or a fleet, the same to those who issue tokens and those who take them. */
export function audienceOption(description: string): Option {
  return option("--audience <name>", description, shortText(64)).default("tickwire");
}

/** An option that is said or not. Also `TICKWIRE_…=1`; the parser would take every value of that, 0 too, for a yes. */
export function switchOption(flags: string, description: string): Option {
  const made = new Option(flags);
  made.description = `${description} (env: ${environmentName(made)}=1)`;
  return made;
}

function environmentName(made: Option): string {
  return `TICKWIRE_${made.long!.slice(2).replaceAll("-", "_").toUpperCase()}`;
}

/** Settings that only a file can hold, each with what adds the defaults to what was given. */
export type FileSettings = Readonly<Record<string, (given: unknown) => Promise<unknown>>>;

const CONFIG = "config";
const PRINT_CONFIG = "printConfig";

/** Lets a command be set by a file too; its action calls `resolveOptions`. */
export function addConfigOptions(command: Command): void {
  command
    .addOption(option("--config <file>", "JSON file with options, by command", fileName))
    .addOption(new Option("--print-config", "print every option with where its value came from, and end"));
}

/**
 * What a command was told, flags before environment before file before defaults. With `--print-config` it prints
 * that and ends the process.
 */
export async function resolveOptions<T>(command: Command, fileSettings: FileSettings = {}): Promise<T> {
  takeSwitchesOfEnvironment(command);
  const file = command.getOptionValue(CONFIG) as string | undefined;
  if (file !== undefined) applyConfigFile(file, command);
  if (command.getOptionValue(PRINT_CONFIG) === true) {
    writeText("stdout", `${JSON.stringify(await describeOptions(command, fileSettings), null, 2)}\n`);
    exitProcess(0);
  }
  return command.opts() as T;
}

function takeSwitchesOfEnvironment(command: Command): void {
  for (const made of command.options) {
    const key = made.attributeName();
    if (made.required || made.optional || key === PRINT_CONFIG) continue;
    if (command.getOptionValueSource(key) === "cli") continue;
    const isSaid = readSwitch(environmentName(made));
    // "NO_HTTP=0" asks for nothing that would not be there anyhow.
    if (isSaid === undefined || (made.negate && !isSaid)) continue;
    command.setOptionValueWithSource(key, isSaid !== made.negate, "env");
  }
}

function readSwitch(name: string): boolean | undefined {
  const text = environment()[name] ?? "";
  if (text === "") return undefined;
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new UsageError(`${name} must be 1 or 0, not '${text}'`);
}

type Origin = "flag" | "environment" | "file" | "default";
const origins: Readonly<Record<string, Origin>> = { cli: "flag", env: "environment", config: "file" };

async function describeOptions(
  command: Command,
  fileSettings: FileSettings,
): Promise<Record<string, { value: unknown; from: Origin }>> {
  const described: Record<string, { value: unknown; from: Origin }> = {};
  const describe = (key: string, value: unknown): void => {
    const from = origins[command.getOptionValueSource(key) ?? ""] ?? "default";
    described[key] = { value: value ?? null, from };
  };
  for (const made of command.options) {
    const key = made.attributeName();
    // A switch without a "no-" of its own is off until somebody says it; one with it may be left to the command.
    const twin = command.options.some((each) => each !== made && each.attributeName() === key);
    const unset = made.required || made.optional || twin ? null : false;
    if (key !== PRINT_CONFIG) describe(key, command.getOptionValue(key) ?? unset);
  }
  for (const [key, complete] of Object.entries(fileSettings)) {
    describe(key, await complete(command.getOptionValue(key)));
  }
  return described;
}
