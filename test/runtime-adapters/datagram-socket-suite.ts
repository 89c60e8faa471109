import { createSocket } from "node:dgram";
import { afterEach, describe, expect, it } from "vitest";
import type {
  DatagramBind,
  DatagramSocket,
  OpenDatagramSocket,
  SocketErrorKind,
} from "../../src/net/ports/datagram-socket.ts";
import { Outbox } from "../../src/net/ports/outbox.ts";
import type { PeerAddress } from "../../src/net/ports/peer-address.ts";

export interface SocketCapabilities {
  /** Moves what is under way, where the network does not move by itself. */
  readonly advance?: () => void;
  /** The socket reaches the real network: other programs, other addresses, the kernel's errors. */
  readonly isReal: boolean;
  /** The runtime can enlarge the kernel's receive buffer and tell its size. */
  readonly growsReceiveBuffer: boolean;
  /** Datagrams of one socket to another arrive in the order they were sent, on a link that keeps it. */
  readonly keepsOrder: boolean;
}

/** A kernel's default receive buffer holds 256 small datagrams, or 90 of 1200 bytes: bursts stay below. */
const BURST = 80;
const WAIT_MS = 5_000;

interface Heard {
  readonly bytes: Uint8Array;
  readonly from: PeerAddress;
}

/** A socket that keeps what it was told. */
class Ear {
  readonly heard: Heard[] = [];
  readonly errors: { kind: SocketErrorKind; detail: string; datagrams: number }[] = [];
  socket!: DatagramSocket;

  async open(open: OpenDatagramSocket, bind: DatagramBind): Promise<this> {
    this.socket = await open(bind, {
      onDatagram: (bytes, from) => this.heard.push({ bytes: bytes.slice(), from }),
      onError: (kind, detail, datagrams) => this.errors.push({ kind, detail, datagrams }),
    });
    return this;
  }

  /** The numbers heard, in the order they came where that is promised. */
  numbers(keepsOrder: boolean): number[] {
    const numbers = this.heard.map((one) => new DataView(one.bytes.buffer).getUint32(0));
    return keepsOrder ? numbers : numbers.sort((a, b) => a - b);
  }
}

/** Queues a datagram that says its number and is filled with what follows from it. */
function queue(outbox: Outbox, to: PeerAddress, number: number, length: number): void {
  const slot = outbox.open();
  slot.fill(number & 0xff, 0, length);
  if (length >= 4) new DataView(slot.buffer, slot.byteOffset).setUint32(0, number);
  outbox.commit(length, to);
}

function isIntact(bytes: Uint8Array): boolean {
  const number = new DataView(bytes.buffer).getUint32(0);
  return bytes.subarray(4).every((byte) => byte === (number & 0xff));
}

