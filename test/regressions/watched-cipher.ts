import type { PacketCipher, PacketKey } from "../../src/net/crypto/packet-cipher.ts";
import type { Sodium } from "../../src/net/crypto/sodium.ts";
import { sodium } from "../net/endpoint/rig.ts";

/** Notes under which key and nonce each packet is sealed. */
export class SealLog {
  /** `key iv number`, in the order sealed. */
  readonly pairs: string[] = [];
  readonly cipher: PacketCipher;
  /** For servers, which make their own cipher. */
  readonly sodium: Sodium;

  constructor() {
    const inner = sodium.packetCipher();
    const watched: Pick<PacketCipher, "seal" | "open" | "opened"> = {
      get opened() {
        return inner.opened;
      },
      open: (...of) => inner.open(...of),
      seal: (bytes, headerEnd, bodyEnd, key: PacketKey, number) => {
        this.pairs.push(`${sodium.toBase64(key.key)} ${sodium.toBase64(key.iv)} ${number}`);
        return inner.seal(bytes, headerEnd, bodyEnd, key, number);
      },
    };
    this.cipher = watched as PacketCipher;
    this.sodium = { ...sodium, packetCipher: () => this.cipher };
  }

  get keys(): Set<string> {
    return new Set(this.pairs.map((pair) => pair.split(" ")[0]!));
  }
}
