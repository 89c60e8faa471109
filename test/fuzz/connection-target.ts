/**
 * Any order of sending, flushing, delivering, losing, doubling, waiting, closing and changing keys, at both ends of
 * one living connection, beside a model that knows what each end was promised.
 */
import fc from "fast-check";
import type { Connection } from "../../src/net/connection/connection.ts";
import { type ConnectionState, TRANSITIONS } from "../../src/net/connection/connection-state.ts";
import { BULK, LATEST, RELIABLE, SEQUENCED, type Seen, UNORDERED, UNRELIABLE } from "../net/endpoint/rig.ts";
import { QueuedBlocks } from "../net/queued-blocks.ts";
import { behaviourOf, promise, type Target } from "./target.ts";
import { promiseBalance, Wire } from "./wire.ts";

type End = "client" | "server";
type Step =
  | {
      readonly do: "send";
      readonly end: End;
      readonly channel: number;
      readonly count: number;
      readonly bytes: number;
    }
  | { readonly do: "flush"; readonly end: End }
  | { readonly do: "block"; readonly end: End; readonly bytes: number }
  | { readonly do: "deliver" | "lose" | "double"; readonly which: number; readonly count: number }
  | { readonly do: "resync" }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "move"; readonly to: number }
  | { readonly do: "turns"; readonly turns: number }
  | { readonly do: "close"; readonly end: End };

interface Input {
  /** Each end changes its key after so many packets. */
  readonly rekeyPackets: number;
  readonly isSealed: boolean;
  readonly steps: readonly Step[];
}

const end = fc.constantFrom<End>("client", "server");
const count = fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.nat(40));
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      end,
      channel: fc.constantFrom(RELIABLE, RELIABLE, UNRELIABLE, SEQUENCED, UNORDERED, LATEST, BULK),
      count: fc.oneof({ weight: 8, arbitrary: fc.nat(12) }, fc.constant(400)),
      bytes: fc.constantFrom(4, 4, 40, 300, 1_140, 1_141, 3_000, 30_000),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("flush" as const), end }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("block" as const), end, bytes: fc.constantFrom(1, 600, 1_140) }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom("deliver", "deliver", "deliver", "lose", "double"),
      which: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(100)),
      count,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.oneof(
        { weight: 9, arbitrary: fc.nat(100) },
        fc.constantFrom(333, 1_000, 3_100, 9_000, 12_000, 31_000),
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("turns" as const), turns: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("move" as const), to: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resync" as const) }) },
);
const inputs: fc.Arbitrary<Input> = fc.record({
  rekeyPackets: fc.constantFrom(1, 3, 10, 2 ** 20),
  isSealed: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
  steps: fc
    .tuple(
      fc.array(steps, { maxLength: 150, size: "max" }),
      fc.option(fc.record({ do: fc.constant("close" as const), end }), { freq: 3, nil: undefined }),
    )
    .map(([list, last]) => (last === undefined ? list : [...list, last])),
});

/** What one end has said, and the other must hear. */
class Promises {
  /** Messages by channel. */
  readonly said = [0, 0, 0, 0, 0, 0];
  /** Of reliable-latest: the newest value of each key. */
  readonly newest = new Map<number, number>();
}

/** Which value of a reliable-latest channel a message replaces. */
const keyOf = (number: number): number => number % 3;

function numbered(number: number, bytes: number): Uint8Array {
  const payload = new Uint8Array(bytes);
  new DataView(payload.buffer).setUint32(0, number);
  return payload;
}

function heardOn(saw: readonly Seen[], channel: number): number[] {
  return saw
    .filter((event) => event.kind === "message" && event.channel === channel)
    .map(({ payload }) => new DataView(payload.buffer, payload.byteOffset).getUint32(0));
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
}

/** Blocks of state say by their number whether they can be read. */
const isReadable = (number: number): boolean => number % 5 !== 4;

/** States that can follow one another, in one step or several. */
function reaches(from: ConnectionState, to: ConnectionState, past: readonly ConnectionState[] = []): boolean {
  const isNew = (next: ConnectionState): boolean => !past.includes(next);
  return from === to || TRANSITIONS[from].filter(isNew).some((next) => reaches(next, to, [...past, from]));
}

