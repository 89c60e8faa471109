import { connectProof } from "../../../src/net/crypto/connect-proof.ts";
import { CookieJar } from "../../../src/net/crypto/cookie-jar.ts";
import type { PacketKey } from "../../../src/net/crypto/packet-cipher.ts";
import { concatenated, deriveSessionKeys } from "../../../src/net/crypto/session-keys.ts";
import { DEVELOPMENT_KEY, issueToken } from "../../../src/net/crypto/token-issuer.ts";
import type { ClientEndpoint } from "../../../src/net/endpoint/client-endpoint.ts";
import type { ServerEndpoint } from "../../../src/net/endpoint/server-endpoint.ts";
import { TOKEN_ADVICE } from "../../../src/net/wire/handshake-packets.ts";
import { PacketType } from "../../../src/net/wire/packet-type.ts";
import { sodium } from "../../net/endpoint/rig.ts";
import { notedRandom } from "../draws.ts";
import { hex, unhex } from "../hex.ts";
import { CLIENT_ADDRESS, flushed, give, newClient, newServer, START_MS, TYPES, UNIX_MS } from "./wire.ts";

type Options = NonNullable<Parameters<typeof newServer>[1]>;

/** A handshake up to the server's answer, and both ends as they stand then. */
export interface Shaken {
  readonly server: ServerEndpoint;
  readonly client: ClientEndpoint;
  readonly vector: Record<string, unknown>;
  readonly keys: { readonly toServer: PacketKey; readonly toClient: PacketKey };
}

export function shakeHands(seed: number, options: Options = {}): Shaken {
  const [tokens, serverSide, clientSide] = [0, 1, 2].map((i) => notedRandom(seed + i)) as [
    Noted,
    Noted,
    Noted,
  ];
  const token = issueToken(sodium, tokens.random, DEVELOPMENT_KEY, {}, UNIX_MS);
  const server = newServer(serverSide.random, options);
  const client = newClient(clientSide.random, token);
  client.start(START_MS);
  const hello = flushed(client, START_MS)[0]!;
  give(server, hello, START_MS);
  const cookie = flushed(server, START_MS)[0]!;
  give(client, cookie, START_MS);
  const connect = flushed(client, START_MS)[0]!;
  give(server, connect, START_MS);
  const answer = flushed(server, START_MS)[0]!;
  give(client, answer, START_MS);

  const [clientRandom, clientSecret] = clientSide.drawn as [string, string];
  const serverSecret = serverSide.drawn[4] ?? "";
  const vector: Record<string, unknown> = {
    ...{ startMs: START_MS, unixMs: UNIX_MS, name: "ada", address: CLIENT_ADDRESS, serverTick: 300 },
    ...{ serverDrawn: serverSide.drawn, clientRandom, clientSecret },
    ...{ clientKey: hex(sodium.publicKey(unhex(clientSecret))) },
    ...{ token: hex(token.sealed), tokenKey: hex(token.tokenKey), helloStart: hex(hello.subarray(0, 94)) },
    ...{ helloBytes: hello.length, cookie: hex(cookie), connect: hex(connect), answer: hex(answer) },
    proof: hex(connectProof(sodium, token.tokenKey, connect.subarray(0, connect.length - 16))),
  };
  if (answer[0] !== PacketType.Accept) {
    const none = { key: new Uint8Array(32), iv: new Uint8Array(12) };
    return { server, client, vector, keys: { toServer: none, toClient: none } };
  }
  const serverKey = answer.slice(1, 33);
  const shared = sodium.sharedSecret(unhex(clientSecret), serverKey)!;
  const keys = deriveSessionKeys(sodium, token.tokenKey, shared, cookie, connect, serverKey);
  const transcript = sodium.hash(32, concatenated(cookie, connect, serverKey));
  Object.assign(vector, {
    ...{ serverSecret, serverKey: hex(serverKey), shared: hex(shared), transcript: hex(transcript) },
    toServer: plainKey(keys.toServer),
    toClient: plainKey(keys.toClient),
    acceptBody: hex(opened(answer, 33, keys.toClient, 0)),
  });
  return { server, client, vector, keys };
}

type Noted = ReturnType<typeof notedRandom>;

export function plainKey({ key, iv }: PacketKey): { readonly key: string; readonly iv: string } {
  return { key: hex(key), iv: hex(iv) };
}

/** The body of a sealed packet. */
export function opened(packet: Uint8Array, headerEnd: number, key: PacketKey, number: number): Uint8Array {
  const cipher = sodium.packetCipher();
  const end = cipher.open(packet, headerEnd, key, number);
  if (end < 0) throw new Error("a vector does not open");
  return cipher.opened.slice(headerEnd, end);
}

export function handshakeVectors(): object {
  const accepted = shakeHands(200);
  const full = { ...shakeHands(210, { maxConnections: 0 }), detail: "all 0 places are taken" };
  const draining = shakeHands(220, { maxConnections: 64, definition: TYPES });
  const version = shakeHands(230, { versions: { min: 1, max: 1 }, maxConnections: 0 });
  return {
    accept: accepted.vector,
    denials: [
      { reason: "full", ...denied(full.vector) },
      { reason: "definition-mismatch", ...denied(draining.vector) },
    ],
    cookies: cookies(version.vector),
    advice: TOKEN_ADVICE.map((name, code) => ({
      ...{ name, code },
      packet: `0b${accepted.vector.clientRandom}${code.toString(16).padStart(2, "0")}`,
    })),
    reset: resetOf(accepted),
  };
}

function denied(vector: Record<string, unknown>): object {
  const answer = unhex(vector.answer as string);
  const tokenKey = unhex(vector.tokenKey as string);
  const key = sodium.hash(32, new TextEncoder().encode("tickwire deny"), tokenKey);
  const iv = answer.slice(17, 29);
  return { ...vector, denyKey: hex(key), denyBody: hex(opened(answer, 29, { key, iv }, 0)) };
}

/** What a server that has forgotten the connection answers to its DATA. */
function resetOf({ client }: Shaken): object {
  const data = flushed(client, START_MS)[0]!;
  const stranger = newServer(notedRandom(240).random);
  give(stranger, data, START_MS);
  const reset = flushed(stranger, START_MS)[0]!;
  const connectionId = client.connection.id;
  return { data: hex(data), connectionId, packet: hex(reset) };
}

/** Cookies of one secret, over the fields of one HELLO. */
function cookies(vector: Record<string, unknown>): object[] {
  const secret = unhex("5e".repeat(32));
  const fields = unhex((vector.helloStart as string).slice(12));
  const hello = {
    minVersion: 1,
    maxVersion: 1,
    definitionHash: fields.slice(4, 36),
    clientRandom: fields.slice(38, 54),
    clientKey: fields.slice(56, 88),
  };
  return [
    { host: "127.0.0.1", port: 50_000, issuedAtMs: 0 },
    { host: "127.0.0.1", port: 50_000, issuedAtMs: 1_000_000 },
    { host: "2001:db8::1", port: 1, issuedAtMs: 2 ** 40 },
  ].map(({ host, port, issuedAtMs }) => {
    const jar = new CookieJar(sodium, (into) => into.set(secret));
    const cookie = jar.issue(hello, { host, port }, issuedAtMs);
    return { secret: hex(secret), fields: hex(fields), host, port, issuedAtMs, cookie: hex(cookie) };
  });
}
