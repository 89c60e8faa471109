import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../src/net/connection/connection.ts";
import { PacketType } from "../../src/net/wire/packet-type.ts";
import { RELIABLE, Rig, type Seen, TURN_MS } from "../net/endpoint/rig.ts";
import { readDocument, tablesOf } from "./markdown.ts";

const states = readDocument("STATES.md");
/** Short enough for the cookie of the handshake to count still when the other end is dropped. */
const TIMEOUT_MS = 3_000;
const turns = (seconds: number): number => Math.ceil((seconds * 1000) / TURN_MS);

const DROPPED_BY = turns(TIMEOUT_MS / 1000 + 1.1);

/** Of the path's width other tests speak. */
const RATES = { startBytesPerSecond: 1e6, minBytesPerSecond: 2_000, maxBytesPerSecond: 1e6 };

/** One end, that was brought into a state with the other end silenced, and what it sends and tells from then on. */
class Stage {
  readonly rig = new Rig({
    timeoutMs: TIMEOUT_MS,
    rates: RATES,
  });
  readonly token = this.rig.token({ playerId: "ada" });
  readonly side: "client" | "server";
  readonly client: Rig["clients"][number];
  readonly here: Connection;
  readonly there: Connection;
  readonly sent: Uint8Array[] = [];
  connectPacket = new Uint8Array(0);
  acceptPacket = new Uint8Array(0);
  #told = 0;

  constructor(side: "client" | "server", state: string) {
    const { rig } = this;
    this.side = side;
    rig.fate = (bytes) => {
      if (bytes[0] === PacketType.Connect) this.connectPacket = bytes.slice();
      if (bytes[0] === PacketType.Accept) this.acceptPacket = bytes.slice();
      return [0];
    };
    this.client = rig.join({ token: this.token, rates: RATES });
    rig.run(10);
    const ends = [this.client.endpoint.connection, [...rig.server.connections()][0]!] as const;
    [this.here, this.there] = side === "client" ? ends : [ends[1], ends[0]];
    this.silence();
    if (state === "dropped") rig.run(DROPPED_BY);
    expect(this.here.state).toBe(state);
    this.sent.length = 0;
    this.#told = this.#saw.length;
  }

  get #saw(): readonly Seen[] {
    return this.side === "client" ? this.client.saw : this.rig.serverSaw;
  }

  /** What the owner was told since, in the document's words. */
  get told(): string[] {
    return this.#saw
      .slice(this.#told)
      .map(({ kind, reason, by }) => (kind === "disconnected" ? `${kind} ${reason} by ${by}` : kind));
  }

  /** Nothing arrives from now on. */
  silence(): void {
    this.rig.fate = (bytes, to) => {
      const isOurs = (to.host === "10.0.0.1") === (this.side === "client");
      if (isOurs) this.sent.push(bytes);
      return [];
    };
  }

  /** A packet of the other end's, with these frames. */
  hear(...frames: unknown[]): void {
    const { number } = this.there.acks.sent.begin(this.rig.nowMs);
    const slot = new Uint8Array(1200);
    const isUp = this.side === "server";
    const { id } = this.here;
    const head = isUp ? [PacketType.Data, id >>> 24, id >>> 16, id >>> 8, id] : [PacketType.Data];
    const body = encode(isUp ? [0, 0, 0, ...frames] : [0, 0, 0, 0, 0, ...frames]);
    const start = head.length + 2;
    slot.set([...head, number >>> 8, number, ...body]);
    this.give(slot.slice(0, this.there.seal!.seal(slot, start, start + body.length, number)));
  }

  give(bytes: Uint8Array): void {
    const { rig, client } = this;
    if (this.side === "server") rig.inject(bytes, client.address);
    else client.endpoint.receive(bytes, { host: "10.0.0.1", port: 7777 }, rig.nowMs);
    rig.run(1);
  }
}

interface Step {
  readonly act: (stage: Stage) => void;
  /** Of what the document says was sent; R stands for kicked. */
  readonly sends?: (stage: Stage) => void;
}

const isData = ([type]: Uint8Array): boolean => type === PacketType.Data || type === PacketType.DataOdd;
const close = (stage: Stage): void => {
  stage.here.send(RELIABLE, new Uint8Array(900));
  stage.here.close("kicked", "", stage.rig.nowMs);
  stage.rig.run(1);
};
const goodbyesAlone = ({ sent }: Stage): void => {
  expect(sent.filter(isData).length).toBeGreaterThan(0);
  expect(Math.max(...sent.map(({ length }) => length))).toBeLessThan(100);
};

