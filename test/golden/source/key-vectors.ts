import { connectProof, denyKey, resetTokenOf } from "../../../src/net/crypto/connect-proof.ts";
import { nextPacketKey } from "../../../src/net/crypto/session-keys.ts";
import { DEVELOPMENT_KEY } from "../../../src/net/crypto/token-issuer.ts";
import { sodium } from "../../net/endpoint/rig.ts";
import { notedRandom } from "../draws.ts";
import { hex, unhex } from "../hex.ts";

/** The secrets of RFC 7748 §6.1, so that the first pair is not of our own making. */
const RFC_SECRETS = [
  "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
  "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
] as const;
/** Public keys whose result is zero whatever the secret (order 1, 2, 4 and 8). */
const LOW_ORDER = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
];

export function keyVectors(): object {
  const { random } = notedRandom(101);
  const draw = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    random(bytes);
    return bytes;
  };
  const rfcPair = [unhex(RFC_SECRETS[0]), unhex(RFC_SECRETS[1])] as const;
  const pairs = [rfcPair, [draw(32), draw(32)], [draw(32), draw(32)]] as const;
  const tokenKey = draw(32);
  const message = draw(40);
  return {
    x25519: pairs.map(([a, b]) => ({
      secretA: hex(a),
      publicA: hex(sodium.publicKey(a)),
      secretB: hex(b),
      publicB: hex(sodium.publicKey(b)),
      shared: hex(sodium.sharedSecret(a, sodium.publicKey(b))!),
    })),
    x25519Refused: LOW_ORDER,
    blake2b: [16, 32, 44, 64].flatMap((length) =>
      [undefined, tokenKey].map((key) => ({
        length,
        key: key === undefined ? null : hex(key),
        message: hex(message),
        digest: hex(sodium.hash(length, message, key)),
      })),
    ),
    proof: {
      tokenKey: hex(tokenKey),
      packet: hex(message),
      proof: hex(connectProof(sodium, tokenKey, message)),
    },
    denyKey: { tokenKey: hex(tokenKey), key: hex(denyKey(sodium, tokenKey)) },
    resetToken: [1, 0x01020304, 0xffffffff].map((connectionId) => ({
      backendKey: hex(DEVELOPMENT_KEY.key),
      audience: "tickwire",
      connectionId,
      resetToken: hex(resetTokenOf(sodium, DEVELOPMENT_KEY.key, "tickwire", connectionId)),
    })),
    phases: phaseChain(draw(32), draw(12)),
    sealing: [0, 1, 65_536, 2 ** 32, 2 ** 40 + 7].map((number) => sealed(draw(32), draw(12), number)),
  };
}

function phaseChain(key: Uint8Array, iv: Uint8Array): object[] {
  const chain = [{ key, iv }];
  for (let i = 0; i < 3; i += 1) chain.push(nextPacketKey(sodium, chain.at(-1)!));
  return chain.map((phase) => ({ key: hex(phase.key), iv: hex(phase.iv) }));
}

/** A packet with a header of 3 bytes and a body of 5. */
function sealed(key: Uint8Array, iv: Uint8Array, number: number): object {
  const packet = new Uint8Array(1200);
  packet.set(unhex("09000193000000ff"));
  const length = sodium.packetCipher().seal(packet, 3, 8, { key, iv }, number);
  const parts = { number, key: hex(key), iv: hex(iv), header: "090001", body: "93000000ff" };
  return { ...parts, packet: hex(packet.subarray(0, length)) };
}