class Play {
  readonly wire: Wire;
  readonly client: Connection;
  readonly server: Connection;
  readonly said = { client: new Promises(), server: new Promises() };
  /** Of which end the last word is its goodbye. */
  closed = false;
  readonly blocks: QueuedBlocks;
  #blocksMade = 0;
  #resyncs = 0;
  #states: [ConnectionState, ConnectionState] = ["connected", "connected"];

  constructor({ rekeyPackets, isSealed }: Input) {
    const rekey = { packets: rekeyPackets, ms: 3_600_000 };
    const peerLimits = {
      ...{ messagesPerSecond: 1e9, messagesAtOnce: 1e9, bytesPerSecond: 1e9, bytesAtOnce: 1e9 },
      parseErrorsPerMinute: 1,
    };
    this.wire = new Wire(5, { rekey, peerLimits, plaintext: !isSealed });
    const joined = this.wire.joined({ rekey, plaintext: !isSealed });
    this.client = joined.endpoint.connection;
    this.server = this.wire.serverEnd(joined)!;
    this.blocks = new QueuedBlocks(this.server);
    this.client.readState = (bytes, start) =>
      isReadable(new DataView(bytes.buffer, bytes.byteOffset).getUint32(start));
  }

  take(step: Step): void {
    const { wire } = this;
    switch (step.do) {
      case "send":
        for (let i = 0; i < step.count; i += 1) this.#send(step.end, step.channel, step.bytes);
        break;
      case "block":
        if (step.end === "server") this.blocks.push(numbered(this.#blocksMade++, Math.max(4, step.bytes)));
        else this.client.queueInput(new Uint8Array(600), Math.min(step.bytes, 600), 7);
        break;
      case "flush":
        if (step.end === "server") wire.flushServer();
        else wire.flushClient(wire.clients[0]!);
        break;
      case "resync":
        this.#resyncs += 1;
        this.client.askResync();
        break;
      case "wait":
        wire.nowMs += step.ms;
        break;
      case "move":
        // In clear nobody is believed to have moved.
        if (this.client.seal !== undefined)
          wire.clients[0]!.address = { host: `10.3.0.${step.to}`, port: 4_000 };
        break;
      case "turns":
        wire.run(step.turns);
        break;
      case "close":
        this.closed = true;
        this[step.end].close("closed", "enough", wire.nowMs);
        break;
      default:
        for (let i = 0; i < Math.max(1, step.count); i += 1) this.#carry(step.do, step.which);
    }
    wire.drain();
    this.#promiseStates();
  }

  #send(who: End, channel: number, bytes: number): void {
    const { said, newest } = this.said[who];
    const number = said[channel]!;
    if (this[who].send(channel, numbered(number, bytes), keyOf(number)) !== "queued") return;
    said[channel] = number + 1;
    if (channel === LATEST) newest.set(keyOf(number), number);
  }

  #carry(what: "deliver" | "lose" | "double", which: number): void {
    const { underWay } = this.wire;
    if (underWay.length === 0) return;
    const at = which % underWay.length;
    const datagram = underWay[at]!;
    if (what !== "double") underWay.splice(at, 1);
    if (what !== "lose") this.wire.deliver(datagram);
  }

