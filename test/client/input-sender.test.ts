import { expect, test } from "vitest";
import { InputSender } from "../../client/input-sender.ts";
import { defineGame } from "../../src/game/schema/define-game.ts";
import { t } from "../../src/game/schema/field-types.ts";
import { decodeInputs } from "../../src/game/schema/input-codec.ts";
import type { Connection } from "../../src/net/connection/connection.ts";

test("a block says how far behind its newest input others were seen, in eighths of a tick", () => {
  const game = defineGame({ name: "seen", tickRate: 30, input: { fire: t.bool() }, entities: {} });
  const sender = new InputSender(game);
  let claimed: number | undefined;
  const connection = {
    acks: { ackedInputTick: -1 },
    queueInput: (block: Uint8Array, length: number) => {
      claimed = decodeInputs(game, block, 0, length)?.seenLagEighths;
    },
  } as unknown as Connection;
  const claim = (tick: number, shownTick?: number): number | undefined => {
    if (shownTick !== undefined) sender.noteSeen(tick, shownTick);
    sender.record(tick);
    sender.queue(connection);
    return claimed;
  };
  expect(claim(100)).toBe(0);
  expect(claim(101, 97)).toBe(32);
  expect(claim(102, 97.3)).toBe(38);
  // Nobody can say more, or see the future.
  expect(claim(103, 0)).toBe(511);
  expect(claim(104, 110)).toBe(0);
});

test("after a restart nothing of before is sent, and what was wanted is wanted still", () => {
  const game = defineGame({ name: "again", tickRate: 30, input: { n: t.uint(9) }, entities: {} });
  const sender = new InputSender(game, 2);
  let sent: ReturnType<typeof decodeInputs>;
  const connection = {
    acks: { ackedInputTick: -1 },
    queueInput: (block: Uint8Array, length: number) => {
      sent = decodeInputs(game, block, 0, length);
    },
  } as unknown as Connection;
  sender.noteSeen(7, 4);
  for (let tick = 4; tick < 8; tick += 1) {
    sender.set({ n: tick });
    sender.record(tick);
  }
  sender.queue(connection);
  expect(sent).toMatchObject({ newestTick: 9, seenLagEighths: 40 });
  expect(sent!.inputs).toHaveLength(4);
  sender.restart();
  // The very next tick, by chance: it is another server's.
  const input = sender.record(8);
  sender.queue(connection);
  expect(sent).toMatchObject({ newestTick: 10, seenLagEighths: 0 });
  expect(sent!.inputs).toHaveLength(1);
  expect(input).toEqual({ n: 7 });
});