function numbersBelow(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

/** What every adapter's socket must do. */
export function datagramSocketSuite(
  name: string,
  open: OpenDatagramSocket,
  capabilities: SocketCapabilities,
): void {
  const { keepsOrder } = capabilities;
  describe(name, () => {
    const sockets: DatagramSocket[] = [];
    const ear = async (host = "127.0.0.1", port = 0, receiveBufferBytes?: number): Promise<Ear> => {
      const bind = receiveBufferBytes === undefined ? { host, port } : { host, port, receiveBufferBytes };
      const opened = await new Ear().open(open, bind);
      sockets.push(opened.socket);
      return opened;
    };
    const pause = async (ms: number): Promise<void> => {
      capabilities.advance?.();
      await new Promise((resolve) => setTimeout(resolve, ms));
    };
    /** Waits until `isDone`, or gives up: the assertions after it say what is missing. */
    const until = async (isDone: () => boolean): Promise<void> => {
      const giveUpMs = performance.now() + WAIT_MS;
      while (!isDone() && performance.now() < giveUpMs) await pause(1);
    };
    afterEach(async () => {
      await Promise.all(sockets.splice(0).map((socket) => socket.close()));
    });

    it("carries thousands of datagrams both ways, intact, with one outbox", async () => {
      const [left, right] = [await ear(), await ear()];
      const outbox = new Outbox();
      const total = BURST * 25;
      for (let sent = 0; sent < total; sent += BURST) {
        for (const [from, to] of [
          [left, right],
          [right, left],
        ] as const) {
          outbox.clear();
          for (let i = 0; i < BURST; i += 1)
            queue(outbox, to.socket.address, sent + i, 4 + ((sent + i) % 300));
          expect(from.socket.sendMany(outbox)).toBe(BURST);
        }
        await until(() => left.heard.length === sent + BURST && right.heard.length === sent + BURST);
      }
      for (const one of [left, right]) {
        expect(one.numbers(keepsOrder)).toEqual(numbersBelow(total));
        expect(one.heard.every(({ bytes }) => isIntact(bytes))).toBe(true);
        expect(one.heard.map(({ bytes }) => bytes.length).sort()).toEqual(
          numbersBelow(total)
            .map((number) => 4 + (number % 300))
            .sort(),
        );
        expect(one.errors).toEqual([]);
      }
      expect(left.heard[0]!.from).toEqual(right.socket.address);
      // One object per peer, however much it says.
      expect(new Set(left.heard.map(({ from }) => from)).size).toBe(1);
    });

    it("has taken the bytes when sendMany returns, from the first send on", async () => {
      const [sender, receiver] = [await ear(), await ear()];
      const outbox = new Outbox();
      for (let burst = 0; burst < 10; burst += 1) {
        outbox.clear();
        for (let i = 0; i < BURST; i += 1) queue(outbox, receiver.socket.address, burst * BURST + i, 1200);
        sender.socket.sendMany(outbox);
        for (let i = 0; i < BURST; i += 1) outbox.bytesOf(i).fill(0xee);
        await until(() => receiver.heard.length === (burst + 1) * BURST);
      }
      expect(receiver.numbers(keepsOrder)).toEqual(numbersBelow(BURST * 10));
      expect(receiver.heard.every(({ bytes }) => bytes.length === 1200 && isIntact(bytes))).toBe(true);
    });

    it("delivers an empty datagram as one", async () => {
      const [sender, receiver] = [await ear(), await ear()];
      const outbox = new Outbox();
      queue(outbox, receiver.socket.address, 0, 0);
      queue(outbox, receiver.socket.address, 7, 4);
      expect(sender.socket.sendMany(outbox)).toBe(2);
      await until(() => receiver.heard.length === 2);
      expect(receiver.heard.map(({ bytes }) => bytes.length).sort()).toEqual([0, 4]);
    });

    it("sends nothing for an empty outbox", async () => {
      const sender = await ear();
      expect(sender.socket.sendMany(new Outbox())).toBe(0);
      expect(sender.errors).toEqual([]);
    });

    it("speaks IPv6", async () => {
      const [left, right] = [await ear("::1"), await ear("::1")];
      const outbox = new Outbox();
      queue(outbox, right.socket.address, 1, 100);
      expect(left.socket.sendMany(outbox)).toBe(1);
      await until(() => right.heard.length === 1);
      expect(right.numbers(keepsOrder)).toEqual([1]);
      expect(right.heard[0]!.from).toEqual({ host: "::1", port: left.socket.address.port });
    });

    it("refuses a port that is taken with one clear sentence", async () => {
      const { port } = (await ear()).socket.address;
      await expect(ear("127.0.0.1", port)).rejects.toMatchObject({
        name: "SocketError",
        kind: "address-in-use",
        message: `UDP port 127.0.0.1:${port} is already in use`,
      });
    });

    it("refuses what is no address", async () => {
      await expect(ear("localhost")).rejects.toMatchObject({ kind: "address-unavailable" });
      await expect(ear("127.0.0.1", 70_000)).rejects.toMatchObject({ kind: "address-unavailable" });
    });

    it("is closed for good: no event, no send, and a second close is fine", async () => {
      const [sender, receiver] = [await ear(), await ear()];
      const outbox = new Outbox();
      for (let i = 0; i < 20; i += 1) queue(outbox, receiver.socket.address, i, 50);
      sender.socket.sendMany(outbox);
      const closing = receiver.socket.close();
      const heardAtClose = receiver.heard.length;
      await closing;
      await receiver.socket.close();
      expect(receiver.socket.sendMany(outbox)).toBe(0);
      await pause(30);
      expect(receiver.heard.length).toBe(heardAtClose);
      expect(receiver.errors).toEqual([]);
      // The port is free again.
      const next = await ear("127.0.0.1", receiver.socket.address.port);
      sender.socket.sendMany(outbox);
      await until(() => next.heard.length >= 20);
      expect(next.heard.length).toBeGreaterThanOrEqual(20);
    });

    it("gives its port to the next as soon as it is closed", async () => {
      const { socket } = await ear();
      let port = socket.address.port;
      await socket.close();
      for (let i = 0; i < 5; i += 1) {
        const next = await ear("127.0.0.1", port);
        port = next.socket.address.port;
        await next.socket.close();
      }
      expect(port).toBe(socket.address.port);
    });

    it("lets a dead peer harm nobody else", async () => {
      const [sender, live, dying] = [await ear(), await ear(), await ear()];
      const dead = dying.socket.address;
      await dying.socket.close();
      const outbox = new Outbox();
      const rounds = 20;
      for (let round = 0; round < rounds; round += 1) {
        outbox.clear();
        for (let i = 0; i < 50; i += 1) {
          queue(outbox, dead, 0, 40);
          queue(outbox, live.socket.address, round * 50 + i, 40);
        }
        sender.socket.sendMany(outbox);
        await until(() => live.heard.length === (round + 1) * 50);
      }
      expect(live.numbers(keepsOrder)).toEqual(numbersBelow(rounds * 50));
    });

    describe.runIf(capabilities.isReal)("on a real network", () => {
      it("hears IPv4 and IPv6 on ::, in plain spelling, and answers both", async () => {
        const [both, four, six] = [await ear("::"), await ear("127.0.0.1"), await ear("::1")];
        const { port } = both.socket.address;
        const outbox = new Outbox();
        queue(outbox, { host: "127.0.0.1", port }, 4, 10);
        four.socket.sendMany(outbox);
        outbox.clear();
        queue(outbox, { host: "::1", port }, 6, 10);
        six.socket.sendMany(outbox);
        await until(() => both.heard.length === 2);
        expect(both.heard.map(({ from }) => from.host).sort()).toEqual(["127.0.0.1", "::1"]);
        outbox.clear();
        for (const { bytes, from } of both.heard) queue(outbox, from, bytes[3]!, 10);
        both.socket.sendMany(outbox);
        await until(() => four.heard.length === 1 && six.heard.length === 1);
        expect([four.numbers(keepsOrder), six.numbers(keepsOrder)]).toEqual([[4], [6]]);
      });

      it("hands an oversized datagram to its owner as it is", async () => {
        const receiver = await ear();
        const stranger = createSocket("udp4");
        stranger.send(new Uint8Array(9_000).fill(5), receiver.socket.address.port, "127.0.0.1");
        await until(() => receiver.heard.length === 1);
        await new Promise<void>((resolve) => stranger.close(() => resolve()));
        expect(receiver.heard.map(({ bytes }) => bytes.length)).toEqual([9_000]);
      });

      it("reports what has no way, counts it, and sends the rest", async () => {
        const [sender, receiver] = [await ear(), await ear()];
        const outbox = new Outbox();
        const hopeless: PeerAddress[] = [
          { host: "127.0.0.1", port: 0 },
          { host: "240.0.0.1", port: 5 },
          { host: "::1", port: 5 },
        ];
        for (let round = 0; round < 5; round += 1) {
          for (const [i, to] of hopeless.entries()) {
            queue(outbox, receiver.socket.address, round * hopeless.length + i, 30);
            queue(outbox, to, 0, 30);
          }
        }
        sender.socket.sendMany(outbox);
        await until(() => receiver.heard.length === 15 && sender.errors.length === 15);
        expect(receiver.numbers(keepsOrder)).toEqual(numbersBelow(15));
        expect(sender.errors.map(({ kind }) => kind)).toEqual(Array(15).fill("unreachable"));
        expect(sender.errors.every(({ datagrams, detail }) => datagrams === 1 && detail !== "")).toBe(true);
      });

      it("refuses an address that this machine does not have", async () => {
        await expect(ear("203.0.113.7")).rejects.toMatchObject({
          kind: "address-unavailable",
          message: "UDP port 203.0.113.7:0 cannot be opened: this machine has no address 203.0.113.7",
        });
      });

      it("enlarges the receive buffer where the runtime can", async () => {
        const [small, large] = [await ear("127.0.0.1", 0, 1 << 14), await ear("127.0.0.1", 0, 1 << 20)];
        if (capabilities.growsReceiveBuffer) {
          expect(large.socket.receiveBufferBytes).toBeGreaterThan(small.socket.receiveBufferBytes!);
        } else {
          expect(large.socket.receiveBufferBytes).toBeUndefined();
        }
      });
    });
  });
}
