/**
 * An impairing proxy in a process of its own, so that what plays through it cannot make it late. It is started by a
 * `ProxyProgram`, which gives it orders on standard input, and ends when that is closed.
 */
import { alertTicker } from "../../src/runtime-adapters/alert-ticker.ts";
import { listenToParent } from "../../src/runtime-adapters/child-program.ts";
import { MonotonicClock } from "../../src/runtime-adapters/monotonic-clock.ts";
import { openDatagramSocket } from "../../src/runtime-adapters/open-socket.ts";
import { exitProcess, processUsage, writeLine } from "../../src/runtime-adapters/process.ts";
import { ImpairingProxy } from "./impairing-proxy.ts";
import { type ProxyAnswer, type ProxyOrder, readPlan } from "./proxy-orders.ts";

let proxy: ImpairingProxy | undefined;

listenToParent(
  (order) => void obey(order as ProxyOrder).then(answer, (error: Error) => answer({ error: error.message })),
  () => exitProcess(0),
);

async function obey(order: ProxyOrder): Promise<ProxyAnswer> {
  if (order.order === "open") {
    const clock = new MonotonicClock();
    proxy = await ImpairingProxy.open({
      ...order.request,
      plan: readPlan(order.request.plan),
      clock,
      ticker: alertTicker(clock),
      openSocket: openDatagramSocket,
    });
    return { address: proxy.address };
  }
  if (proxy === undefined) return { error: "the proxy has not been opened" };
  if (order.order === "counters") {
    const { cpuUserSeconds, cpuSystemSeconds } = processUsage();
    return { counters: { ...proxy.counters, cpuSeconds: cpuUserSeconds + cpuSystemSeconds } };
  }
  proxy.forgetLateness();
  return { isDone: true };
}

function answer(given: ProxyAnswer): void {
  writeLine("stdout", JSON.stringify(given));
}
