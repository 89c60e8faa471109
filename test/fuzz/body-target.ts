/**
 * Bodies that open: one end's real keys seal what a grammar made. What a slow twin finds lawful is taken whole,
 * all else is refused whole; who sends too much of it is told to go; others play on.
 */
import fc from "fast-check";
import type { Connection } from "../../src/net/connection/connection.ts";
import { type NetCounter, newNetCounters } from "../../src/net/wire/net-counters.ts";
import { RELIABLE, SERVER } from "../net/endpoint/rig.ts";
import { type BodyPlan, bodies, encodeNode, type Node } from "./body-grammar.ts";
import { judge, nearest } from "./body-judge.ts";
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
const BROKEN = ["refusedBody", "refusedAck", "refusedFrame"] as const satisfies readonly NetCounter[];

/** What the one spoken to must hear of the reliable channel: each id once and in order, as it first came. */
class Ear {
  next = 0;
  known = 0;
  readonly #early = new Map<number, string>();

  take(id: number, payload: Uint8Array): string[] {
    if (id < this.next || this.#early.has(id)) {
      this.known += 1;
      return [];
    }
    this.#early.set(id, toHex(payload));
    const heard: string[] = [];
    for (; this.#early.has(this.next); this.next += 1) {
      heard.push(this.#early.get(this.next)!);
      this.#early.delete(this.next);
    }
    return heard;
  }
}

class Session {
  readonly wire = new Wire(7);
  readonly bystander = this.wire.joined();
  readonly client = this.wire.joined();
  readonly listener: Connection;
  readonly #speaker: Connection;
  readonly #side: Input["speaker"];
  readonly #slot = new Uint8Array(1200);
  #number: number;
  #newestTaken: number;

  constructor(side: Input["speaker"]) {
    const atServer = this.wire.serverEnd(this.client)!;
    const atClient = this.client.endpoint.connection;
    this.#side = side;
    this.#speaker = side === "client" ? atClient : atServer;
    this.listener = side === "client" ? atServer : atClient;
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
      for (const connection of this.wire.server.connections()) {
        connection.queueState(new Uint8Array(1140), 1140);
      }
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
  const ear = new Ear();
  const total = newNetCounters();
  for (const { body: plan, skip, answers } of packets) {
    const body = session.bodyOf(plan);
    if (body.length > 1177 || listener.state !== "connected") continue;
    const before = { ...session.counters };
    const heard = session.saw.length;
    const { isLawful, frames } = judge(body, speaker, listener.acks.sent.newest, ear.next);
    session.say(body, skip);
    const news = session.saw.slice(heard);
    const taken = session.counters.accepted - before.accepted;
    promise(taken === (isLawful ? 1 : 0), `the twin finds it ${isLawful ? "lawful" : "unlawful"}`);
    const broken = BROKEN.reduce((sum, name) => sum + session.counters[name] - before[name], 0);
    promise(taken + broken === 1, "it is taken or refused");
    promise(
      isLawful || news.every(({ kind }) => kind === "disconnected"),
      "nothing of a refused body is told",
    );
    promiseHeard(news, frames, ear);
    for (const name of Object.keys(total) as NetCounter[])
      total[name] += session.counters[name] - before[name];
    if (answers) session.answer();
  }
  promise(total.messagesDuplicate === ear.known, "what had come before is counted so");
  promiseBudget(session, speaker, total);
  promiseBalance(wire.server.counters, "the server");
  promiseBalance(session.client.endpoint.counters, "the client");
  promiseBystander(wire, session.bystander);
  const { refusedBody, refusedAck, refusedFrame, accepted, messagesReceived, messagesDuplicate } = total;
  return (
    speaker +
    behaviourOf({ refusedBody, refusedAck, refusedFrame, accepted, messagesReceived, messagesDuplicate })
  );
}

/** Reliable messages: each once, in order; blocks: as many as there were, up to a goodbye. */
function promiseHeard(news: Wire["serverSaw"], frames: readonly (readonly unknown[])[], ear: Ear): void {
  const goodbye = frames.findIndex(([kind]) => kind === 3);
  const spoken = goodbye < 0 ? frames : frames.slice(0, goodbye);
  const expected = spoken
    .filter(([kind, channel]) => kind === 0 && channel === RELIABLE)
    .flatMap(([, , id, payload]) => ear.take(nearest(id as number, ear.next), payload as Uint8Array));
  const heard = news
    .filter(({ kind, channel }) => kind === "message" && channel === RELIABLE)
    .map(({ payload }) => toHex(payload));
  promise(heard.join() === expected.join(), `of reliable messages ${expected} are heard, not ${heard}`);
  const count = (name: string) => news.filter(({ kind }) => kind === name).length;
  for (const [kind, name] of [
    [1, "state"],
    [2, "input"],
    [5, "own"],
  ] as const) {
    const sent = spoken.filter((frame) => frame[0] === kind).length;
    promise(count(name) === sent, `${sent} blocks of ${name} are told, not ${count(name)}`);
  }
}

function promiseBudget(
  { listener, saw }: Session,
  speaker: string,
  counters: Record<NetCounter, number>,
): void {
  const errors = BROKEN.reduce((sum, name) => sum + counters[name], 0);
  const end = saw.find(({ kind, connection }) => kind === "disconnected" && connection === listener);
  if (speaker === "server") {
    promise(end === undefined || end.by === "peer", "a client does not leave for what its server sends");
    return;
  }
  promise(errors <= ERRORS_FORGIVEN + 1, "nothing is taken of who was told to go");
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
