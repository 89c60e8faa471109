/**
 * Runs under Bun: sends well-formed, full-size HELLOs to a UDP port of this machine from 10,000 loopback
 * addresses, as fast as it is told to, by sendmmsg with a source address per datagram (IP_PKTINFO).
 *
 *   bun hello-flooder.ts PORT PER_SECOND SECONDS SEED DEFINITION_HASH_HEX
 *
 * Prints one line of JSON: { sent, seconds, repliesSeen, largestReply }.
 *
 *   struct mmsghdr 64 B  name ptr 0, namelen u32 8, iov ptr 16, iovlen u64 24, control ptr 32, controllen u64 40
 *   struct iovec   16 B  base ptr 0, length u64 8
 *   cmsg           32 B  length u64 0, level i32 8 (IPPROTO_IP), type i32 12 (IP_PKTINFO), in_pktinfo 16:
 *                        interface i32, source address 4 B, destination address 4 B
 */
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";
import { SeededRandom } from "../../../src/net/bytes/seeded-random.ts";
import { writeHello } from "../../../src/net/wire/handshake-packets.ts";
import { HELLO_BYTES } from "../../../src/net/wire/limits.ts";

interface Ffi {
  dlopen(
    name: string,
    symbols: Record<string, { args: readonly string[]; returns: string }>,
  ): { symbols: Record<string, (...args: (number | bigint | Uint8Array)[]) => number> };
  ptr(memory: ArrayBufferView): number;
}

const [portText, perSecondText, secondsText, seedText, hashHex] = process.argv.slice(2);
const port = Number(portText);
const perSecond = Number(perSecondText);
const seconds = Number(secondsText);
const ADDRESSES = 10_000;
const BATCH = 500;

const ffi = process.getBuiltinModule("bun:ffi" as never) as unknown as Ffi;
const libc = ffi.dlopen("libc.so.6", {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  sendmmsg: { args: ["i32", "ptr", "u32", "i32"], returns: "i32" },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
}).symbols;

const random = new SeededRandom(Number(seedText));
const hellos = new Uint8Array(ADDRESSES * HELLO_BYTES);
const headers = new Uint8Array(ADDRESSES * 64);
const iovecs = new Uint8Array(ADDRESSES * 16);
const controls = new Uint8Array(ADDRESSES * 32);
const target = sockaddr(127, 0, 0, 1, port);
fillMessages();

const fd = libc.socket!(2, 2, 0);
const wanted = new Int32Array([4 * 1024 * 1024]);
libc.setsockopt!(fd, 1, 32, ffi.ptr(wanted), 4); // SO_SNDBUFFORCE
libc.setsockopt!(fd, 1, 33, ffi.ptr(wanted), 4); // SO_RCVBUFFORCE
// All of 127.0.0.0/8 is ours, so replies to the forged sources come back here.
if (libc.bind!(fd, ffi.ptr(sockaddr(0, 0, 0, 0, 0)), 16) !== 0) throw new Error("bind failed");

const reply = new Uint8Array(2048);
let sent = 0;
let repliesSeen = 0;
let largestReply = 0;
let at = 0;
const startMs = performance.now();
for (;;) {
  const elapsedMs = performance.now() - startMs;
  if (elapsedMs >= seconds * 1000) break;
  if (sent < (elapsedMs * perSecond) / 1000) {
    const taken = libc.sendmmsg!(fd, ffi.ptr(headers.subarray(at * 64)), BATCH, 0);
    if (taken > 0) sent += taken;
    at = (at + BATCH) % ADDRESSES;
  } else {
    drainReplies();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}
const tookSeconds = (performance.now() - startMs) / 1000;
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
drainReplies();
console.log(JSON.stringify({ sent, seconds: tookSeconds, repliesSeen, largestReply }));

function drainReplies(): void {
  for (;;) {
    const length = Number(libc.recv!(fd, ffi.ptr(reply), reply.length, 0x40));
    if (length <= 0) return;
    repliesSeen += 1;
    largestReply = Math.max(largestReply, length);
  }
}

function fillMessages(): void {
  const view = new DataView(headers.buffer);
  const iov = new DataView(iovecs.buffer);
  const control = new DataView(controls.buffer);
  const pointers = {
    hellos: BigInt(ffi.ptr(hellos)),
    iovecs: BigInt(ffi.ptr(iovecs)),
    controls: BigInt(ffi.ptr(controls)),
    target: BigInt(ffi.ptr(target)),
  };
  const definitionHash = Uint8Array.from({ length: 32 }, (_, i) =>
    Number.parseInt(hashHex!.slice(i * 2, i * 2 + 2), 16),
  );
  for (let i = 0; i < ADDRESSES; i += 1) {
    const clientRandom = new Uint8Array(16);
    random.fill(clientRandom);
    const clientKey = new Uint8Array(32);
    random.fill(clientKey);
    const writer = new MsgpackWriter().reset(hellos, i * HELLO_BYTES, (i + 1) * HELLO_BYTES);
    // The padding is already there: the memory is fresh.
    writeHello(writer, { minVersion: 1, maxVersion: 1, definitionHash, clientRandom, clientKey });
    iov.setBigUint64(i * 16, pointers.hellos + BigInt(i * HELLO_BYTES), true);
    iov.setBigUint64(i * 16 + 8, BigInt(HELLO_BYTES), true);
    control.setBigUint64(i * 32, 28n, true);
    control.setInt32(i * 32 + 8, 0, true);
    control.setInt32(i * 32 + 12, 8, true);
    controls.set([127, 1 + (i >> 8), i & 255, 7], i * 32 + 20);
    view.setBigUint64(i * 64, pointers.target, true);
    view.setUint32(i * 64 + 8, 16, true);
    view.setBigUint64(i * 64 + 16, pointers.iovecs + BigInt(i * 16), true);
    view.setBigUint64(i * 64 + 24, 1n, true);
    view.setBigUint64(i * 64 + 32, pointers.controls + BigInt(i * 32), true);
    view.setBigUint64(i * 64 + 40, 32n, true);
  }
}

function sockaddr(a: number, b: number, c: number, d: number, atPort: number): Uint8Array {
  const address = new Uint8Array(16);
  address.set([2, 0, atPort >> 8, atPort & 255, a, b, c, d]);
  return address;
}
