/**
 * All peers of one server socket. No I/O: datagrams come in through `receive`, go out through `flush`, and what
 * happened is fetched with `nextEvent`. A peer is its ConnectionId; its address is only where it was proven to be.
 */
import { MAX_DATAGRAM_BYTES } from "../bytes/datagram-limit.ts";
import type { SendResult } from "../channel/channel-kind.ts";
import { Connection } from "../connection/connection.ts";
import { EventQueue, type NetEvent } from "../connection/event-queue.ts";
import { DEFAULT_PEER_LIMITS, PeerBudget } from "../connection/peer-budget.ts";
import { type Peer, PeerTable } from "../connection/peer-table.ts";
import {
  type Admission,
  DEFAULT_HANDSHAKE_LIMITS,
  type Refusal,
  ServerHandshake,
} from "../connection/server-handshake.ts";
import { resetTokenOf } from "../crypto/connect-proof.ts";
import { type BackendKey, EXPIRY_SKEW_S, type TokenClaims } from "../crypto/connect-token.ts";
import type { PacketCipher } from "../crypto/packet-cipher.ts";
import { DEFAULT_REKEY, PacketSeal } from "../crypto/packet-seal.ts";
import { deriveSessionKeys } from "../crypto/session-keys.ts";
import { DEFAULT_AUDIENCE, DEVELOPMENT_KEY } from "../crypto/token-issuer.ts";
import type { Outbox } from "../ports/outbox.ts";
import { isLoopback, type PeerAddress, sameAddress } from "../ports/peer-address.ts";
import { CLIENT_HEADER_BYTES, readU16, readU32 } from "../wire/data-packet.ts";
import type { DisconnectReason } from "../wire/disconnect-reason.ts";
import { RESET_BYTES } from "../wire/handshake-packets.ts";
import { MAX_PROTOCOL_VERSION, MIN_PROTOCOL_VERSION } from "../wire/limits.ts";
import { type NetCounters, newNetCounters } from "../wire/net-counters.ts";
import { PacketType } from "../wire/packet-type.ts";
import type { ServerEndpointOptions } from "./server-endpoint-options.ts";

/** An accepted client that says nothing gives its place back. */
const ACCEPTED_TIMEOUT_MS = 5_000;

export class ServerEndpoint {
  readonly counters: NetCounters = newNetCounters();
  /** Newest tick that ran, told to those who join. */
  tick = 0;
  readonly #options: ServerEndpointOptions;
  readonly #backendKeys: readonly BackendKey[];
  readonly #audience: string;
  readonly #versions: { readonly min: number; readonly max: number };
  readonly #events = new EventQueue<Connection>();
  readonly #cipher: PacketCipher;
  readonly #handshake: ServerHandshake;
  readonly #peers = new PeerTable();
  readonly #arriving = new Set<Connection>();
  #refusing: Refusal | undefined;

  constructor(options: ServerEndpointOptions) {
    this.#options = options;
    this.#backendKeys = options.backendKeys ?? [DEVELOPMENT_KEY];
    this.#audience = options.audience ?? DEFAULT_AUDIENCE;
    this.#versions = options.versions ?? { min: MIN_PROTOCOL_VERSION, max: MAX_PROTOCOL_VERSION };
    this.#cipher = options.sodium.packetCipher();
    const { sodium, random, unixMs, definition } = options;
    const limits = options.handshakeLimits ?? DEFAULT_HANDSHAKE_LIMITS;
    const versions = this.#versions;
    const [backendKeys, audience] = [this.#backendKeys, this.#audience];
    this.#handshake = new ServerHandshake(
      { sodium, random, unixMs, definition, limits, versions, backendKeys, audience },
      this.#cipher,
      this.counters,
    );
  }

  /** Connections that live or are being closed. */
  get connectionCount(): number {
    return this.#peers.size;
  }

  /** Who was accepted, and has not been told of as connected. */
  get arriving(): Iterable<Connection> {
    return this.#arriving;
  }

  *connections(): Iterable<Connection> {
    yield* this.#peers.connections;
  }

  /** From now on newcomers are denied for this reason. Those inside stay. */
  refuseNewcomers(reason: DisconnectReason, detail: string): void {
    this.#refusing = { reason, detail };
  }

