import { readdirSync, readFileSync } from "node:fs";

const PLACES = ["src/net", "src/game", "src/server.ts", "client"];

/** Every constant of the sources that is a number, by name; a name may stand in several files. */
export function sourceConstants(places: readonly string[] = PLACES): Map<string, Set<number>> {
  const root = new URL("../../", import.meta.url);
  const files = places.flatMap((place) =>
    place.endsWith(".ts")
      ? [place]
      : (readdirSync(new URL(place, root), { recursive: true }) as string[])
          .filter((name) => name.endsWith(".ts"))
          .map((name) => `${place}/${name.replaceAll("\\", "/")}`),
  );
  const texts = new Map<string, string[]>();
  for (const file of files) {
    const source = readFileSync(new URL(file, root), "utf8");
    for (const [, name, expression] of source.matchAll(
      /^(?:export )?const ([A-Z][A-Z\d_]*)(?:: number)? = ([^;]+);/gm,
    )) {
      texts.set(name!, [...(texts.get(name!) ?? []), expression!]);
    }
  }
  const constants = new Map<string, Set<number>>();
  for (const [name, expressions] of texts) {
    const values = expressions
      .map((expression) => numberOf(expression, texts))
      .filter((value) => value !== undefined);
    if (values.length > 0) constants.set(name, new Set(values));
  }
  return constants;
}

/** The number an expression of numbers, operators and other constants means; undefined for anything else. */
function numberOf(expression: string, texts: ReadonlyMap<string, readonly string[]>): number | undefined {
  if (expression === "Number.MAX_SAFE_INTEGER") return Number.MAX_SAFE_INTEGER;
  let isNumber = true;
  const numbers = expression.replace(/(?<![\w.])[A-Z][A-Z\d_]*\b/g, (name) => {
    const value = texts.has(name) ? numberOf(texts.get(name)![0]!, texts) : undefined;
    if (value === undefined) isNumber = false;
    return `(${value})`;
  });
  if (!isNumber || !/^[\d\sx_a-f.+*()-]+$/.test(numbers)) return undefined;
  return Number(new Function(`return ${numbers};`)());
}
