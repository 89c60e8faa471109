/** One import or export-from of a source file. */
export interface ImportEdge {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** `export … from`. */
  readonly reExport: boolean;
}

export interface SourceText {
  /** The source with comments gone and every string literal replaced by `"§n"`, n its place in `strings`. */
  readonly code: string;
  readonly strings: readonly string[];
  readonly imports: readonly ImportEdge[];
  /** True when something is imported by a computed name, which no table can hold. */
  readonly computedImport: boolean;
  readonly lines: number;
}

// After one of these a slash begins a regular expression; after anything else it divides.
const beforeRegex =
  /(?:^|[=(,;:?!&|{}[\]<>+\-*%~^]|\b(?:return|typeof|case|in|of|void|delete|await|yield|throw))\s*$/;

/** Reads far enough into TypeScript to tell code from comments, strings and regular expressions. */
export function readSource(text: string): SourceText {
  const strings: string[] = [];
  let code = "";
  // Depth of `{` inside each open template literal's `${…}`; a `}` at depth 0 returns to the template.
  const templates: number[] = [];
  let at = 0;

  const takeTemplate = (): void => {
    let literal = "";
    while (at < text.length) {
      const char = text[at]!;
      if (char === "\\") {
        literal += text.slice(at, at + 2);
        at += 2;
      } else if (char === "`") {
        at += 1;
        break;
      } else if (char === "$" && text[at + 1] === "{") {
        at += 2;
        templates.push(0);
        code += `"§${strings.push(literal) - 1}"+(`;
        return;
      } else {
        literal += char;
        at += 1;
      }
    }
    code += `"§${strings.push(literal) - 1}"`;
  };

  while (at < text.length) {
    const char = text[at]!;
    const pair = text.slice(at, at + 2);
    if (pair === "//" || (at === 0 && pair === "#!")) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (pair === "/*") {
      const end = text.indexOf("*/", at + 2);
      at = end < 0 ? text.length : end + 2;
      code += " ";
    } else if (char === '"' || char === "'") {
      let end = at + 1;
      while (end < text.length && text[end] !== char && text[end] !== "\n") end += text[end] === "\\" ? 2 : 1;
      code += `"§${strings.push(text.slice(at + 1, end)) - 1}"`;
      at = end + 1;
    } else if (char === "`") {
      at += 1;
      takeTemplate();
    } else if (char === "/" && beforeRegex.test(code.slice(-12))) {
      at = endOfRegex(text, at);
      code += " /§/ ";
    } else {
      if (templates.length > 0 && char === "{") templates[templates.length - 1]! += 1;
      if (templates.length > 0 && char === "}") {
        if (templates.at(-1) === 0) {
          templates.pop();
          at += 1;
          code += ")+";
          takeTemplate();
          continue;
        }
        templates[templates.length - 1]! -= 1;
      }
      code += char;
      at += 1;
    }
  }

  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return { code, strings, ...findImports(code, strings), lines };
}

function endOfRegex(text: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  for (; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "[") inClass = true;
    else if (text[at] === "]") inClass = false;
    else if (text[at] === "/" && !inClass) break;
  }
  at += 1;
  while (at < text.length && /[a-z]/.test(text[at]!)) at += 1;
  return at;
}

function findImports(
  code: string,
  strings: readonly string[],
): Pick<SourceText, "imports" | "computedImport"> {
  const imports: ImportEdge[] = [];
  const statement = /(?<![\w.$])(import|export)\s+(type\s+)?((?:[\w$*{},\s])*?)\s*\bfrom\s*"§(\d+)"/g;
  for (const match of code.matchAll(statement)) {
    const names = match[3]!;
    const everyNameIsType = /^\{\s*(?:type\s+[^,{}]+,?\s*)+\}$/.test(names.trim());
    imports.push({
      specifier: strings[Number(match[4])]!,
      typeOnly: match[2] !== undefined || everyNameIsType,
      reExport: match[1] === "export",
    });
  }
  for (const match of code.matchAll(/(?<![\w.$])import\s*"§(\d+)"/g))
    imports.push({ specifier: strings[Number(match[1])]!, typeOnly: false, reExport: false });
  let computedImport = false;
  for (const match of code.matchAll(/(?<![\w.$])import\s*\(\s*(?:"§(\d+)"\s*[,)])?/g)) {
    if (match[1] === undefined) computedImport = true;
    else
      imports.push({
        specifier: strings[Number(match[1])]!,
        // `typeof import("…")` names a type and loads nothing.
        typeOnly: /\btypeof\s*$/.test(code.slice(0, match.index)),
        reExport: false,
      });
  }
  return { imports, computedImport };
}
