import { type Command, InvalidArgumentError, type Option } from "commander";
import { fileExists, readTextFile } from "../runtime-adapters/process.ts";
import { readLimits } from "./connection-limits.ts";
import { UsageError } from "./usage-error.ts";

/** Settings that no flag has. */
const fileSettings: Readonly<Record<string, (value: unknown) => unknown>> = { "serve.limits": readLimits };
/** What is no setting, though it is an option. */
const notInFiles = ["config", "printConfig", "compare"];
const LONGEST_SHOWN = 60;

/**
 * Takes the options that a file sets for the command and nothing of higher rank set already. The whole file is
 * checked, so that a mistake does not wait for the day its command is run.
 *
 * @throws UsageError with one sentence that names file and key.
 */
export function applyConfigFile(file: string, command: Command): void {
  const commands = (command.parent?.commands ?? [command]).filter(isConfigurable);
  for (const [section, settings] of Object.entries(readConfig(file))) {
    const owner = commands.find((each) => each.name() === section);
    if (owner === undefined) {
      const known = commands
        .map((each) => each.name())
        .join(", ")
        .replace(/, (\w+)$/, " and $1");
      throw new UsageError(`config file '${file}': '${section}' is none of its sections (${known})`);
    }
    if (!isObject(settings)) throw wrong(file, section, "must be an object", settings);
    for (const [key, value] of Object.entries(settings)) {
      const read = readSetting(file, owner, key, value);
      const rank = command.getOptionValueSource(key) ?? "default";
      if (owner === command && rank === "default") command.setOptionValueWithSource(key, read, "config");
    }
  }
}

function readSetting(file: string, owner: Command, key: string, value: unknown): unknown {
  const name = `${owner.name()}.${key}`;
  const option = owner.options.find((each) => each.attributeName() === key && !notInFiles.includes(key));
  const read = Object.hasOwn(fileSettings, name) ? fileSettings[name] : option && readerOf(option);
  if (read === undefined) throw new UsageError(`config file '${file}': ${name} is unknown`);
  try {
    return read(value);
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw wrong(file, name, error.message, value);
    throw error;
  }
}

function readConfig(file: string): Readonly<Record<string, unknown>> {
  if (!fileExists(file)) throw new UsageError(`no config file '${file}'`);
  let content: unknown;
  try {
    content = JSON.parse(readTextFile(file));
  } catch (error) {
    throw new UsageError(`config file '${file}' could not be read: ${(error as Error).message}`);
  }
  if (!isObject(content)) throw new UsageError(`config file '${file}' must hold an object`);
  return content;
}

function readerOf(option: Option): (value: unknown) => unknown {
  return (value) => {
    if (!option.required && !option.optional) {
      if (typeof value !== "boolean") throw new InvalidArgumentError("must be true or false");
      return value;
    }
    const read: unknown = option.parseArg!(textOf(value), undefined as never);
    // Text may say several things at once, as "up=5,down=0" does, and is read as an object then.
    if (typeof read === typeof value || isObject(read)) return read;
    throw new InvalidArgumentError(typeof read === "number" ? "must be a number" : "must be text");
  };
}

/** As a flag would say it: an object of numbers is "up=5,down=0". */
function textOf(value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (isObject(value) && Object.values(value).every((each) => typeof each === "number")) {
    return Object.entries(value)
      .map(([name, each]) => `${name}=${each}`)
      .join(",");
  }
  throw new InvalidArgumentError("must be a number or text");
}

function isConfigurable(command: Command): boolean {
  return command.options.some((each) => each.attributeName() === "config");
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(file: string, name: string, must: string, value: unknown): UsageError {
  const text = JSON.stringify(value);
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return new UsageError(`config file '${file}': ${name} ${must}, not ${shown}`);
}