const steps: Readonly<Record<string, Step>> = {
  "client connected DATA with PATH_CHALLENGE": {
    act: (stage) => stage.hear([8, new Uint8Array(8).fill(3)]),
    sends: ({ sent }) => expect(sent.some(isData)).toBe(true),
  },
  "client connected timeoutMs without an accepted packet": { act: ({ rig }) => rig.run(DROPPED_BY) },
  "server connected timeoutMs without an accepted packet": { act: ({ rig }) => rig.run(DROPPED_BY) },
  "client dropped DATA": {
    act: (stage) => {
      stage.here.send(RELIABLE, new Uint8Array(900));
      stage.hear([4]);
    },
    sends: ({ sent }) => expect(sent.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(900),
  },
  "client dropped 250 ms since the last PING": {
    act: ({ rig }) => rig.run(turns(2.4)),
    sends: ({ sent }) => expect(sent.filter(isData).length).toBeGreaterThanOrEqual(8),
  },
  "client dropped DISCONNECT with R": { act: (stage) => stage.hear([3, 4, ""]) },
  "client dropped RESET with our token": {
    act: ({ rig, client }) => {
      const server = new Rig();
      Object.defineProperty(rig, "server", { value: server.server });
      rig.fate = () => [0];
      rig.run(turns(1));
      expect(client.endpoint.counters.refusedReset).toBe(0);
    },
  },
  "client dropped reconnectMs since the drop": { act: ({ rig }) => rig.run(turns(30)) },
  "client dropped `close(R)`": { act: close, sends: goodbyesAlone },
  "server dropped DATA": {
    act: (stage) => {
      stage.here.send(RELIABLE, new Uint8Array(900));
      stage.hear([4]);
    },
    sends: ({ sent }) => expect(sent.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(900),
  },
  "server dropped 1000 ms since the last PING": {
    act: ({ rig }) => rig.run(turns(5)),
    sends: ({ sent }) => {
      expect(sent.filter(isData).length).toBeGreaterThanOrEqual(4);
      expect(sent.length).toBeLessThanOrEqual(6);
    },
  },
  "server dropped the same CONNECT": {
    act: (stage) => stage.give(stage.connectPacket),
    sends: ({ sent, acceptPacket }) => expect(sent).toContainEqual(acceptPacket),
  },
  "server dropped another CONNECT with the same token": {
    act: (stage) => {
      const { rig, token } = stage;
      rig.clients.splice(0, 1);
      rig.fate = (bytes) => {
        stage.sent.push(bytes);
        return isData(bytes) ? [] : [0];
      };
      rig.join({ token });
      rig.run(4);
    },
    sends: ({ sent }) => expect(sent.some(([type]) => type === PacketType.Advise)).toBe(true),
  },
  "server dropped DISCONNECT with R": { act: (stage) => stage.hear([3, 4, ""]) },
  "server dropped reconnectMs since the drop": { act: ({ rig }) => rig.run(turns(30)) },
  "server dropped `close(R)`": { act: close, sends: goodbyesAlone },
  "server dropped its player connects anew": {
    act: (stage) => {
      const { rig } = stage;
      rig.clients.splice(0, 1);
      rig.fate = (bytes) => {
        if (isData(bytes)) stage.sent.push(bytes);
        return isData(bytes) ? [] : [0];
      };
      rig.join({ token: rig.token({ playerId: "ada" }) });
      rig.run(4);
    },
    sends: goodbyesAlone,
  },
};

describe.each([
  ["client", "A client's connection"],
  ["server", "A server's connection"],
] as const)("silence at a %s, row for row", (side, heading) => {
  const rows = tablesOf(states.section(heading))
    .flat()
    .filter(
      ({ state, next, event }) =>
        state === "dropped" || next === "dropped" || /PATH_CHALLENGE/.test(event ?? ""),
    );

  test("every row is walked", () => {
    const named = rows.map(({ state, event }) => `${side} ${state} ${event}`);
    const walked = Object.keys(steps).filter((name) => name.startsWith(side));
    expect(named.sort()).toEqual(walked.sort());
  });

  test.each(rows)("$state: $event", ({ state, event, next, told }) => {
    const stage = new Stage(side, state!);
    const { act, sends } = steps[`${side} ${state} ${event}`]!;
    act(stage);
    expect(stage.here.state).toBe(next);
    const words = told!.replace(/, then.*/, "").replace(/\bR\b/, "kicked");
    expect(stage.told.join(", ")).toBe(words);
    sends?.(stage);
  });
});
