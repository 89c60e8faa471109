import { fileExists, readTextFile } from "../runtime-adapters/process.ts";
import { type BackendKey, readKeys } from "../token-door.ts";
import { UsageError } from "./usage-error.ts";

export type BackendKeys = readonly [BackendKey, ...BackendKey[]];

/** The keys in a file, the one that issues first. Throws a UsageError with one sentence that shows no key. */
export function readKeyFile(file: string): BackendKeys {
  if (!fileExists(file)) throw new UsageError(`no key file '${file}'`);
  let text: string;
  try {
    text = readTextFile(file);
  } catch (error) {
    const { code } = error as { code?: string };
    throw new UsageError(`key file '${file}' could not be read${code === undefined ? "" : ` (${code})`}`);
  }
  try {
    return readKeys(text);
  } catch (error) {
    throw new UsageError(`key file '${file}': ${(error as Error).message}`);
  }
}
