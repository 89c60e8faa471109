import { utf8Length } from "./msgpack-writer.ts";

/** The longest beginning of `text` within `maxBytes` bytes of UTF-8 that ends between characters. */
export function cutText(text: string, maxBytes: number): string {
  let kept = "";
  let bytes = 0;
  for (const character of text) {
    bytes += utf8Length(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}
