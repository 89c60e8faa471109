import { describe, expect, test } from "vitest";
import { deltaBounds } from "../../src/game/replication/wrapped-delta.ts";
import { TRANSITIONS } from "../../src/net/connection/connection-state.ts";
import { DEFAULT_PEER_LIMITS } from "../../src/net/connection/peer-budget.ts";
import { DEFAULT_HANDSHAKE_LIMITS } from "../../src/net/connection/server-handshake.ts";
import { DEFAULT_REKEY } from "../../src/net/crypto/packet-seal.ts";
import { DISCONNECT_REASONS } from "../../src/net/wire/disconnect-reason.ts";
import { FrameKind } from "../../src/net/wire/frames.ts";
import { TOKEN_ADVICE } from "../../src/net/wire/handshake-packets.ts";
import { NET_COUNTERS } from "../../src/net/wire/net-counters.ts";
import { PacketType } from "../../src/net/wire/packet-type.ts";
import acks from "../golden/acks.json" with { type: "json" };
import data from "../golden/data.json" with { type: "json" };
import definition from "../golden/definition.json" with { type: "json" };
import deltas from "../golden/deltas.json" with { type: "json" };
import handshake from "../golden/handshake.json" with { type: "json" };
import inputs from "../golden/inputs.json" with { type: "json" };
import messages from "../golden/messages.json" with { type: "json" };
import tokens from "../golden/tokens.json" with { type: "json" };
import { anchorsOf, readDocument, tablesOf } from "./markdown.ts";
import { sourceConstants } from "./source-constants.ts";

const protocol = readDocument("PROTOCOL.md");
const states = readDocument("STATES.md");
const delivery = readDocument("DELIVERY.md");
const code = (cell: string): string => cell.replaceAll("`", "");

describe("constants", () => {
  const rows = [
    protocol.section("Constants of the wire"),
    protocol.section("Constants of behaviour"),
    delivery.section("Constants"),
  ].flatMap((section) => tablesOf(section).flat());
  const sources = sourceConstants();

  test.each(rows.map(({ name, value }) => [name!, Number(value)] as const))("%s is %d", (name, value) => {
    expect([...(sources.get(name) ?? [])]).toEqual([value]);
  });

  /** Inner workings that no peer and no caller can notice, and sums of documented constants. */
  const inner = new Set([
    ...[
      "CIRCLE",
      "HALF",
      "SLOTS",
      "WINDOW",
      "RING",
      "SWEEP_EVERY_S",
      "BLOCK_HEAD_BYTES",
      "RECORD_HEAD_BYTES",
      "BLOCK_BYTES",
      "MAX_SETTLED",
      "MAX_LEFT",
    ],
    ...["KEY_AT", "NONCE_AT", "ASSOCIATED_AT", "PACKET_AT", "ALL_BYTES", "WIDE_ARRAY_HEADER_EXTRA"],
    ...["SLOT_BYTES", "SLOT_IV_AT", "SLOTS_AT_ONCE"],
    ...["RESERVED_BYTES", "BUCKETS", "RECENT"],
    ...["HELLO_BODY_AT", "ACCEPT_HEADER_BYTES", "DENY_HEADER_BYTES", "ADVISE_BYTES", "RESET_BYTES"],
  ]);

  test("no constant of the net is left out", () => {
    const named = new Set(rows.map(({ name }) => name));
    const missing = [...sourceConstants(["src/net"]).keys()].filter(
      (name) => !named.has(name) && !inner.has(name),
    );
    expect(missing).toEqual([]);
  });

  test("limits that are objects", () => {
    const limits = protocol.section("Limits and budgets");
    const { perAddressPerSecond, perAddressAtOnce, perSecond, atOnce } = DEFAULT_HANDSHAKE_LIMITS;
    expect(limits).toContain(`| ${perAddressPerSecond} a second, ${perAddressAtOnce} at once |`);
    expect(limits).toContain(`| ${perSecond} a second, ${atOnce} at once |`);
    const peer = DEFAULT_PEER_LIMITS;
    expect(limits).toContain(`| ${peer.messagesPerSecond} a second, ${peer.messagesAtOnce} at once |`);
    expect(limits).toContain(
      `| ${peer.bytesPerSecond / 1024} KiB a second, ${peer.bytesAtOnce / 1024 ** 2} MiB at once |`,
    );
    expect(limits).toContain(
      `| ${peer.parseErrorsPerMinute} a minute, ${peer.parseErrorsPerMinute} at once |`,
    );
    expect(DEFAULT_REKEY).toEqual({ packets: 2 ** 20, ms: 30 * 60_000 });
    expect(protocol.section("Cryptography")).toContain("N − F ≥ 2^20, or 30 minutes");
  });
});

