import { expect, test } from "vitest";
import type { ClosedInfo, RenewToken } from "../../client/client-types.ts";
import { mayComeBack, WayBack } from "../../client/way-back.ts";
import type { ConnectToken } from "../../src/net/crypto/connect-token.ts";
import { DISCONNECT_REASONS, type DisconnectReason } from "../../src/net/wire/disconnect-reason.ts";
import { readDocument, tablesOf } from "../docs/markdown.ts";

const TOKEN = { sealed: new Uint8Array(0), tokenKey: new Uint8Array(0) } as unknown as ConnectToken;
const said = (reason: DisconnectReason): ClosedInfo => ({ reason, detail: "", by: "server" });
const silence: ClosedInfo = { reason: "timeout", detail: "", by: "network" };
/** The longest pauses that chance may choose, nearly. */
const slow = (into: Uint8Array): void => void into.fill(255);
const way = (renewToken: RenewToken, reconnectMs = 10_000) => new WayBack(renewToken, reconnectMs, slow);

/** When it has a token at hand for an attempt that fails at once, from `fromMs` on. */
function attempts(of: WayBack, fromMs: number, info: ClosedInfo): number[] {
  const at: number[] = [];
  for (let nowMs = fromMs; !of.isOver(nowMs); nowMs += 1) {
    if (of.takeToken(nowMs) === undefined) continue;
    at.push(nowMs - fromMs);
    of.failed(info, nowMs);
  }
  return at;
}

test("attempts are ever farther apart, a second at most, until the time is over", () => {
  const back = way((take) => take(TOKEN), 5_000);
  back.begin(said("server-restarted"), 100);
  expect([back.isUnderWay, back.dueMs]).toEqual([true, 100 + 250 * (255 / 256)]);
  expect(attempts(back, 100, silence)).toEqual([250, 500, 1_000, 1_999, 2_998, 3_997, 4_996]);
  expect([back.isOver(5_099), back.isOver(5_100), back.dueMs]).toEqual([false, true, 5_100]);
});

test("what a server said last is the reason, however long there is silence after it", () => {
  const back = way((take) => take(TOKEN));
  back.begin(silence, 0);
  expect(back.why).toBe(silence);
  back.failed(said("full"), 1_000);
  back.failed(silence, 2_000);
  expect(back.why.reason).toBe("full");
  back.failed(said("draining"), 3_000);
  expect(back.why.reason).toBe("draining");
});

test("who is lost again within five seconds goes on where he was, later it is a new way", () => {
  const back = way((take) => take(TOKEN));
  back.begin(silence, 0);
  back.arrived(1_000);
  back.begin(silence, 5_000);
  expect(back.isOver(10_000)).toBe(true);
  back.arrived(6_000);
  expect(back.isUnderWay).toBe(false);
  back.begin(silence, 11_001);
  expect([back.isOver(20_000), back.isOver(21_001)]).toEqual([false, true]);
});

test("a token that takes its time is waited for, and asked for once", () => {
  const asked: Parameters<RenewToken>[0][] = [];
  const back = way((take) => asked.push(take));
  back.begin(silence, 0);
  for (let nowMs = 0; nowMs < 2_000; nowMs += 10) expect(back.takeToken(nowMs)).toBeUndefined();
  expect(asked).toHaveLength(1);
  asked[0]!(TOKEN);
  // Whoever answers twice is heard once.
  asked[0]!(undefined);
  expect(back.takeToken(2_100)).toBe(TOKEN);
  back.failed(silence, 2_200);
  for (let nowMs = 2_200; nowMs < 3_000; nowMs += 10) expect(back.takeToken(nowMs)).toBeUndefined();
  expect(asked).toHaveLength(2);
});

test("no token is an attempt that failed; one that comes after the end is nobody's", () => {
  let count = 0;
  const none = way((take) => {
    count += 1;
    take(undefined);
  }, 3_000);
  none.begin(silence, 0);
  expect(attempts(none, 0, silence)).toEqual([]);
  expect(count).toBe(5);

  const asked: Parameters<RenewToken>[0][] = [];
  const back = way((take) => asked.push(take));
  back.begin(silence, 0);
  back.takeToken(300);
  back.stop();
  asked[0]!(TOKEN);
  back.begin(silence, 10_000);
  back.takeToken(10_300);
  expect(back.takeToken(10_400)).toBeUndefined();
  expect(asked).toHaveLength(2);
});

test("the table of reasons says what is come back from", () => {
  const [, reasons] = tablesOf(readDocument("STATES.md").section("A player's client"));
  const written = reasons!.map(({ reason, next }) => [reason, next]);
  const wanted = DISCONNECT_REASONS.map((reason) => {
    return [reason, mayComeBack(said(reason)) ? "reconnecting" : "closed"];
  });
  expect(written.sort()).toEqual(wanted.sort());
  for (const reason of DISCONNECT_REASONS) expect(mayComeBack({ ...said(reason), by: "client" })).toBe(false);
});
