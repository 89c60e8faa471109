import { describe, expect, test } from "vitest";
import { HELP, OptionError, readOptions } from "../../../bench/peers/options.ts";
import { PEERS } from "../../../bench/peers/peer-list.ts";

describe("options of the peers' bench", () => {
  test("are the whole table without any", () => {
    const options = readOptions([])!;
    expect(options.peers).toEqual(PEERS);
    expect(options.cases).toEqual([
      { name: "loopback", clients: 100 },
      ...[0, 2, 5, 10].map((lossPercent) => ({
        name: `${lossPercent} %`,
        clients: 30,
        link: { rttMs: 80, jitterMs: 5, lossPercent },
      })),
    ]);
    expect(options).toMatchObject({ repeats: 3, probes: 12, seconds: 8, warmUpSeconds: 7 });
  });

  test("choose peers and cases", () => {
    const options = readOptions(
      "--only colyseus,nengi --loopback 0 --loss 1.5 --clients 4 --rtt-ms 50 --jitter-ms 0".split(" "),
    )!;
    expect(options.peers.map(({ name }) => name)).toEqual(["colyseus", "nengi"]);
    expect(options.cases).toEqual([
      { name: "1.5 %", clients: 4, link: { rttMs: 50, jitterMs: 0, lossPercent: 1.5 } },
    ]);
    expect(options.probes).toBe(4);
    expect(readOptions(["--loss", "none"])!.cases).toEqual([{ name: "loopback", clients: 100 }]);
  });

  test.each([
    [["--only", "quake"], /no peer "quake"; there are: tickwire-node, /],
    [["--loss", "0,x"], /--loss takes percents/],
    [["--loss", "100"], /--loss takes percents/],
    [["--clients", "0"], /--clients takes a whole number from 1 to 500, not "0"/],
    [["--clients", ""], /--clients takes/],
    [["--probes", "31"], /--probes takes a whole number from 1 to 30/],
    [["--jitter-ms", "41"], /--jitter-ms takes a number from 0 to 40/],
    [["--loss", "none", "--loopback", "0"], /nothing to run/],
    [["--fast"], /--fast/],
    [["now"], /now/],
  ])("refuse %j in one sentence", (args, message) => {
    expect(() => readOptions(args)).toThrow(OptionError);
    expect(() => readOptions(args)).toThrow(message);
  });

  test("are all in the help", () => {
    expect(readOptions(["--help"])).toBeUndefined();
    for (const { name } of PEERS) expect(HELP).toContain(name);
    for (const flag of ["only", "clients", "loss", "rtt-ms", "jitter-ms", "loopback", "probes", "seconds"]) {
      expect(HELP).toContain(`--${flag} `);
    }
  });
});