describe("tables of codes", () => {
  test("packet types", () => {
    const names = { ...PacketType } as Record<string, number>;
    const [rows] = tablesOf(protocol.section("Datagrams and their first byte"));
    const documented = rows!.map(({ byte, packet }) => [
      packet!.startsWith("DATA") ? `Data${packet!.endsWith("1") ? "Odd" : ""}` : title(packet!),
      Number(byte),
    ]);
    expect(Object.fromEntries(documented)).toEqual(names);
  });

  test("frames", () => {
    const rows = tablesOf(protocol.section("Frames"))[0]!;
    const documented = rows.map(({ kind, name }) => [name!.split("_").map(title).join(""), Number(kind)]);
    expect(Object.fromEntries(documented)).toEqual({ ...FrameKind });
    for (const { kind, form } of rows) expect(form).toContain(`\`[${kind}`);
  });

  test("disconnect reasons and token advice", () => {
    const reasons = tablesOf(protocol.section("Disconnect reasons"))[0]!;
    expect(reasons.map(({ code: number, reason }) => [Number(number), reason])).toEqual([
      ...DISCONNECT_REASONS.entries(),
    ]);
    const advice = tablesOf(protocol.section("ADVISE, 18 bytes"))[1]!;
    expect(advice.map(({ code: number, name }) => [Number(number), name])).toEqual([
      ...TOKEN_ADVICE.entries(),
    ]);
  });

  test("every refusal is named in the reading lists, and every counter named there exists", () => {
    const named = new Set(
      protocol
        .section("Reading a packet")
        .match(/`refused\w+`/g)!
        .map(code),
    );
    const counted = Object.keys(NET_COUNTERS).filter((name) => name.startsWith("refused"));
    expect([...named].sort()).toEqual(counted.sort());
    for (const { text } of [protocol, states]) {
      for (const name of text.match(/`refused[A-Z]\w*`/g)!.map(code))
        expect(NET_COUNTERS).toHaveProperty(name);
    }
  });
});

