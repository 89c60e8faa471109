import { defineGame, t } from "tickwire";
import { expect, test } from "vitest";
import { MessageInbox } from "../../client/message-inbox.ts";
import { encodeForChannel } from "../../src/game/schema/message-codec.ts";

const game = defineGame({
  name: "talk",
  tickRate: 30,
  input: {},
  avatar: "eye",
  entities: { eye: {} },
  messages: { said: { from: "both", channel: "reliable-ordered", fields: { text: t.text(20) } } },
  step: {},
});

function rig(timing: "in-time" | "at-once") {
  const inbox = new MessageInbox(game, timing);
  const heard: string[] = [];
  const stop = inbox.on("said", ({ text }) => heard.push(text));
  const take = (text: string, tick: number, nowMs: number): void => {
    const encoded = encodeForChannel(game, "said", { text });
    if (encoded === undefined || encoded === "invalid") throw new Error("not encoded");
    inbox.take(encoded.bytes, 0, encoded.bytes.length, tick, nowMs);
  };
  return { inbox, heard, take, stop };
}

test("a message waits until its tick is shown, and those behind it wait too", () => {
  const { inbox, heard, take, stop } = rig("in-time");
  take("a", 10, 1000);
  take("b", 12, 1066);
  inbox.show(9.9, 1070);
  expect(heard).toEqual([]);
  inbox.show(10, 1080);
  expect(heard).toEqual(["a"]);
  inbox.show(11.9, 1100);
  expect(heard).toEqual(["a"]);
  inbox.show(12.1, 1110);
  expect(heard).toEqual(["a", "b"]);
  stop();
  take("c", 13, 1120);
  inbox.show(20, 1130);
  expect(heard).toEqual(["a", "b"]);
});

test("250 ms at most, though the game stands still", () => {
  const { inbox, heard, take } = rig("in-time");
  take("a", 10, 1000);
  take("b", 10, 1100);
  inbox.show(5, 1249);
  expect(heard).toEqual([]);
  inbox.show(5, 1250);
  expect(heard).toEqual(["a"]);
});

test("or not at all; what does not decode is counted", () => {
  const { inbox, heard, take } = rig("at-once");
  take("a", 10, 1000);
  expect(heard).toEqual(["a"]);
  inbox.take(new Uint8Array([0xc1]), 0, 1, 10, 1000);
  expect([heard.length, inbox.refused]).toEqual([1, 1]);
});
