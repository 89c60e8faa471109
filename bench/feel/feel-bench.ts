import { type BenchReport, type BenchRow, exactRow } from "../bench-row.ts";
import { QUANTUM } from "./feel-game.ts";
import { FEEL_LINKS, FEEL_SEEDS, percentile, runBumps, runFlight, runSteps } from "./feel-scenario.ts";

/** How a game feels by way of links, in virtual time: `docs/FEEL.md` quotes it. */
export function feelBench(): BenchReport {
  const rows: BenchRow[] = [];
  const lines = [
    "| link, latency one way | inputs used on their tick | corrections in free flight | p99 error of the own ship | share of frames, and p99 of all | others: freezes per minute |",
    "|---|---|---|---|---|---|",
  ];
  const worst: number[] = [];
  for (const { name, link } of FEEL_LINKS) {
    const flights = FEEL_SEEDS.map((seed) => runFlight(link, seed));
    const bumps = FEEL_SEEDS.map((seed) => runBumps(link, seed));
    const used = mean(flights.map(({ usedPercent }) => usedPercent));
    worst.push(Math.min(...flights.map(({ usedPercent }) => usedPercent)));
    const unexplained = sum(flights.map(({ corrections }) => corrections));
    const explained = sum(flights.map(({ correctedMisses }) => correctedMisses));
    const missed = sum(flights.map((flight) => flight.missed));
    const errors = bumps.flatMap((bump) => bump.errors);
    const allErrors = bumps.flatMap((bump) => bump.allErrors);
    const quanta = percentile(errors, 99) / QUANTUM;
    const freezes = mean(flights.map(({ freezesPerMinute }) => freezesPerMinute));
    lines.push(
      `| ${name} | ${used.toFixed(2)} % | ${unexplained}, and ${explained} for ${missed} missed inputs | ` +
        `${quanta.toFixed(2)} quanta | ${((100 * errors.length) / allErrors.length).toFixed(0)} %, ` +
        `${percentile(allErrors, 99).toFixed(2)} units | ${freezes.toFixed(2)} |`,
    );
    const row = (what: string, value: number, unit: string): BenchRow =>
      exactRow(`feel/${name.replaceAll(/[ ,]+/g, "-")}/${what}`, value, unit);
    rows.push(row("used", used, "%"), row("corrections", unexplained, "times"));
    rows.push(row("error", quanta, "quanta"), row("freezes", freezes, "per min"));
  }
  const steps = FEEL_SEEDS.map(runSteps);
  const total = (of: (result: (typeof steps)[number]) => number): number => sum(steps.map(of));
  lines.push(
    `| RTT steps 40 → 160 → 40 ms | ${total(({ missed }) => missed)} missed within a second of a step, ` +
      `${total(({ missedLater }) => missedLater)} later | ${total(({ unexplained }) => unexplained)}; ` +
      `${total(({ correctionsLater }) => correctionsLater)} of any cause later than that second | – | – | – |`,
  );
  lines.push(
    "",
    `Inputs used, of each link's worst seed: ${worst.map((each) => `${each.toFixed(2)} %`).join(", ")}.`,
  );
  return { rows, text: lines.join("\n") };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((before, number) => before + number, 0);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}
