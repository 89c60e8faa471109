/**
 * Bodies that open: one end's real keys seal what a grammar made. What a slow twin finds lawful is taken whole,
 * all else is refused whole, and so is what its reader cannot read; who sends too much of it is told to go; others
 * play on.
 */
import fc from "fast-check";
import type { Connection } from "../../src/net/connection/connection.ts";
import { type NetCounter, newNetCounters } from "../../src/net/wire/net-counters.ts";
import { RELIABLE, SEQUENCED, SERVER, UNRELIABLE } from "../net/endpoint/rig.ts";
import { QueuedBlocks } from "../net/queued-blocks.ts";
import { Ears } from "./body-ears.ts";
import { type BodyPlan, bodies, encodeNode, type Node } from "./body-grammar.ts";
import { judge } from "./body-judge.ts";
import { fromHex, toHex } from "./hex.ts";
import { behaviourOf, promise, type Target } from "./target.ts";
import { promiseBalance, Wire, type WireClient } from "./wire.ts";

interface Input {
  readonly speaker: "client" | "server";
  readonly packets: readonly {
    readonly body: BodyPlan;
    /** Packet numbers left out before it. */
    readonly skip: number;
    /** The one spoken to speaks too, as it would each tick. */
    readonly answers: boolean;
  }[];
}

const inputs: fc.Arbitrary<Input> = fc.record({
  speaker: fc.constantFrom("client", "server"),
  packets: fc.array(
    fc.record({
      body: bodies,
      skip: fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 30, 1_100, 16_000),
      answers: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
    }),
    { maxLength: 70, size: "max" },
  ),
});

/** A good client makes none of these; the ninth within a minute ends it. */
const ERRORS_FORGIVEN = 8;
const MOST_FRAMES = 6;
const BROKEN = ["refusedBody", "refusedAck", "refusedFrame"] as const satisfies readonly NetCounter[];

/** As if the reader had not what some blocks build on. */
const isReadable = (block: Uint8Array): boolean => block.length === 0 || block[0]! % 4 !== 3;

class Session {
  readonly wire = new Wire(7);
  readonly bystander = this.wire.joined();
  readonly client = this.wire.joined();
  readonly listener: Connection;
  readonly #speaker: Connection;
  readonly #side: Input["speaker"];
  readonly #slot = new Uint8Array(1200);
  readonly #states: readonly QueuedBlocks[];
  /** Blocks of state that the listener was given to read. */
  readonly read: Uint8Array[] = [];
  #number: number;
  #newestTaken: number;

  constructor(side: Input["speaker"]) {
    const atServer = this.wire.serverEnd(this.client)!;
    const atClient = this.client.endpoint.connection;
    this.#side = side;
    this.#speaker = side === "client" ? atClient : atServer;
    this.listener = side === "client" ? atServer : atClient;
    this.#states = [...this.wire.server.connections()].map((connection) => new QueuedBlocks(connection));
    this.listener.readState = (bytes, start, end) => {
      this.read.push(bytes.slice(start, end));
      return isReadable(this.read.at(-1)!);
    };
    this.#number = this.#speaker.acks.sent.newest;
    this.#newestTaken = this.#number;
  }

  get counters() {
    return this.#side === "client" ? this.wire.server.counters : this.client.endpoint.counters;
  }

  get saw() {
    return this.#side === "client" ? this.wire.serverSaw : this.client.saw;
  }

  bodyOf({ head, frames, tail }: BodyPlan): Uint8Array {
    const ack = (this.listener.acks.sent.newest - head.ackBelow + 0x1_0000) % 0x1_0000;
    const more = this.#side === "client" ? [] : [5, 3];
    const nodes: Node = [ack, head.missing, head.delay, ...more, ...frames];
    return Uint8Array.from([...encodeNode(nodes), ...fromHex(tail)]);
  }

