import { appendTextFile } from "../runtime-adapters/process.ts";
import { UsageError } from "./usage-error.ts";

/** What cannot be written is better known before a long run than after it. Throws a UsageError with one sentence. */
export function checkWritable(file: string | undefined): void {
  if (file === undefined) return;
  try {
    appendTextFile(file, "");
  } catch (error) {
    throw new UsageError(`'${file}' cannot be written${codeText(error)}`);
  }
}

function codeText(error: unknown): string {
  const { code } = error as { code?: string };
  return code === undefined ? "" : ` (${code})`;
}
