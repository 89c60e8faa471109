import type { Connection } from "../../../src/net/connection/connection.ts";
import type { PacketKey } from "../../../src/net/crypto/packet-cipher.ts";
import { PacketSeal } from "../../../src/net/crypto/packet-seal.ts";
import { nextPacketKey } from "../../../src/net/crypto/session-keys.ts";
import { PacketType } from "../../../src/net/wire/packet-type.ts";
import {
  BULK,
  CHANNELS,
  LATEST,
  RELIABLE,
  SEQUENCED,
  sodium,
  UNORDERED,
  UNRELIABLE,
} from "../../net/endpoint/rig.ts";
import { QueuedBlocks } from "../../net/queued-blocks.ts";
import { hex, unhex } from "../hex.ts";
import { plainBody } from "../plain-values.ts";
import { opened, plainKey, type Shaken, shakeHands } from "./handshake-vectors.ts";
import { CLIENT_ADDRESS, flushed, give, START_MS } from "./wire.ts";

const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export function dataVectors(): object {
  const shaken = shakeHands(300);
  const { toServer, toClient } = shaken.keys;
  return {
    connectionId: shaken.client.connection.id,
    channels: CHANNELS.map(({ kind }) => kind),
    toServer: plainKey(toServer),
    toClient: plainKey(toClient),
    packets: new Talk(shaken).packets(),
    keyUpdate: keyUpdate(toClient),
  };
}

/** A conversation between both ends in which every kind of frame occurs. */
class Talk {
  readonly #shaken: Shaken;
  readonly #packets: object[] = [];
  readonly #numbers = { client: 0, server: 0 };
  #clientAt = CLIENT_ADDRESS;
  #nowMs = START_MS;

  constructor(shaken: Shaken) {
    this.#shaken = shaken;
  }

  packets(): object[] {
    const { client, server } = this.#shaken;
    this.#turn("ping, the first packet", "client");
    const peer = [...server.connections()][0] as Connection;
    peer.tick = 301;
    const states = new QueuedBlocks(peer);
    peer.queueOwn(text("own block"), 9);
    states.push(text("state block"));
    this.#turn("own and state", "server");
    client.send(RELIABLE, text("first"));
    client.send(RELIABLE, text("second"));
    client.send(UNRELIABLE, text("perhaps"));
    client.send(SEQUENCED, text("newest"));
    client.connection.queueInput(text("input block"), 11, 310);
    this.#turn("input and messages", "client");
    peer.tick = 302;
    peer.inputLead = -32;
    for (const channel of [RELIABLE, UNRELIABLE, SEQUENCED]) peer.send(channel, text(`down ${channel}`));
    this.#turn("messages, the least input lead", "server");
    this.#turn("acks alone", "client");
    for (let i = 0; i < 6; i += 1) {
      client.connection.queueInput(text("i"), 1, 311 + i);
      this.#turn(i % 2 === 0 ? "input that arrives" : "input that gets lost", "client", i % 2 === 1);
    }
    peer.tick = 65_536 + 302;
    peer.inputLead = 127;
    peer.queueOwn(new Uint8Array(0), 0);
    this.#turn("missing bits, a tick past 16 bits, an empty block", "server");
    for (let i = 0; i < 40; i += 1) this.#turn("many", "client", i % 5 === 3 || (i > 10 && i < 18), true);
    this.#nowMs += 200;
    states.push(text("s"));
    this.#turn("ack ranges, a long delay", "server");
    for (let i = 0; i < 20; i += 1) client.send(UNRELIABLE, text(`${i}`));
    this.#turn("more than 15 elements", "client");
    states.push(new Uint8Array(1140).fill(0x5a));
    this.#turn("a block at its largest", "server");
    client.send(RELIABLE, counting(1_300));
    this.#turn("a message in fragments", "client");
    peer.send(UNORDERED, text("once"));
    peer.send(LATEST, text("newest of 200"), 200);
    peer.send(LATEST, counting(1_200), 3);
    peer.send(BULK, text("whole"));
    this.#turn("unordered, keyed, keyed fragments, bulk", "server");
    this.#clientAt = { ...this.#clientAt, port: this.#clientAt.port + 1 };
    this.#turn("from another address", "client", false, true);
    this.#turn("path challenge to the new address, acks to the former", "server");
    this.#turn("path response", "client");
    client.connection.askResync();
    this.#turn("all state anew, asked for", "client");
    peer.close("kicked", "größe", this.#nowMs);
    this.#turn("goodbye", "server", true);
    client.close("closed", "", this.#nowMs);
    this.#turn("goodbye", "client", true);
    return this.#packets;
  }

  /** Lets one end send, and the other receive unless it gets lost. `quiet`: sent, but no vector. */
  #turn(name: string, from: "client" | "server", isLost = false, quiet = false): void {
    const { client, server, keys } = this.#shaken;
    this.#nowMs += 33;
    if (quiet) client.connection.queueInput(text("q"), 1, 400);
    const [sender, receiver] = from === "client" ? [client, server] : [server, client];
    for (const packet of flushed(sender, this.#nowMs)) {
      this.#numbers[from] += 1;
      if (!quiet) this.#note(name, from, packet, from === "client" ? keys.toServer : keys.toClient);
      if (!isLost) give(receiver, packet, this.#nowMs, this.#clientAt);
    }
  }

  #note(name: string, from: "client" | "server", packet: Uint8Array, key: PacketKey): void {
    const number = this.#numbers[from];
    const headerEnd = from === "client" ? 7 : 3;
    const body = opened(packet, headerEnd, key, number);
    const bytes = { packet: hex(packet), body: hex(body) };
    this.#packets.push({ name, from, number, ...bytes, decoded: plainBody(body, from) });
  }
}

/** Packets of one direction that change key every four, each acked at once. */
function keyUpdate(first: PacketKey): object {
  const other = { key: unhex("00".repeat(32)), iv: unhex("00".repeat(12)) };
  const rule = { packets: 4, ms: Number.POSITIVE_INFINITY };
  const seal = new PacketSeal(sodium, sodium.packetCipher(), first, other, rule);
  const body = unhex("9600000000009104");
  const phases: PacketKey[] = [first];
  const packets: object[] = [];
  for (let number = 1; number <= 12; number += 1) {
    const bytes = new Uint8Array(1200);
    const type = seal.typeOf(number, number - 1, 0);
    if (seal.keyChanges === phases.length) phases.push(nextPacketKey(sodium, phases.at(-1)!));
    bytes.set([type, number >> 8, number & 0xff, ...body]);
    const length = seal.seal(bytes, 3, 3 + body.length, number);
    const phase = type === PacketType.Data ? 0 : 1;
    packets.push({ number, phase, keyIndex: phases.length - 1, packet: hex(bytes.subarray(0, length)) });
  }
  return { everyPackets: 4, keys: phases.map(plainKey), body: hex(body), packets };
}
