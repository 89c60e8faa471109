import { packageFile } from "../runtime-adapters/package-file.ts";
import { readTextFile } from "../runtime-adapters/process.ts";

/** What draws the plots of a page, as text that goes into it. */
export interface ChartLibrary {
  readonly script: string;
  readonly style: string;
  /** It must stand in every copy. */
  readonly license: string;
}

/** Reads uPlot off the disk; only who makes a page needs it. @throws Error with one sentence. */
export function readChartLibrary(): ChartLibrary {
  try {
    return {
      script: readTextFile(packageFile("uplot/dist/uPlot.iife.min.js")),
      style: readTextFile(packageFile("uplot/dist/uPlot.min.css")),
      license: readTextFile(packageFile("uplot/LICENSE")),
    };
  } catch {
    throw new Error("the package 'uplot', which draws the plots, is not installed");
  }
}
