import { createRequire } from "node:module";

/** The path of a file of an installed package, as `package/folder/file`. Throws when there is none. */
export function packageFile(specifier: string): string {
  return createRequire(import.meta.url).resolve(specifier);
}
