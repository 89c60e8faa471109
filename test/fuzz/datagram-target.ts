/**
 * Raw datagrams into a live server and a live client: real packets of a real handshake and play, damaged,
 * doubled, out of order and from wrong addresses. Sealed packets that were touched never open, so the game that
 * is being played must not notice.
 */
import fc from "fast-check";
import type { Connection } from "../../src/net/connection/connection.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";
import { PacketType } from "../../src/net/wire/packet-type.ts";
import type { Seen } from "../net/endpoint/rig.ts";
import { RELIABLE, SERVER, UNRELIABLE } from "../net/endpoint/rig.ts";
import { QueuedBlocks } from "../net/queued-blocks.ts";
import { type Damage, damaged, damages } from "./damage.ts";
import { behaviourOf, promise, type Target } from "./target.ts";
import { type Datagram, promiseBalance, Wire, type WireClient } from "./wire.ts";

interface Shot {
  /** Which of the packets seen so far. */
  readonly packet: number;
  /** Makes a packet of play another: of so many numbers on, and of this phase of keys. */
  readonly renumber?: { readonly by: number; readonly phase: 0 | 1 } | undefined;
  readonly damages: readonly Damage[];
  /** As if from its sender, from someone else's address, or from a stranger. */
  readonly from: "sender" | "player" | "stranger";
  /** To whom it was sent, or back to its sender. */
  readonly to: "receiver" | "sender";
  /** Turns of the game after it. */
  readonly turns: number;
}

interface Input {
  /** Turns of the first client's life before the first shot: below 6 it is not yet in. */
  readonly beginAt: number;
  readonly shots: readonly Shot[];
}

const STRANGER: PeerAddress = { host: "10.6.6.6", port: 666 };

const inputs: fc.Arbitrary<Input> = fc.record({
  beginAt: fc.oneof(fc.constant(12), fc.nat(8)),
  shots: fc.array(
    fc.record({
      packet: fc.oneof(fc.nat(8), fc.nat(200)),
      renumber: fc.option(
        fc.record({
          by: fc.oneof(fc.nat(200), fc.nat(16_000)),
          phase: fc.constantFrom<0 | 1>(0, 1),
        }),
        { freq: 3, nil: undefined },
      ),
      damages: fc.array(damages, { maxLength: 3 }),
      from: fc.constantFrom("sender", "sender", "player", "stranger"),
      to: fc.constantFrom("receiver", "receiver", "receiver", "sender"),
      turns: fc.oneof(fc.constant(0), fc.nat(3)),
    }),
    { maxLength: 60, size: "max" },
  ),
});

const numbersHeard = (saw: readonly Seen[], on: number): number[] =>
  saw.filter(({ kind, channel }) => kind === "message" && channel === on).map(({ payload }) => payload[0]!);

function renumbered({ bytes, to }: Datagram, { by, phase }: NonNullable<Shot["renumber"]>): Uint8Array {
  const at = to.host === SERVER.host ? 5 : 1;
  if ((bytes[0] !== PacketType.Data && bytes[0] !== PacketType.DataOdd) || bytes.length < at + 2)
    return bytes;
  const number = bytes[at]! * 256 + bytes[at + 1]! + by;
  const copy = bytes.with(0, phase === 0 ? PacketType.Data : PacketType.DataOdd);
  copy.set([number >>> 8, number], at);
  return copy;
}

/** Two players, the first of whom is shot at; each sends numbered messages both ways. */
class Game {
  readonly wire = new Wire(11);
  readonly player = this.wire.joined();
  readonly victim = this.wire.join();
  sent = 0;
  readonly #blocks = new Map<Connection, QueuedBlocks>();

