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
