import { describe, expect, test } from "vitest";
import { TickPlayer } from "../../client/tick-player.ts";
import type { Connection } from "../../src/net/connection/connection.ts";
import { MAX_ACK_DELAY_MS, MAX_INPUT_LEAD_TICKS } from "../../src/net/wire/limits.ts";

const TICK_RATE = 30;
const TICK_MS = 1000 / TICK_RATE;
const ONE_WAY_MS = 20;
/** It takes no input for a tick so far ahead or further. */
const WINDOW_TICKS = 64;

/** A server that a player tells of his inputs, and hears of, by a way of 20 ms. Its ticks take as long as it is told. */
class SlowServer {
  readonly player: TickPlayer;
  tick = 100;
  takesMs = TICK_MS;
  /** By how much the player was ahead of the server when the server's ticks ran, at most. */
  mostAhead = 0;
  #nowMs = 0;
  #nextTickMs = 0;
  #newest = -1;
  #newestCameMs = 0;
  readonly #onTheirWay: { readonly tick: number; readonly atMs: number }[] = [];
  readonly #answers: { readonly atMs: number; readonly take: () => void }[] = [];
  readonly #connection = {
    tick: 100,
    tickAtMs: 0,
    inputLead: 0,
    acks: {
      rtt: { smoothedMs: 2 * ONE_WAY_MS },
      inputArrival: { newestTick: -1, delayMs: 0, cameBits: 0xffff_ffff },
      forgetInputs: () => {
        this.#connection.acks.inputArrival.newestTick = -1;
        this.#newest = -1;
      },
    },
  };

  constructor() {
    this.player = new TickPlayer(this.#connection as unknown as Connection);
  }

  run(seconds: number): void {
    for (const endMs = this.#nowMs + seconds * 1000; this.#nowMs < endMs; this.#nowMs += 1) this.#pass();
  }

  #pass(): void {
    const nowMs = this.#nowMs;
    while ((this.#answers[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.#answers.shift()!.take();
    this.player.play(nowMs, TICK_RATE, (tick) => this.#onTheirWay.push({ tick, atMs: nowMs + ONE_WAY_MS }));
    if (nowMs >= this.#nextTickMs) this.#runTick();
  }

  /** Takes what came until now, runs the tick, and answers when that is done. */
  #runTick(): void {
    const nowMs = this.#nowMs;
    this.#nextTickMs += this.takesMs;
    while ((this.#onTheirWay[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const { tick, atMs } = this.#onTheirWay.shift()!;
      if (tick - this.tick >= WINDOW_TICKS || tick <= this.#newest) continue;
      this.#newest = tick;
      this.#newestCameMs = Math.max(atMs, nowMs - this.takesMs);
    }
    this.tick += 1;
    this.mostAhead = Math.max(this.mostAhead, this.player.nextTick - this.tick);
    const workMs = this.takesMs > TICK_MS ? this.takesMs : 1;
    const answer = {
      tick: this.tick,
      newestTick: this.#newest,
      delayMs: Math.min(MAX_ACK_DELAY_MS, nowMs + workMs - this.#newestCameMs),
      lead: Math.min(MAX_INPUT_LEAD_TICKS, this.#newest - this.tick),
    };
    const atMs = nowMs + workMs + ONE_WAY_MS;
    this.#answers.push({ atMs, take: () => this.#hear(answer, atMs) });
  }

  #hear(answer: { tick: number; newestTick: number; delayMs: number; lead: number }, atMs: number): void {
    const connection = this.#connection;
    connection.tick = answer.tick;
    connection.tickAtMs = atMs;
    connection.inputLead = answer.lead;
    connection.acks.inputArrival.newestTick = answer.newestTick;
    connection.acks.inputArrival.delayMs = answer.delayMs;
    this.player.hear();
  }
}

describe("a player's ticks", () => {
  test("are a little ahead of the server's", () => {
    const server = new SlowServer();
    server.run(10);
    expect(server.player.nextTick - server.tick).toBeGreaterThan(0);
    expect(server.mostAhead).toBeLessThanOrEqual(6);
  });

  test.each([50, 100, 200])("do not run away from a server whose ticks take %i ms", (takesMs) => {
    const server = new SlowServer();
    server.run(5);
    server.takesMs = takesMs;
    server.run(30);
    // It snaps at 10, or begins anew at 32; on the way are a few more.
    expect(server.mostAhead).toBeLessThanOrEqual(40);
    server.takesMs = TICK_MS;
    server.run(5);
    server.mostAhead = 0;
    server.run(5);
    expect(server.mostAhead).toBeLessThanOrEqual(6);
    expect(server.player.nextTick - server.tick).toBeGreaterThan(0);
  });
});
