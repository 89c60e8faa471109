import { connect } from "tickwire/client";
import { expect, onTestFinished, test } from "vitest";
import { arena } from "../../examples/arena/arena.ts";
import { startLoadServer } from "../../src/cli/load-server.ts";
import { DEFAULT_RATES, LOOPBACK_RATES } from "../../src/net/congestion/rate-limits.ts";

/** What the server of a load test sends its only player at most. */
async function rateOfPlayer(isBehindLink: boolean): Promise<number> {
  const setting = { rooms: 1, maxPlayers: 4, seed: 1, plaintext: false, isBehindLink };
  const server = await startLoadServer(setting);
  onTestFinished(() => server.end());
  const player = await connect(arena, server.url);
  onTestFinished(() => player.close());
  const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text();
  const [, rate] = /^tickwire_link_rate_bytes(?:\{[^}]*\})? (\S+)$/m.exec(metrics) ?? [];
  return Number(rate);
}

test("the server of a load test knows no limit on loopback, but behind a link that is played it does", async () => {
  expect(await rateOfPlayer(false)).toBe(LOOPBACK_RATES.startBytesPerSecond);
  const rate = await rateOfPlayer(true);
  expect(rate).toBeGreaterThanOrEqual(DEFAULT_RATES.minBytesPerSecond);
  expect(rate).toBeLessThanOrEqual(DEFAULT_RATES.maxBytesPerSecond);
});

test("the server of a load test has as many rooms as asked, each for so many players", async () => {
  const server = await startLoadServer({
    ...{ rooms: 2, maxPlayers: 2, seed: 1, plaintext: false },
    isBehindLink: false,
  });
  onTestFinished(() => server.end());
  for (let i = 0; i < 4; i += 1) {
    const player = await connect(arena, server.url);
    onTestFinished(() => player.close());
  }
  await expect(connect(arena, server.url)).rejects.toThrow("full");
});
