/**
 * Sends numbered, dated datagrams both ways through a proxy, and prints what arrived as one line of JSON, a
 * `LinkProbeReport`. Both ends are this process, so that one clock dates all.
 *
 *   link-probe.ts LINK_PROBE_REQUEST_JSON
 *
 *   datagram, 100 B   flow u16 0, number u32 2, sent at f64 6 (ms of this process's clock), zeros
 */
import type { DatagramSocket } from "../../../src/net/ports/datagram-socket.ts";
import { Outbox } from "../../../src/net/ports/outbox.ts";
import type { PeerAddress } from "../../../src/net/ports/peer-address.ts";
import { openDatagramSocket } from "../../../src/runtime-adapters/open-socket.ts";
import type { LinkProbeReport, LinkProbeRequest, WayReport } from "../link-probe-report.ts";

const request: LinkProbeRequest = JSON.parse(process.argv[2]!);
const { seconds, flows, perSecond } = request;
const host = "127.0.0.1";
const proxy: PeerAddress = { host, port: request.proxyPort };
const LENGTH_BYTES = 100;
const TURN_MS = 1;
/** After the last was sent. */
const SETTLE_MS = 1_500;

/** One direction, as seen from both ends. */
class Watch {
  sent = 0;
  readonly delaysMs: number[] = [];
  readonly #newest: number[] = [];
  readonly #numbers: number[] = Array.from({ length: flows }, () => 0);
  #overtaken = 0;

  write(slot: Uint8Array, flow: number): void {
    const view = new DataView(slot.buffer, slot.byteOffset);
    view.setUint16(0, flow);
    view.setUint32(2, this.#numbers[flow]!);
    view.setFloat64(6, performance.now());
    this.#numbers[flow]! += 1;
    this.sent += 1;
  }

  read(bytes: Uint8Array): number {
    const nowMs = performance.now();
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const flow = view.getUint16(0);
    const number = view.getUint32(2);
    this.delaysMs.push(nowMs - view.getFloat64(6));
    if (number < (this.#newest[flow] ?? -1)) this.#overtaken += 1;
    else this.#newest[flow] = number;
    return flow;
  }

  report(): WayReport {
    const { sent } = this;
    const sorted = this.delaysMs.sort((a, b) => a - b);
    const received = sorted.length;
    const meanMs = sorted.reduce((sum, ms) => sum + ms, 0) / received;
    const variance = sorted.reduce((sum, ms) => sum + (ms - meanMs) ** 2, 0) / received;
    const at = (part: number): number => sorted[Math.min(received - 1, Math.floor(received * part))]!;
    return {
      ...{ sent, received, overtaken: this.#overtaken, meanMs, deviationMs: Math.sqrt(variance) },
      ...{ minMs: at(0), p25Ms: at(0.25), p50Ms: at(0.5), p75Ms: at(0.75), p99Ms: at(0.99), maxMs: at(1) },
    };
  }
}

const up = new Watch();
const down = new Watch();
const addresses: PeerAddress[] = [];
const receiveBufferBytes = 4 * 1024 * 1024;
const server = await openDatagramSocket(
  { host, port: request.serverPort, receiveBufferBytes },
  {
    onDatagram(bytes, from) {
      const flow = up.read(bytes);
      addresses[flow] ??= from;
    },
    onError() {},
  },
);
const clients: DatagramSocket[] = [];
for (let flow = 0; flow < flows; flow += 1) {
  clients.push(
    await openDatagramSocket(
      { host, port: 0, receiveBufferBytes },
      { onDatagram: (bytes) => void down.read(bytes), onError() {} },
    ),
  );
}

const outbox = new Outbox();
function send(watch: Watch, flow: number, socket: DatagramSocket, to: PeerAddress): void {
  outbox.clear();
  watch.write(outbox.open(), flow);
  outbox.commit(LENGTH_BYTES, to);
  socket.sendMany(outbox);
}

/** Sends whatever should have been sent by now. */
function catchUp(way: "up" | "down", elapsedMs: number): void {
  const count = (elapsedMs * perSecond[way]) / 1000;
  for (; turns[way] < count; turns[way] += 1) {
    const flow = turns[way] % flows;
    if (way === "up") send(up, flow, clients[flow]!, proxy);
    // The server knows a client once it has heard of it.
    else if (addresses[flow] !== undefined) send(down, flow, server, addresses[flow]);
  }
}

const turns = { up: 0, down: 0 };
const startMs = performance.now();
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startMs;
    catchUp("up", elapsedMs);
    catchUp("down", elapsedMs);
    if (elapsedMs < seconds * 1000) return;
    clearInterval(timer);
    resolve();
  }, TURN_MS);
});
await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
await Promise.all([server, ...clients].map((socket) => socket.close()));
const report: LinkProbeReport = { up: up.report(), down: down.report() };
console.log(JSON.stringify(report));