describe("examples", () => {
  const bytes = (hex: string): number => hex.length / 2;

  test("sizes are those of real packets", () => {
    const [rows] = tablesOf(protocol.section("Datagrams and their first byte"));
    const sizes = rows!.map((row) => Number(row["example size"]));
    const { accept, denials, advice, reset } = handshake;
    const ping = bytes(data.packets[0]!.packet);
    expect(sizes).toEqual([
      ...[accept.helloBytes, bytes(accept.cookie), bytes(accept.connect), bytes(accept.answer)],
      ...[bytes(denials[0]!.answer), ping, ping, bytes(advice[0]!.packet), bytes(reset.packet)],
    ]);
    expect(data.packets[0]!.decoded.frames).toEqual([{ kind: "Ping" }]);
    const prose = protocol.section("ConnectTokens").replaceAll(/\s+/g, " ");
    expect(prose).toContain(`Such a token has ${bytes(tokens.tokens[0]!.token)} bytes`);
  });

  test("hex equals the golden files", () => {
    const golden = { handshake, data };
    const rows = tablesOf(protocol.section("Vectors")).slice(1).flat();
    expect(rows.length).toBeGreaterThan(20);
    for (const { where, hex } of rows) {
      const value = code(where!)
        .split(".")
        .reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], golden);
      expect({ where, hex: code(hex!) }).toEqual({ where, hex: value });
    }
  });

  test("the arena's definition and hashes", () => {
    const section = protocol.section("The definition and its hashes");
    expect(section).toContain(`\`\`\`json\n${definition.arena.json}\n\`\`\``);
    const [total, ...parts] = tablesOf(section)[1]!;
    expect(code(total!.hash!)).toBe(definition.arena.hash);
    expect(parts.map(({ part, hash }) => [part, code(hash!)])).toEqual(
      definition.arena.parts.map(({ name, hash }) => [name, hash]),
    );
  });

  test("ack ranges", () => {
    const rows = tablesOf(protocol.section("Acks, loss and resending"))[0]!;
    for (const { "former ack": former, "ack, ackMissing": told, frame } of rows) {
      const ranges = frame === "none" ? null : (JSON.parse(code(frame!)) as number[]).slice(1);
      const [ack, ackMissing] = told!.split(", ").map(Number);
      expect(acks.acks).toContainEqual(
        expect.objectContaining({ formerAck: Number(former), ack, ackMissing, ranges }),
      );
    }
    expect(acks.acks).toContainEqual(
      expect.objectContaining({
        after: [
          [1, 3],
          [5, 6],
          [9, 9],
        ],
        ackMissing: 19,
      }),
    );
  });

  const without = (text: string): string => text.replaceAll(" ", "");

  test("a state block, and the replicas it makes", () => {
    const example = protocol.section("An example");
    const { tick, block, state } = deltas.blocks.find(({ meaning }) => meaning === "a new rate 3 ticks ago")!;
    expect(without(example)).toContain(`\`${block}\``);
    const rows = tablesOf(example)[0]!;
    expect(rows.map(({ bytes }) => without(code(bytes!))).join("")).toBe(block);
    const said = (which: (typeof state)[number]): number[] =>
      (["vx", "vy", "x", "y"] as const).map((name) => (which.replicas as Record<string, number>)[name]!);
    const [vx, vy, x, y] = said(deltas.blocks[1]!.state[1]!).map((n) => `${n}`.replace("-", "−"));
    expect(example).toContain(`vx ${vx}, vy ${vy}, x ${x}, y ${y}`);
    for (const replica of said(state[1]!)) expect(example).toContain(`${replica}`.replace("-", "−"));
    expect(example).toContain(`at tick ${tick}.`);
  });

  test("bounds of wrapped deltas", () => {
    const rows = tablesOf(protocol.section("The state block")).find(([row]) => "ints" in row!)!;
    const numbers = (cell: string): number[] => cell.replaceAll("−", "-").split(" … ").map(Number);
    expect(rows.length).toBe(4);
    for (const { bounds, M, W, ints } of rows) {
      const [least, most] = numbers(bounds!);
      const { values, wrap, leastDelta, mostDelta } = deltaBounds(least!, most!);
      expect([values, wrap, leastDelta, mostDelta]).toEqual([Number(M), Number(W), ...numbers(ints!)]);
    }
  });

  test("a message and an input", () => {
    expect(without(protocol.section("Channels and messages"))).toContain(
      `\`${messages.messages[0]!.payload}\``,
    );
    expect(without(protocol.section("Ticks and inputs"))).toContain(`\`${inputs.inputs[0]!.block}\``);
  });
});

describe("states", () => {
  test("the table of transitions is the code's", () => {
    const [rows] = tablesOf(states.section("Transitions"));
    const documented = rows!.map(({ from, to }) => [from, to === "" ? [] : to!.split(", ")]);
    expect(Object.fromEntries(documented)).toEqual(TRANSITIONS);
  });

  test("both ends' tables together are the same", () => {
    const steps = ["A client's connection", "A server's connection"].flatMap((heading) =>
      tablesOf(states.section(heading)).flat(),
    );
    const taken = new Set(steps.map(({ state, next }) => `${state} → ${next}`));
    const possible = Object.entries(TRANSITIONS).flatMap(([from, tos]) => tos.map((to) => `${from} → ${to}`));
    for (const step of possible) expect(taken).toContain(step);
    for (const step of taken) {
      const [from, to] = step.split(" → ");
      if (from !== to) expect(possible).toContain(step);
    }
  });
});

test("links within the documents lead somewhere", () => {
  for (const { text } of [protocol, states]) {
    const anchors = anchorsOf(text);
    for (const [, target] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(target);
  }
});

function title(word: string): string {
  return word.charAt(0) + word.slice(1).toLowerCase();
}