  #promiseStates(): void {
    const now: [ConnectionState, ConnectionState] = [this.client.state, this.server.state];
    for (const i of [0, 1] as const) {
      promise(reaches(this.#states[i], now[i]), `${this.#states[i]} does not become ${now[i]}`);
    }
    this.#states = now;
    promise(this.wire.underWay.length < 5_000, "nobody sends without end");
  }

  /** Of each packet the source hears once what became of it: that it arrived only if its block was taken. */
  promiseState(): void {
    const { told, carried } = this.blocks;
    const fates = new Map(told.map(({ number, fate }) => [number, fate]));
    promise(fates.size === told.length, "what became of a packet is told once");
    const seen = this.wire.clients[0]!.saw.filter(({ kind }) => kind === "state").map(({ payload }) =>
      new DataView(payload.buffer).getUint32(0),
    );
    const taken = new Set(seen);
    promise(taken.size === seen.length, "no block is told twice");
    promise(seen.every(isReadable), "what cannot be read is not told");
    for (const { number, block } of carried) {
      const isTaken = taken.has(new DataView(block.buffer).getUint32(0));
      promise(isTaken || fates.get(number) !== "acked", "what was not taken is not acked");
    }
    const resyncs = this.wire.serverSaw.filter(({ kind }) => kind === "resync").length;
    promise(resyncs <= this.#resyncs, "nobody asks for more than was asked");
  }

  promiseHeard(who: End, isWhole: boolean): void {
    const { said, newest } = this.said[who === "client" ? "server" : "client"];
    const saw = who === "client" ? this.wire.clients[0]!.saw : this.wire.serverSaw;
    for (const channel of [RELIABLE, UNORDERED, BULK]) {
      const heard = heardOn(saw, channel);
      const inOrder = channel === UNORDERED ? [...heard].sort((a, b) => a - b) : heard;
      const isOnce = inOrder.every((number, i) => number === i || (!isWhole && channel === UNORDERED));
      promise(isOnce, `the ${who} hears reliable messages once, and in order where that is promised`);
      promise(new Set(heard).size === heard.length, `the ${who} hears none of them twice`);
      promise(heard.length <= said[channel]!, `the ${who} hears nothing that was not said`);
      if (isWhole) promise(heard.length === said[channel]!, `the ${who} hears all ${said[channel]} of them`);
    }
    const latest = heardOn(saw, LATEST);
    for (const [key, last] of newest) {
      const ofKey = latest.filter((number) => keyOf(number) === key);
      promise(isRising(ofKey), `the ${who} never hears an older value`);
      if (isWhole) promise(ofKey.at(-1) === last, `the ${who} hears the newest value`);
    }
    const sequenced = heardOn(saw, SEQUENCED);
    promise(isRising(sequenced), `the ${who} never goes back in a sequence`);
    const unreliable = heardOn(saw, UNRELIABLE);
    promise(new Set(unreliable).size === unreliable.length, `the ${who} hears nothing unreliable twice`);
    promise(saw.filter(({ kind }) => kind === "disconnected").length <= 1, `the ${who} is told once`);
  }
}

function run(input: Input): string {
  const play = new Play(input);
  const { wire, client, server } = play;
  for (const step of input.steps) play.take(step);
  // The wire is clean from now on; what was under way arrives first.
  // A client's bulk is held to 128 KiB a second, and its queue has room for 2 MB of what is sent here.
  for (let turn = 0; turn < 1_400; turn += 1) {
    wire.run(1);
    const ends = [client, server].filter(({ state }) => state === "closed").length;
    // Who left by silence told nobody: the other end finds out by silence too.
    const isOver = play.closed || ends > 0;
    const isDone = isOver ? ends === 2 : client.unackedMessages + server.unackedMessages === 0;
    if (isDone && turn > 5) break;
  }
  const over = [client, server].filter(({ state }) => state === "closed").length;
  const timedOut = client.state === "closed" && !play.closed;
  if (play.closed || timedOut) promise(over === 2, "when one end is over, so is the other");
  // Waits of seconds without a word may end it; nothing else may.
  if (timedOut) promise(waits(input) >= 30_000, "nobody leaves without a reason");
  const lives = over === 0;
  play.promiseHeard("client", lives);
  play.promiseHeard("server", lives);
  play.promiseState();
  if (lives) promise(client.unackedMessages + server.unackedMessages === 0, "everything settles");
  promiseBalance(wire.server.counters, "the server");
  promiseBalance(wire.clients[0]!.endpoint.counters, "the client");
  const { refusedForged, refusedBody, refusedFrame, refusedAck } = wire.server.counters;
  promise(refusedBody + refusedFrame + refusedAck === 0, "neither end finds the other's packets unlawful");
  promise(lives || wire.server.connectionCount === 0, "a place is given back");
  const keyChanges = (client.seal?.keyChanges ?? 0) + (server.seal?.keyChanges ?? 0);
  promise(wire.server.counters.fragmentsContradictory === 0, "no piece contradicts another");
  promise(wire.server.counters.refusedRoom === 0, "no more is sent than the other end has to hold");
  const { messagesResent, fragmentsResent, refusedDuplicate, packetsLost } = wire.server.counters;
  const { refusedBlock } = wire.clients[0]!.endpoint.counters;
  const seen = { over, keyChanges, refusedBlock, refusedForged, messagesResent, fragmentsResent };
  return behaviourOf({ ...seen, refusedDuplicate, packetsLost });
}

function waits({ steps: list }: Input): number {
  return list.reduce((sum, step) => sum + (step.do === "wait" ? step.ms : 0), 0);
}

export const connectionTarget: Target<Input> = { name: "connection", inputs, run };
