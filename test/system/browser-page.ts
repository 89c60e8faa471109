import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { StartedProcess } from "../cli/started-process.ts";

/** Debian's own. Another one on the PATH may be anything. */
const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--hide-scrollbars"],
  ...["--enable-logging=stderr", "--virtual-time-budget=5000"],
];
/** What its console says stands in lines of this mark. */
const CONSOLE = /^\[.*:CONSOLE.*$/gm;
const PNG_SIGNATURE = "89504e470d0a1a0a";

/** Why no page can be opened here; undefined if one can. */
export function whyNoBrowser(): string | undefined {
  return existsSync(CHROMIUM) ? undefined : `${CHROMIUM} is missing: apt-get install chromium`;
}

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly isDark?: boolean;
}

/** A page as a browser has it once its scripts have run. */
export interface OpenedPage {
  readonly dom: string;
  /** Lines of its console: errors, and what its policy refused. */
  readonly console: readonly string[];
}

export async function openPage(file: string, look: Look): Promise<OpenedPage> {
  const { stdout, stderr } = await browse(file, look, ["--dump-dom"]);
  return { dom: stdout, console: stderr.match(CONSOLE) ?? [] };
}

/** Answers its bytes, of a PNG of that size. */
export async function photograph(file: string, look: Look): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "tickwire-photo-"));
  try {
    const photo = join(folder, "page.png");
    await browse(file, look, [`--screenshot=${photo}`]);
    const png = readFileSync(photo);
    if (png.toString("hex", 0, 8) !== PNG_SIGNATURE) throw new Error("The screenshot is no PNG.");
    return png;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function browse(file: string, { width, height, isDark = false }: Look, flags: readonly string[]) {
  const profile = mkdtempSync(join(tmpdir(), "tickwire-browser-"));
  try {
    const scheme = isDark ? ["--blink-settings=preferredColorScheme=0"] : [];
    const all = [
      ...FLAGS,
      `--user-data-dir=${profile}`,
      `--window-size=${width},${height}`,
      ...scheme,
      ...flags,
    ];
    const ending = await new StartedProcess([CHROMIUM, ...all, pathToFileURL(file).href]).ended;
    if (ending.code !== 0) throw new Error(`Chromium ended with ${ending.code}: ${ending.stderr}`);
    return ending;
  } finally {
    // Its helpers may still be putting things there.
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
