import { houseTable, LINE_CEILING, longFiles, ownDoors, type Zone } from "./house-table.ts";
import { readSource, type SourceText } from "./source-text.ts";

export interface Violation {
  readonly rule: HouseRule;
  readonly file: string;
  readonly detail: string;
}

/** A file of the tree as the rules see it. */
interface HouseFile {
  readonly path: string;
  readonly source: SourceText;
  readonly zone: Zone | undefined;
  /** The files of the tree it imports, type-only imports included. */
  readonly imported: { readonly path: string; readonly typeOnly: boolean }[];
}

const timeAndChance =
  /(?<![\w.$])(?:Date|performance|setTimeout|setInterval|setImmediate|queueMicrotask)\b(?!\s*\??\s*:)|Math\s*\.\s*random\b|(?<![\w.$])crypto\s*\.\s*(?:getRandomValues|randomUUID|subtle)\b|(?<![\w.$])AbortSignal\s*\.\s*timeout\b|\bglobalThis\s*(?:\.|\[)\s*(?:Date|performance|set[TI]\w+|crypto)\b/;
const runtimeNames =
  /(?<![\w.$])(?:Deno|Bun|Buffer|__dirname|__filename)\b(?!\s*\??\s*:)|(?<![\w.$])process\s*(?:\?\.|\.|\[)|(?<![\w.$])require\s*\(|\bglobalThis\s*(?:\?\.|\.|\[)\s*(?:Deno|Bun|process|Buffer)\b/;
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.d)?\.ts$/;
const emptyNames = /^(?:index|common|misc|types)\.ts$|(?:^|-)(?:utils?|helpers?|managers?)(?:-|\.)/;

/** Every rule looks at one file and says what is wrong with it, in as many sentences as needed. */
const fileRules = {
  "a file belongs to a zone": ({ path, zone }) => (zone ? [] : [`no row of the table fits ${path}`]),

  "imports follow the table": ({ zone, imported }) =>
    imported.flatMap(({ path, typeOnly }) => {
      const target = zoneOf(path);
      if (!zone || !target || target === zone || zone.may.includes(target.name)) return [];
      if (zone.mayTypes?.includes(target.name))
        return typeOnly ? [] : [`${zone.name} may import types only from ${target.name} (${path})`];
      return [`${zone.name} may not import ${target.name} (${path})`];
    }),

  "packages follow the table": ({ zone, source }) =>
    source.imports
      .map(({ specifier }) => specifier)
      .filter(
        (specifier) => !isRelative(specifier) && !(specifier in ownDoors) && !specifier.startsWith("node:"),
      )
      .filter((specifier) => !zone?.packages?.includes(specifier))
      .map((specifier) => `${zone?.name ?? "it"} may not import the package ${specifier}`),

  "imports name a file that exists": ({ path, source }, tree) =>
    source.imports
      .map(({ specifier }) => specifier)
      .filter((specifier) => isRelative(specifier) && !specifier.endsWith(".json"))
      .filter((specifier) => !tree.has(resolve(path, specifier)))
      .map((specifier) => `${specifier} is no source file (with its .ts) of the house`),

  "the inside imports its own files, not the package": ({ zone, source }) =>
    zone?.name === "examples"
      ? []
      : source.imports
          .filter(({ specifier }) => specifier in ownDoors)
          .map(({ specifier }) => `${specifier} is for users`),

  "users' code enters by the doors": ({ zone, path, source }) =>
    zone?.name !== "examples"
      ? []
      : source.imports
          .filter(
            ({ specifier }) => isRelative(specifier) && !resolve(path, specifier).startsWith("examples/"),
          )
          .map(({ specifier }) => `an example imports tickwire by name, not ${specifier}`),

  "no computed imports": ({ zone, source }) =>
    source.computedImport && !zone?.computedImports ? ["an import() without a literal name"] : [],

  "time and chance are passed in": ({ zone, source }) =>
    zone?.timeless ? found(timeAndChance, source.code) : [],

  "only runtime-adapters name a runtime": ({ zone, source }) => {
    if (zone?.runtimes) return [];
    const asked = source.strings.filter(
      (text, index) => /^(?:Deno|Bun|process)$/.test(text) && source.code.includes(`"§${index}" in `),
    );
    const builtins = source.imports.filter(({ specifier }) => specifier.startsWith("node:"));
    return [
      ...found(runtimeNames, source.code),
      ...asked.map((text) => `"${text}" in …`),
      ...builtins.map(({ specifier }) => specifier),
    ];
  },

  "file names are kebab-case": ({ path }) => (kebabCase.test(baseName(path)) ? [] : [baseName(path)]),

  "file names are nouns": ({ path }) =>
    emptyNames.test(baseName(path)) ? [`${baseName(path)} says nothing about what it holds`] : [],

  "no barrels": ({ zone, source }) => {
    if (zone?.door || !source.imports.some(({ reExport }) => reExport)) return [];
    return [
      `re-exports ${source.imports.find(({ reExport }) => reExport)!.specifier}; import it where it is`,
    ];
  },

  "exports are named": ({ zone, source }) =>
    zone?.name !== "examples" && /(?<![\w.$])export\s+default\b/.test(source.code) ? ["export default"] : [],

  "files stay short": ({ path, source }) =>
    source.lines > LINE_CEILING && !(path in longFiles)
      ? [`${source.lines} lines, over ${LINE_CEILING}`]
      : [],
} satisfies Record<string, (file: HouseFile, tree: ReadonlyMap<string, HouseFile>) => string[]>;

const cycleRule = "no import cycles";
export type HouseRule = keyof typeof fileRules | typeof cycleRule;
export const houseRules = [...Object.keys(fileRules), cycleRule] as HouseRule[];

/** Holds all rules against a tree of sources, given as path → text. */
export function checkHouse(texts: ReadonlyMap<string, string>): Violation[] {
  const tree = new Map<string, HouseFile>();
  for (const [path, text] of texts) {
    const source = readSource(text);
    const imported = source.imports.flatMap(({ specifier, typeOnly }) => {
      const target = ownDoors[specifier] ?? (isRelative(specifier) ? resolve(path, specifier) : undefined);
      return target !== undefined && texts.has(target) ? [{ path: target, typeOnly }] : [];
    });
    tree.set(path, { path, source, zone: zoneOf(path), imported });
  }
  const violations: Violation[] = [];
  for (const file of tree.values())
    for (const [rule, check] of Object.entries(fileRules))
      for (const detail of check(file, tree))
        violations.push({ rule: rule as HouseRule, file: file.path, detail });
  for (const cycle of findCycles(tree))
    violations.push({ rule: cycleRule, file: cycle[0]!, detail: cycle.join(" → ") });
  return violations;
}

/** Depth-first: every edge back into the path being walked closes a cycle. */
function findCycles(tree: ReadonlyMap<string, HouseFile>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walked: string[] = [];
  const visit = (path: string): void => {
    const start = walked.indexOf(path);
    if (start >= 0) {
      cycles.push([...walked.slice(start), path]);
      return;
    }
    if (done.has(path)) return;
    walked.push(path);
    for (const next of new Set(tree.get(path)!.imported.map((edge) => edge.path))) visit(next);
    walked.pop();
    done.add(path);
  };
  for (const path of tree.keys()) visit(path);
  return cycles;
}

function zoneOf(path: string): Zone | undefined {
  return houseTable.find(({ files }) => files.test(path));
}

function found(pattern: RegExp, code: string): string[] {
  return [...code.matchAll(new RegExp(pattern, "g"))].map(([text]) => text.replace(/\s+/g, ""));
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith("./") || specifier.startsWith("../");
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path an import of `from` means, both from the root of the tree. */
function resolve(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
