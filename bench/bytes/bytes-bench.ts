import { type BenchReport, exactRow } from "../bench-row.ts";
import { type BytesResult, runBytes } from "./bytes-scenario.ts";

const WARM_UP_S = 10;
const MEASURED_S = 15;
const ADDED_RTTS_MS = [0, 100, 200];
/** Bytes per entity and update, by added round trip in ms. */
export const MOST_BYTES: Readonly<Record<number, number>> = { 0: 1, 200: 3 };

/**
 * Colyseus 0.18.17 with schema 5.0.34 and `t.quantized`, x and y 16 bits, vx and vy 8: the same game over loopback,
 * measured in November 2026. 11.1 with 100 players, 11.5 with 200. Payload of WebSocket messages; their frames, TCP and
 * its acks come on top, and nothing is sealed.
 */
const COLYSEUS_QUANTIZED_BYTES = 11.3;

/** What an entity costs on the wire, by way of the whole stack: all UDP payload down, sealed, with headers and acks. */
export function bytesBench(): BenchReport {
  const all = ADDED_RTTS_MS.map((addedRttMs) => ({
    addedRttMs,
    result: runBytes({ addedRttMs, seed: 1, warmUpS: WARM_UP_S, measuredS: MEASURED_S }),
  }));
  const peer = "bytes/cited/colyseus-quantized";
  const rows = all.flatMap(({ addedRttMs, result }) => {
    const name = `bytes/${addedRttMs}ms/`;
    const ratio = result.perEntity / COLYSEUS_QUANTIZED_BYTES;
    return [
      exactRow(`${name}per-entity`, result.perEntity, "bytes", { of: peer, ratio }),
      exactRow(`${name}most-per-entity`, result.mostPerEntity, "bytes"),
      exactRow(`${name}per-datagram`, result.perDatagram, "bytes"),
      exactRow(`${name}datagrams`, result.datagramsPerTick, "datagrams per tick"),
      exactRow(`${name}told`, result.toldShare, "ratio"),
      exactRow(`${name}wrong-looks`, result.wrongLooks, "looks"),
    ];
  });
  rows.push(exactRow(peer, COLYSEUS_QUANTIZED_BYTES, "bytes"));
  const lines = [
    "All UDP payload down, per client, tick and entity in sight.",
    "",
    "| added RTT | bytes per entity | of the client that got most | bound | per datagram | datagrams per tick | ticks told of | wrong looks |",
    "|---|---|---|---|---|---|---|---|",
    ...all.map(({ addedRttMs, result }) => lineOf(addedRttMs, result)),
    `| Colyseus 0.18, \`t.quantized\`, cited | ${COLYSEUS_QUANTIZED_BYTES} | | | | | | |`,
  ];
  return { rows, text: lines.join("\n") };
}

function lineOf(addedRttMs: number, result: BytesResult): string {
  const bound = MOST_BYTES[addedRttMs];
  const verdict = bound === undefined || result.mostPerEntity <= bound ? "" : ": NOT met";
  const cells = [
    `${addedRttMs} ms`,
    result.perEntity.toFixed(2),
    result.mostPerEntity.toFixed(2),
    bound === undefined ? "" : `${bound.toFixed(1)}${verdict}`,
    result.perDatagram.toFixed(0),
    result.datagramsPerTick.toFixed(2),
    `${(result.toldShare * 100).toFixed(1)} %`,
    `${result.wrongLooks} of ${result.looks}`,
  ];
  return `| ${cells.join(" | ")} |`;
}
