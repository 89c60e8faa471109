/** Inputs worth keeping: one JSON file each, named `target-digest.json`. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("corpus/", import.meta.url));

export interface CorpusEntry {
  readonly file: string;
  readonly input: unknown;
}

export function readCorpus(target: string): CorpusEntry[] {
  return readdirSync(FOLDER)
    .filter((file) => file.startsWith(`${target}-`) && file.endsWith(".json"))
    .sort()
    .map((file) => ({ file, input: JSON.parse(readFileSync(`${FOLDER}${file}`, "utf8")) }));
}

/** Returns the file's path. The same input is the same file. */
export function keepInput(target: string, input: unknown): string {
  const text = `${JSON.stringify(input)}\n`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  mkdirSync(FOLDER, { recursive: true });
  const path = `${FOLDER}${target}-${(hash >>> 0).toString(16).padStart(8, "0")}.json`;
  writeFileSync(path, text);
  return path;
}
