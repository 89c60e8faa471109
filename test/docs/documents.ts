import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface CodeBlock {
  readonly language: string;
  /** What stands after the language: the file the block is. */
  readonly file: string;
  readonly code: string;
}

export interface Document {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
}

export function readDocument(path: string): Document {
  const text = readFileSync(root + path, "utf8");
  const blocks = [...text.matchAll(/^```(\S+)(?: (\S+))?\n(.*?)^```$/gms)];
  return {
    path,
    text,
    blocks: blocks.map(([, language, file, code]) => ({
      language: language!,
      file: file ?? "",
      code: code!,
    })),
  };
}

export function guidePages(): Document[] {
  return readdirSync(`${root}docs/guide`)
    .sort()
    .map((name) => readDocument(`docs/guide/${name}`));
}

/** Everything that people read. */
export function allDocuments(): Document[] {
  const top = readdirSync(root).filter((name) => name.endsWith(".md"));
  const docs = readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`);
  return [...top, ...docs].sort().map(readDocument);
}

/** A folder of the repository for code taken out of documents, so that it may import the package by name. */
export class ExtractedCode {
  /** From the root of the repository, with a slash at the end. */
  readonly folder: string;

  constructor(name: string) {
    this.folder = `test/docs/extracted-${name}-${process.pid}/`;
    mkdirSync(root + this.folder, { recursive: true });
  }

  /** Returns its path from the root. */
  write(file: string, code: string): string {
    const path = this.folder + file;
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, code);
    return path;
  }

  remove(): void {
    rmSync(root + this.folder, { recursive: true, force: true });
  }
}
