import { expect } from "vitest";
import { type Look, openPage, photograph } from "./browser-page.ts";

export const PHONE: Look = { width: 500, height: 4000, isDark: true };
export const DESK: Look = { width: 1280, height: 2400 };
/** A page without plots is a few kB. */
const DRAWN_BYTES = 40_000;

/** What became of each figure: "true", "empty", or undefined where nothing did. */
function drawnFigures(dom: string): (string | undefined)[] {
  return [...dom.matchAll(/<figure [^>]*>/g)].map(([figure]) => /data-drawn="(\w+)"/.exec(figure)?.[1]);
}

/** The page draws its figures so, on a phone and on a desk, without a complaint. */
export async function expectDrawn(file: string, figures: readonly string[]): Promise<void> {
  for (const look of [PHONE, DESK]) {
    const { dom, console } = await openPage(file, look);
    expect(drawnFigures(dom)).toEqual(figures);
    expect(console).toEqual([]);
    const png = await photograph(file, look);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([look.width, look.height]);
    expect(png.length).toBeGreaterThan(DRAWN_BYTES);
  }
}
