import { readFileSync } from "node:fs";

/** A document of `docs` in parts that tests can hold against the code. */
export interface Document {
  readonly text: string;
  /** What stands under a heading, with what stands under its subheadings. */
  section(heading: string): string;
}

export function readDocument(name: string): Document {
  const text = readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
  return { text, section: (heading) => sectionOf(text, heading) };
}

function sectionOf(text: string, heading: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex(
    (line) => /^#+ /.test(line) && line.replace(/^#+ (?:\d+\. )?/, "") === heading,
  );
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const depth = /^#+/.exec(lines[start]!)![0].length;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => new RegExp(`^#{1,${depth}} `).test(line));
  return rest.slice(0, end < 0 ? undefined : end).join("\n");
}

export type Row = Readonly<Record<string, string>>;

/** All tables of a text: a record per row, by the heads of its columns. */
export function tablesOf(text: string): Row[][] {
  const tables: Row[][] = [];
  let heads: string[] | undefined;
  for (const line of text.split("\n")) {
    if (!line.startsWith("|")) {
      heads = undefined;
      continue;
    }
    // A bar inside `code` would split a cell: the documents have none.
    const cells = line
      .slice(1, line.lastIndexOf("|"))
      .split("|")
      .map((cell) => cell.trim());
    if (heads === undefined) {
      heads = cells;
      tables.push([]);
    } else if (!/^-+$/.test(cells[0]!)) {
      const names = heads;
      tables.at(-1)!.push(Object.fromEntries(cells.map((cell, i) => [names[i] ?? `${i}`, cell])));
    }
  }
  return tables;
}

/** Headings as the links within a document name them. */
export function anchorsOf(text: string): Set<string> {
  const headings = text.split("\n").filter((line) => /^#+ /.test(line));
  return new Set(
    headings.map((line) =>
      line
        .replace(/^#+ /, "")
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
