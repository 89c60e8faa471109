import { runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { BenchReport, BenchRow } from "../bench-row.ts";
import { runInFreshProcess } from "../fresh-process.ts";
import { median, spreadOf } from "../repetitions.ts";
import { checkEncoding } from "./encode-golden.ts";
import type { VariantResult } from "./encode-variant.ts";

const CLIENTS = [100, 300, 1000] as const;
const VARIANTS = ["shared", "anew", "records", "interest", "copy"] as const;
/** Even, so that each order comes as often. */
const ROUNDS = 4;
const BOUND_OF_ANEW = 1 / 3;
const VARIANT_FILE = new URL("encode-variant.ts", import.meta.url);

type Variant = (typeof VARIANTS)[number];

/** What each round measured, by variant and number of clients. */
class Measured {
  readonly #rounds: Map<string, VariantResult>[] = [];

  addRound(isReversed: boolean): void {
    const round = new Map<string, VariantResult>();
    const cells = CLIENTS.flatMap((clients) => VARIANTS.map((variant) => ({ clients, variant })));
    for (const { clients, variant } of isReversed ? cells.reverse() : cells) {
      const result = JSON.parse(runInFreshProcess(VARIANT_FILE, variant, `${clients}`)) as VariantResult;
      round.set(`${variant}/${clients}`, result);
    }
    this.#rounds.push(round);
  }

  us(variant: Variant, clients: number): number[] {
    return this.#rounds.map((round) => round.get(`${variant}/${clients}`)!.us);
  }

  blockBytes(clients: number): number {
    return median(this.#rounds.map((round) => round.get(`shared/${clients}`)!.blockBytes));
  }

  /** Of two measured in the same round, so that what slows the machine slows both. */
  ratios(variant: Variant, clients: number, of: Variant, ofClients: number = clients): number[] {
    const whole = this.us(of, ofClients);
    return this.us(variant, clients).map((us, round) => us / whole[round]!);
  }
}

/**
 * What it costs to fill one client's block with 100 changed entities: from records that all clients share, and with
 * each record written anew for each client. Time per client and tick.
 */
export function encodeBench(): BenchReport {
  checkEncoding();
  const measured = new Measured();
  for (let round = 0; round < ROUNDS; round += 1) measured.addRound(round % 2 === 1);
  const share = CLIENTS.map((clients) => median(measured.ratios("shared", clients, "anew")));
  const growth = median(measured.ratios("shared", CLIENTS.at(-1)!, "shared", CLIENTS[0]));
  const verdict = (isMet: boolean): string => (isMet ? "met" : "NOT met");
  const lines = [
    `Per client and tick, medians of ${ROUNDS} processes ± half their range; a block has 100 records and ` +
      `${measured.blockBytes(CLIENTS[0]).toFixed(0)} bytes.`,
    "",
    "| clients | shared records | written anew | shared ÷ anew | only the records, anew | interest | copying the bytes |",
    "|---|---|---|---|---|---|---|",
    ...CLIENTS.map((clients) => lineOf(measured, clients)),
    "",
    `At most 1/3 of writing anew: ${verdict(Math.max(...share) <= BOUND_OF_ANEW)}, ` +
      `${Math.max(...share).toFixed(2)} at worst.`,
    `At most linear from ${CLIENTS[0]} to ${CLIENTS.at(-1)} clients: ${verdict(growth <= 1)}, ` +
      `the last take ${growth.toFixed(2)} times as long each.`,
  ];
  return { rows: CLIENTS.flatMap((clients) => rowsOf(measured, clients)), text: lines.join("\n") };
}

function lineOf(measured: Measured, clients: number): string {
  const us = (variant: Variant): string => {
    const values = measured.us(variant, clients);
    return `${median(values).toFixed(2)} µs ± ${(spreadOf(values) * 100).toFixed(0)} %`;
  };
  const ratios = measured.ratios("shared", clients, "anew");
  const ratio = `${median(ratios).toFixed(2)} ± ${(spreadOf(ratios) * median(ratios)).toFixed(2)}`;
  return `| ${[clients, us("shared"), us("anew"), ratio, us("records"), us("interest"), us("copy")].join(" | ")} |`;
}

function rowsOf(measured: Measured, clients: number): BenchRow[] {
  const name = (variant: Variant, n: number = clients): string => `encode/${n}clients/${variant}`;
  const row = (variant: Variant, of: Variant, ofClients: number = clients): BenchRow => {
    const us = measured.us(variant, clients);
    const ratio = median(measured.ratios(variant, clients, of, ofClients));
    return {
      name: name(variant),
      runtime: runtimeName(),
      value: median(us),
      unit: "µs",
      spread: spreadOf(us),
      ratioTo: { of: name(of, ofClients), ratio },
    };
  };
  return [
    row("shared", "anew"),
    row("anew", "copy"),
    row("records", "anew"),
    row("interest", "copy"),
    row("copy", "copy", CLIENTS[0]),
  ];
}
