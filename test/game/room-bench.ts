import { encodeOwn } from "../../src/game/replication/own-block.ts";
import { ReplicaView } from "../../src/game/replication/replica-view.ts";
import { SnapshotAssembler } from "../../src/game/replication/snapshot-assembler.ts";
import { SnapshotEncoder } from "../../src/game/replication/state-block.ts";
import { Room } from "../../src/game/room/room.ts";
import type { Client } from "../../src/game/schema/client-types.ts";
import type { BotThink } from "../../src/game/schema/define-bot.ts";
import type { Game } from "../../src/game/schema/define-game.ts";
import type { RoomRules } from "../../src/game/schema/define-room.ts";
import { encodeInputs, type InputReplica, packInput } from "../../src/game/schema/input-codec.ts";
import { decodeMessage, encodeMessage } from "../../src/game/schema/message-codec.ts";
import type { Avatar, InputValues, Mover, Shape } from "../../src/game/schema/shape.ts";
import type { Player } from "../../src/game/schema/world-types.ts";
import { hashedRandom } from "../../src/game/world/hashed-random.ts";
import { MsgpackWriter } from "../../src/net/bytes/msgpack-writer.ts";

const BLOCK_BYTES = 1150;

/** A room and bots in one process: everything passes through bytes, nothing through a network. */
export class RoomBench<S extends Shape> {
  readonly room: Room<S>;
  readonly clients: BenchClient<S>[] = [];
  readonly errors: unknown[] = [];
  readonly #encoder = new SnapshotEncoder();

  constructor(rules: RoomRules<S>, seed: number) {
    this.room = new Room(rules, {
      seed,
      deliver: (player, _channel, bytes) => {
        this.clients.find((client) => client.player === player)?.hear(bytes);
        return "queued";
      },
      onError: (error) => this.errors.push(error),
    });
  }

  join(name: string, think: BotThink<S>, seed: number): BenchClient<S> {
    const client = new BenchClient(this.room, this.room.join(name), think, seed);
    this.clients.push(client);
    return client;
  }

  /** One tick: bots think about what they saw last, the room steps, all are sent the state. */
  tick(): void {
    for (const client of this.clients) client.think();
    this.room.step();
    const snapshot = this.room.capture();
    const blocks = this.#encoder.encode(snapshot, BLOCK_BYTES);
    for (const client of this.clients) {
      const { player, assembler } = client;
      const writer = new MsgpackWriter().reset(new Uint8Array(BLOCK_BYTES));
      encodeOwn(snapshot, player.id, player.entity?.id ?? 0, writer);
      assembler.receiveOwn(writer.bytes, 0, writer.at);
      for (const block of blocks) client.see(block.bytes, block.length);
    }
  }
}

export class BenchClient<S extends Shape> {
  readonly player: Player<S>;
  readonly assembler: SnapshotAssembler;
  readonly replica: ReplicaView<S>;
  readonly heard: { name: string; values: Readonly<Record<string, unknown>> }[] = [];
  readonly #room: Room<S>;
  readonly #game: Game<S>;
  readonly #think: BotThink<S>;
  readonly #me: Client<S>;
  readonly #seed: number;
  #draws = 0;
  #input: InputReplica;

  constructor(room: Room<S>, player: Player<S>, think: BotThink<S>, seed: number) {
    this.#room = room;
    this.#game = room.game;
    this.player = player;
    this.assembler = new SnapshotAssembler(room.game);
    this.replica = new ReplicaView(room.game);
    this.#think = think;
    this.#seed = seed;
    this.#input = packInput(room.game, {});
    this.#me = this.#client();
  }

  think(): void {
    const wanted: Partial<InputValues<S>> = this.#think(this.#me, () => {
      this.#draws += 1;
      return hashedRandom(this.#seed, this.#draws, 0, 0);
    });
    this.#input = packInput(this.#game, wanted, this.#input);
    const writer = new MsgpackWriter().reset(new Uint8Array(512));
    encodeInputs(this.#game, writer, this.#room.tick, [this.#input]);
    this.#room.receiveInput(this.player, writer.bytes, 0, writer.at);
  }

  see(bytes: Uint8Array, length: number): void {
    const snapshot = this.assembler.receive(bytes, 0, length);
    if (snapshot !== undefined) this.replica.show(snapshot, this.assembler.own);
  }

  hear(bytes: Uint8Array): void {
    const message = decodeMessage(this.#game, "server", bytes);
    if (message === undefined) throw new Error("The room sent what no client can read.");
    this.heard.push({ name: message.name, values: message.values as Readonly<Record<string, unknown>> });
  }

  #client(): Client<S> {
    const { replica } = this;
    return {
      state: "playing",
      view: replica.view,
      get entity() {
        return replica.entity as Readonly<Mover<S, Avatar<S>>> | undefined;
      },
      setInput: () => {},
      send: (name, message) => {
        this.#room.receiveMessage(this.player, encodeMessage(this.#game, name, message)!);
        return "queued";
      },
      on: () => () => {},
      close: () => Promise.resolve(),
      closed: new Promise(() => {}),
    };
  }
}
