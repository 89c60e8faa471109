import { soakGame } from "./soak-game.ts";
import type { MemoryVerdict } from "./soak-memory.ts";
import { MESSAGES_PER_SECOND, SOAK_LINK, type SoakOutcome } from "./soak-run.ts";

const HEAP_COLUMNS = 8;

/** What came of a soak, on one screen. */
export function describeSoak(outcome: SoakOutcome, memory: MemoryVerdict | undefined): string {
  const { network, tallies, heapBytes, told, violations } = outcome;
  const share = (count: number, of: number): string => `${((100 * count) / of).toFixed(1)} %`;
  const { sent, lost, duplicated, reordered } = network;
  return [
    `${MESSAGES_PER_SECOND} messages a second of each kind and way (one of bulk), ${soakGame.tickRate} ticks a second, each way ` +
      `${SOAK_LINK.latencyMs} to ${SOAK_LINK.latencyMs + SOAK_LINK.jitterMs} ms`,
    `datagrams: ${sent} sent, ${share(lost, sent)} lost, ${share(duplicated, sent - lost)} of the others doubled, ` +
      `${share(reordered, sent - lost + duplicated)} of all copies on a detour`,
    ...tallies.map(
      ({ message, way, sent: queued, heard }) => `${message} ${way}: ${queued} sent, ${heard} heard`,
    ),
    `messages sent again: ${outcome.messagesResent}; the last arrived ${outcome.drainSeconds} s after the last was sent`,
    ...(heapBytes.length === 0 ? [] : [`heap by minute, MiB: ${describeHeap(heapBytes)}`]),
    memory === undefined
      ? "memory: not judged, as the run is short or nobody can collect"
      : `memory: ${mib(memory.warmBytes)} MiB warm, ${mib(memory.endBytes)} MiB at the end, at most ` +
        `${mib(memory.boundBytes)} allowed: ${memory.isFlat ? "flat" : "NOT flat"}`,
    ...told,
    `violations: ${violations}`,
  ].join("\n");
}

function describeHeap(heapBytes: readonly number[]): string {
  const step = Math.max(1, Math.ceil(heapBytes.length / HEAP_COLUMNS));
  const shown = heapBytes.flatMap((bytes, i) => {
    const minute = i + 1;
    return minute % step === 0 || minute === 1 || minute === heapBytes.length
      ? [`${minute}: ${mib(bytes)}`]
      : [];
  });
  return shown.join(", ");
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(2);
}