  send(connection: Connection, channel: number, payload: Uint8Array, key = 0): SendResult {
    return connection.send(channel, payload, key);
  }

  /** Takes one datagram. Drain `nextEvent` before the next one: events point into memory that is used again. */
  receive(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    const { counters } = this;
    counters.datagramsReceived += 1;
    counters.bytesReceived += bytes.length;
    if (bytes.length > MAX_DATAGRAM_BYTES) {
      counters.refusedOversized += 1;
      return;
    }
    switch (bytes[0]) {
      case PacketType.Data:
      case PacketType.DataOdd:
        this.#receiveData(bytes, from, nowMs);
        break;
      case PacketType.Hello:
        this.#handshake.receiveHello(bytes, from, nowMs);
        break;
      case PacketType.Connect:
        this.#receiveConnect(bytes, from, nowMs);
        break;
      case undefined:
        counters.refusedTruncated += 1;
        break;
      default:
        counters.refusedType += 1;
    }
  }

  #receiveData(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    if (bytes.length <= CLIENT_HEADER_BYTES) {
      this.counters.refusedTruncated += 1;
      return;
    }
    const connectionId = readU32(bytes, 1);
    const connection = this.#peers.connectionOf(connectionId);
    if (connection === undefined) {
      this.counters.refusedConnection += 1;
      this.#resetStranger(connectionId, bytes.length, from, nowMs);
      return;
    }
    if (!sameAddress(connection.address, from) && !connection.mayMove(nowMs)) {
      this.counters.refusedAddress += 1;
      return;
    }
    connection.receive(bytes, CLIENT_HEADER_BYTES, readU16(bytes, 5), nowMs, from);
  }

  /** Someone plays on with a server that has forgotten, after a restart for one: it should not wait in vain. */
  #resetStranger(connectionId: number, length: number, from: PeerAddress, nowMs: number): void {
    if (length <= RESET_BYTES) return;
    const { sodium } = this.#options;
    const resetToken = resetTokenOf(sodium, this.#backendKeys[0]!.key, this.#audience, connectionId);
    if (this.#handshake.reset(resetToken, from, nowMs)) this.counters.resetsSent += 1;
  }

  #receiveConnect(bytes: Uint8Array, from: PeerAddress, nowMs: number): void {
    const admission = this.#handshake.receiveConnect(bytes, from, nowMs);
    if (admission === undefined) return;
    const { claims, connect } = admission;
    const takenBy = this.#peers.usedTokens.connectionOf(claims.tokenId);
    if (takenBy !== undefined) {
      const peer = this.#peers.get(takenBy);
      // The same question again: its answer was lost. It gets the same bytes and no second place.
      if (peer !== undefined && this.#options.sodium.equal(peer.packet, bytes)) {
        this.#handshake.acceptAgain(peer.accept, from);
        return;
      }
      if (peer?.connection.state !== "accepted") {
        this.#handshake.advise(connect, "used", from);
        return;
      }
      // Its owner asks anew because the answer never came: nothing was said under the first keys.
      peer.connection.close("replaced", "asked again", nowMs);
      this.#remove(peer);
    }
    const former = this.#peers.ofPlayer(claims.playerId)?.connection;
    const room = this.#refusal(admission, former) ?? this.#roomFor(claims, former);
    if (typeof room === "string") this.#accept(admission, room, former, nowMs);
    else this.#handshake.deny(admission, room);
  }

  #roomFor(claims: TokenClaims, former: Connection | undefined): string | Refusal {
    return this.#options.roomFor?.(claims, former) ?? claims.room;
  }

  #refusal({ connect }: Admission, former: Connection | undefined): Refusal | undefined {
    const { definition, maxConnections, sodium, unixMs } = this.#options;
    const { min, max } = this.#versions;
    if (connect.version < min || connect.version > max) {
      const detail = `the server speaks protocol ${min} to ${max}, the client chose ${connect.version}`;
      return { reason: "version-mismatch", detail };
    }
    if (!sodium.equal(connect.definitionHash, definition.hash)) {
      const detail = `the server runs another definition of its game, "${definition.name.slice(0, 40)}"`;
      return { reason: "definition-mismatch", detail };
    }
    if (this.#refusing !== undefined) return this.#refusing;
    const replaces = former === undefined ? 0 : 1;
    if (this.#peers.size - replaces >= maxConnections || !this.#peers.usedTokens.hasRoom(unixMs() / 1000)) {
      return { reason: "full", detail: `all ${maxConnections} places are taken` };
    }
    return undefined;
  }

  #accept(admission: Admission, room: string, former: Connection | undefined, nowMs: number): void {
    const { connect, claims, packet, from } = admission;
    const { channels, random, sodium, tickRate, timeoutMs, reconnectMs } = this.#options;
    const serverSecret = new Uint8Array(32);
    random(serverSecret);
    const shared = sodium.sharedSecret(serverSecret, connect.clientKey);
    if (shared === undefined) {
      this.#handshake.advise(connect, "proof", from);
      return;
    }
    former?.close("replaced", "you connected from elsewhere", nowMs);
    const serverKey = sodium.publicKey(serverSecret);
    const cookie = this.#handshake.cookiePacket(connect);
    const keys = deriveSessionKeys(sodium, claims.tokenKey, shared, cookie, packet, serverKey);
    const connection = new Connection({
      side: "server",
      address: from,
      channels,
      counters: this.counters,
      events: this.#events,
      tickMs: 1000 / tickRate,
      timeoutMs: ACCEPTED_TIMEOUT_MS,
      rates: (isLoopback(from.host) && this.#options.loopbackRates) || this.#options.rates,
      ...(reconnectMs !== undefined && { reconnectMs }),
      random,
      budget: new PeerBudget(this.#options.peerLimits ?? DEFAULT_PEER_LIMITS),
    });
    connection.id = this.#peers.freeId(random);
    connection.name = claims.name === "" ? connect.name : claims.name;
    connection.playerId = claims.playerId;
    connection.room = room;
    connection.tick = this.tick;
    connection.userData = claims.userData;
    connection.isSpectator = claims.spectate;
    const isSealed = this.#options.plaintext !== true;
    if (isSealed) {
      const rule = this.#options.rekey ?? DEFAULT_REKEY;
      connection.sealWith(new PacketSeal(sodium, this.#cipher, keys.toClient, keys.toServer, rule));
    }
    connection.become("accepted", nowMs);
    const resetToken = resetTokenOf(sodium, this.#backendKeys[0]!.key, this.#audience, connection.id);
    const answer = {
      connectionId: connection.id,
      tickRate,
      serverTick: this.tick,
      timeoutMs,
      isSealed,
      resetToken,
      stepSeed: this.#options.stepSeed ?? 0,
    };
    const accept = this.#handshake.accept(answer, serverKey, keys.toClient, from);
    this.#arriving.add(connection);
    const { tokenId, expiresAtS } = claims;
    this.#peers.add({ connection, tokenId, packet, accept }, expiresAtS + EXPIRY_SKEW_S);
  }

  /** Timers. Call once per turn, before `flush`. */
  update(nowMs: number): void {
    this.#peers.passTime(nowMs);
  }

  /** What happened since. See `NetEvent` for how long an event lives. */
  nextEvent(): NetEvent<Connection> | undefined {
    const event = this.#events.take();
    if (event?.kind === "connected") {
      event.connection.life.timeoutMs = this.#options.timeoutMs;
      this.#peers.noteSilence(event.connection);
      this.#arriving.delete(event.connection);
    }
    return event;
  }

  /**
   * Writes everything due into the outbox. `onTurn` runs just before a connection's packets are written, may send off
   * what the outbox holds, and returns the time it is then.
   */
  flush(nowMs: number, outbox: Outbox, onTurn?: (connection: Connection) => number): void {
    this.#handshake.flush(outbox);
    for (const peer of this.#peers.flush(nowMs, outbox, onTurn)) this.#remove(peer);
  }

  #remove(peer: Peer): void {
    this.#peers.remove(peer);
    this.#arriving.delete(peer.connection);
    peer.connection.seal?.end();
  }

  /** When `flushHeld` has something to do, or Infinity. */
  get nextSendMs(): number {
    return this.#peers.nextSendMs;
  }

  /** Between two turns: writes what paths had no room for before. */
  flushHeld(nowMs: number, outbox: Outbox): void {
    this.#peers.flushHeld(nowMs, outbox);
  }
}