  /** A lawful sender is never more numbers ahead of what was taken, lest 16 bits be misunderstood. */
  say(body: Uint8Array, skip: number): void {
    this.#number += this.#number + skip - this.#newestTaken < 16_384 ? 1 + skip : 1;
    const before = this.counters.accepted;
    const { id } = this.#speaker;
    const [n, slot] = [this.#number, this.#slot];
    const header =
      this.#side === "client" ? [9, id >>> 24, id >>> 16, id >>> 8, id, n >>> 8, n] : [9, n >>> 8, n];
    slot.set(header);
    slot.set(body, header.length);
    const length = this.#speaker.seal!.seal(slot, header.length, header.length + body.length, n);
    const [from, to] =
      this.#side === "client" ? [this.client.address, SERVER] : [SERVER, this.client.address];
    this.wire.deliver({ bytes: slot.slice(0, length), from, to });
    if (this.counters.accepted > before) this.#newestTaken = this.#number;
  }

  answer(): void {
    if (this.#side === "client") {
      for (const states of this.#states) states.tell(new Uint8Array(1140));
      this.wire.flushServer();
    } else {
      this.client.endpoint.connection.queueInput(new Uint8Array(600), 600, 1);
      this.wire.flushClient(this.client);
    }
  }
}

function run({ speaker, packets }: Input): string {
  const session = new Session(speaker);
  const { wire, listener } = session;
  const ears = new Ears();
  const total = newNetCounters();
  for (const { body: plan, skip, answers } of packets) {
    const body = session.bodyOf(plan);
    if (body.length > 1177 || listener.state !== "connected") continue;
    const before = { ...session.counters };
    const heard = session.saw.length;
    const judgement = judge(body, speaker, listener.acks.sent.newest, ears.expects);
    const hasRoom = !judgement.isLawful || ears.hasRoom(judgement.frames);
    const isLawful = judgement.isLawful && hasRoom;
    const states = isLawful ? judgement.frames.filter(([kind]) => kind === 1) : [];
    const isRead = states.every(([, block]) => isReadable(block as Uint8Array));
    const isTaken = isLawful && isRead;
    const frames = isTaken ? judgement.frames : [];
    session.read.length = 0;
    session.say(body, skip);
    const news = session.saw.slice(heard);
    const taken = session.counters.accepted - before.accepted;
    promise(taken === (isTaken ? 1 : 0), `the twin finds it ${isLawful ? "lawful" : "unlawful"}`);
    promise(session.read.length === states.length, "state is read once, of what is lawful in all else");
    const broken = BROKEN.reduce((sum, name) => sum + session.counters[name] - before[name], 0);
    const refused = session.counters.refusedRoom - before.refusedRoom;
    promise(refused === (hasRoom ? 0 : 1), "for want of room nothing else is refused");
    const unread = session.counters.refusedBlock - before.refusedBlock;
    promise(unread === (isRead ? 0 : 1), "what cannot be read is refused for that");
    promise(taken + broken + refused + unread === 1, "it is taken or refused");
    promise(
      isTaken || news.every(({ kind }) => kind === "disconnected"),
      "nothing of a refused body is told",
    );
    promiseHeard(news, frames, ears);
    for (const name of Object.keys(total) as NetCounter[])
      total[name] += session.counters[name] - before[name];
    if (answers) session.answer();
  }
  promise(total.messagesDuplicate === ears.known, "what had come before is counted so");
  promise(total.fragmentsContradictory >= ears.contradictions, "what contradicts is counted");
  promiseBudget(session, speaker, total);
  promiseBalance(wire.server.counters, "the server");
  promiseBalance(session.client.endpoint.counters, "the client");
  promiseBystander(wire, session.bystander);
  const {
    refusedBody,
    refusedAck,
    refusedFrame,
    refusedBlock,
    accepted,
    messagesReceived,
    messagesDuplicate,
  } = total;
  const { fragmentsReceived, fragmentsContradictory } = total;
  const pieces = { fragmentsReceived, fragmentsContradictory };
  const broken = { refusedBody, refusedAck, refusedFrame, refusedBlock };
  return speaker + behaviourOf({ ...broken, accepted, messagesReceived, messagesDuplicate, ...pieces });
}

/** Reliable messages: each once, in order; blocks and wishes: as many as there were, up to a goodbye. */
function promiseHeard(news: Wire["serverSaw"], frames: readonly (readonly unknown[])[], ears: Ears): void {
  const goodbye = frames.findIndex(([kind]) => kind === 3);
  const spoken = goodbye < 0 ? frames : frames.slice(0, goodbye);
  const expected = spoken.flatMap((frame) => ears.take(frame));
  const heard = news
    .filter(({ kind, channel }) => kind === "message" && channel !== UNRELIABLE && channel !== SEQUENCED)
    .map(({ channel, payload }) => `${channel} ${toHex(payload)}`);
  promise(heard.join() === expected.join(), `of reliable messages ${expected} are heard, not ${heard}`);
  const count = (name: string) => news.filter(({ kind }) => kind === name).length;
  for (const [kind, name] of [
    [1, "state"],
    [2, "input"],
    [5, "own"],
    [10, "resync"],
  ] as const) {
    const sent = spoken.filter((frame) => frame[0] === kind).length;
    promise(count(name) === sent, `${sent} frames of ${name} are told, not ${count(name)}`);
  }
}

function promiseBudget(
  { listener, saw }: Session,
  speaker: string,
  counters: Record<NetCounter, number>,
): void {
  const errors = BROKEN.reduce((sum, name) => sum + counters[name], 0) + counters.fragmentsContradictory;
  const end = saw.find(({ kind, connection }) => kind === "disconnected" && connection === listener);
  if (speaker === "server") {
    promise(end === undefined || end.by === "peer", "a client does not leave for what its server sends");
    return;
  }
  // A packet is taken as a whole, with as many contradictions as it has frames.
  promise(errors <= ERRORS_FORGIVEN + MOST_FRAMES, "nothing is taken of who was told to go");
  if (errors > ERRORS_FORGIVEN) promise(end?.reason === "protocol-error", "too many broken packets end it");
  else promise(end === undefined || end.by === "peer", "some broken packets are forgiven");
}

function promiseBystander(wire: Wire, bystander: WireClient): void {
  const heard = wire.serverSaw.length;
  bystander.endpoint.send(RELIABLE, Uint8Array.of(9, 9));
  wire.run(4);
  const told = wire.serverSaw.slice(heard).filter(({ payload }) => payload.join() === "9,9");
  promise(told.length === 1, "who did nothing wrong plays on");
}

export const bodyTarget: Target<Input> = { name: "bodies", inputs, run };
