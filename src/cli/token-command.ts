import type { Command } from "commander";
import { createSecretFile, fileExists, writeLine } from "../runtime-adapters/process.ts";
import type { Inspection } from "../token-door.ts";
import { audienceOption, option, plainOption } from "./command-options.ts";
import { fileName, shortText, wholeNumber } from "./option-values.ts";
import { expiryText } from "./time-text.ts";
import { UsageError } from "./usage-error.ts";

interface IssueOptions {
  readonly keyFile: string;
  readonly player?: string;
  readonly name?: string;
  readonly audience?: string;
  readonly room?: string;
  readonly userData?: string;
  readonly spectate?: boolean;
  readonly seconds: number;
}

interface InspectOptions {
  readonly keyFile?: string;
  readonly json?: boolean;
}

const MAX_LIFETIME_S = 86_400;

const examples = `
Examples:
  tickwire token key --out keys.txt       a key that the backend and its servers share
  tickwire token issue --key-file keys.txt --player 7 --name Ada
  tickwire token inspect tw1.… --key-file keys.txt`;

const failures: Readonly<Record<string, string>> = {
  malformed: "this is no token: it should look like tw1.….…",
  "unknown-key": "the token was issued under none of these keys",
  forged: "the token is forged: it is not what was issued under its key",
  mismatched: "the token is patched together: its two halves belong to different tokens",
};

export function addTokenCommand(program: Command): void {
  const token = program
    .command("token")
    .description("make keys, issue and inspect connect tokens")
    .usage("[options] <command>")
    .argument("[command]")
    .addHelpText("after", examples)
    .action((command: string | undefined) => {
      const problem = command === undefined ? "no token command given" : `unknown token command '${command}'`;
      throw new UsageError(`${problem}; see 'tickwire token --help'`);
    });
  token
    .command("key")
    .description("print a fresh key, a line for a key file")
    .addOption(plainOption("--out <file>", "write it to a new file that only you can read", fileName))
    .action(({ out }: { out?: string }) => makeKey(out));
  token
    .command("issue")
    .description("print a token for one player to connect with, once")
    .addOption(keyFileOption("issue under the first key in this file").makeOptionMandatory())
    .addOption(plainOption("--player <id>", "who the player is to your backend", shortText(64)))
    .addOption(plainOption("--name <name>", "display name (default: what the client says)", shortText(24)))
    .addOption(audienceOption("server or fleet it is for"))
    .addOption(plainOption("--room <name>", "room it is for", shortText(64)))
    .addOption(
      plainOption("--user-data <text>", "for the rules of the game: player.userData", shortText(256)),
    )
    .option("--spectate", "to see the game and take no part in it")
    .addOption(
      plainOption("--seconds <count>", "how long it may be used", wholeNumber(1, MAX_LIFETIME_S)).default(60),
    )
    .action(printToken);
  token
    .command("inspect")
    .description("print what a token says: all of it only with its key")
    .argument("<token>")
    .addOption(keyFileOption("keys to open it with"))
    .option("--json", "print JSON")
    .action(printInspection);
}

/** Loaded when it is needed: the cryptography takes a moment to start. */
async function loadTokens() {
  const [door, { readKeyFile }] = await Promise.all([import("../token-door.ts"), import("./key-file.ts")]);
  return { ...door, readKeyFile };
}

function keyFileOption(description: string) {
  return option("--key-file <file>", description, fileName);
}

async function makeKey(file: string | undefined): Promise<void> {
  const { createKey, keyIdOf, readKeys } = await loadTokens();
  const line = createKey();
  if (file === undefined) {
    writeLine("stdout", line);
    return;
  }
  if (fileExists(file)) throw new UsageError(`'${file}' is there already, and keys are not overwritten`);
  createSecretFile(file, `${line}\n`);
  writeLine("stdout", `${file} holds key ${keyIdOf(readKeys(line)[0])}`);
}

async function printToken(options: IssueOptions): Promise<void> {
  const { issueToken, readKeyFile } = await loadTokens();
  const { player, name, audience, room, userData, spectate, seconds } = options;
  const [key] = readKeyFile(options.keyFile);
  const token = issueToken(key, {
    ...(player !== undefined && { playerId: player }),
    ...(name !== undefined && { name }),
    ...(audience !== undefined && { audience }),
    ...(room !== undefined && { room }),
    ...(userData !== undefined && { userData: new TextEncoder().encode(userData) }),
    ...(spectate === true && { spectate }),
    lifetimeSeconds: seconds,
  });
  writeLine("stdout", token);
}

async function printInspection(text: string, { keyFile, json }: InspectOptions): Promise<void> {
  const { inspectToken, readKeyFile } = await loadTokens();
  const inspection = inspectToken(text, keyFile === undefined ? undefined : readKeyFile(keyFile));
  const rows = rowsOf(inspection);
  if (json === true) writeLine("stdout", JSON.stringify(Object.fromEntries(rows), null, 2));
  else if (rows.length > 1) {
    for (const [name, value] of rows) writeLine("stdout", `${name.padEnd(10)} ${shown(value)}`);
  }
  const failure = failures[inspection.status];
  if (failure !== undefined) throw new Error(failure);
}

function rowsOf(inspection: Inspection): [name: string, value: string][] {
  const { status } = inspection;
  if (status === "malformed") return [["status", status]];
  const rows: [string, string][] = [
    ["status", status],
    ["keyId", inspection.keyId],
  ];
  if (!("claims" in inspection)) return rows;
  const { tokenId, playerId, expiresAt, audience, room, name, userData, spectate } = inspection.claims;
  return [
    ...rows,
    ["tokenId", tokenId],
    ["playerId", playerId],
    ["expires", expiryText(expiresAt, Date.now())],
    ["audience", audience],
    ["room", room],
    ["name", name],
    ["userData", new TextDecoder().decode(userData)],
    ["spectate", spectate ? "yes" : "no"],
  ];
}

/** Whoever made the token must not steer the terminal. */
function shown(value: string): string {
  return value === "" ? "-" : value.replace(/[\p{Cc}\p{Cf}]/gu, "?");
}