  turn(turns: number): void {
    this.wire.run(turns, () => {
      if (this.sent >= 200) return;
      for (const client of [this.player, this.victim]) {
        const end = this.wire.serverEnd(client);
        // Before both ends are there, the message would be one end's alone.
        if (this.victim.endpoint.connection.state !== "connected" || end?.state !== "connected") return;
      }
      for (const client of [this.player, this.victim]) {
        client.endpoint.send(RELIABLE, Uint8Array.of(this.sent));
        client.endpoint.send(UNRELIABLE, new Uint8Array(40).fill(this.sent));
        this.wire.serverEnd(client)!.send(UNRELIABLE, new Uint8Array(40).fill(this.sent));
        this.wire.serverEnd(client)!.send(RELIABLE, Uint8Array.of(this.sent));
        this.#blocksOf(this.wire.serverEnd(client)!).tell(new Uint8Array(1140));
      }
      this.sent += 1;
    });
  }

  #blocksOf(connection: Connection): QueuedBlocks {
    const blocks = this.#blocks.get(connection) ?? new QueuedBlocks(connection);
    this.#blocks.set(connection, blocks);
    return blocks;
  }

  heardByServerOf({ endpoint }: WireClient): Seen[] {
    const { id } = endpoint.connection;
    return this.wire.serverSaw.filter(({ connection }) => connection.id === id);
  }
}

function run({ beginAt, shots }: Input): string {
  const game = new Game();
  const { wire, player, victim } = game;
  game.turn(beginAt);
  const wasInside = victim.endpoint.connection.state === "connected";
  const shotFrom = new Map<string, number>();
  for (const shot of shots) {
    const seen = wire.sent[shot.packet % wire.sent.length]!;
    const others = wire.sent.map(({ bytes }) => bytes);
    const first = shot.renumber === undefined ? seen.bytes : renumbered(seen, shot.renumber);
    const bytes = shot.damages.reduce((sum, damage) => damaged(sum, damage, others), first);
    const from = shot.from === "sender" ? seen.from : shot.from === "player" ? player.address : STRANGER;
    const to = shot.to === "receiver" ? seen.to : seen.from;
    if (to.host === SERVER.host) shotFrom.set(from.host, (shotFrom.get(from.host) ?? 0) + bytes.length);
    wire.deliver({ bytes, from, to });
    promise(wire.server.connectionCount <= 2, "no more connections than tokens");
    game.turn(shot.turns);
  }
  game.turn(10);
  const toStranger = wire.sent.filter(({ to }) => to.host === STRANGER.host);
  const bytesToStranger = toStranger.reduce((sum, { bytes }) => sum + bytes.length, 0);
  // A packet that opens makes its sender's address be asked, within the bound of RFC 9000; nothing else answers more.
  const isChallenged = wire.server.counters.pathsAsked > 0;
  const most = (shotFrom.get(STRANGER.host) ?? 0) * (isChallenged ? 3 : 1);
  promise(bytesToStranger <= most, "a stranger is not sent more than it may make us send");
  promiseBalance(wire.server.counters, "the server");
  for (const { endpoint } of wire.clients) promiseBalance(endpoint.counters, "a client");
  promisePlay(game, player);
  if (wasInside) promisePlay(game, victim);
  // Whatever became of an attempt under fire, there is room and time for another.
  wire.joined();
  return behaviourOf(refusals(wire.server.counters)) + behaviourOf(refusals(victim.endpoint.counters));
}

function promisePlay(game: Game, client: WireClient): void {
  promise(client.endpoint.connection.state === "connected", "who was inside stays inside");
  const all = Array.from({ length: game.sent }, (_, n) => n).join();
  for (const saw of [client.saw, game.heardByServerOf(client)]) {
    promise(numbersHeard(saw, RELIABLE).join() === all, "every reliable message is heard once and in order");
    const unreliable = numbersHeard(saw, UNRELIABLE);
    promise(new Set(unreliable).size === unreliable.length, "nothing is heard twice");
  }
}

function refusals(counters: object): Record<string, number> {
  return Object.fromEntries(Object.entries(counters).filter(([name]) => name.startsWith("refused")));
}

export const datagramTarget: Target<Input> = { name: "datagrams", inputs, run };
