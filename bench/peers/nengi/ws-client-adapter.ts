import { BinarySection, type ClientNetwork, EngineMessage, type IBinaryWriterClass } from "nengi";
import WebSocket from "ws";
import { BufferReader, BufferWriter } from "./buffers.ts";

const writer = BufferWriter as unknown as IBinaryWriterClass;

/** What nengi's own adapter for ws does, which npm does not have. */
export class WsClientAdapter {
  onSnapshot: () => void = () => {};
  onClose: (why: string) => void = () => {};
  readonly #network: ClientNetwork;
  #socket: WebSocket | undefined;

  constructor(network: ClientNetwork) {
    this.#network = network;
  }

  connect(url: string, handshake: unknown): Promise<void> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket = socket;
    socket.on("open", () => {
      const bytes = this.#network.createHandshakeBuffer(handshake, writer) as Buffer;
      // It is one byte longer than what was written.
      socket.send(bytes.subarray(0, bytes.length - 1));
    });
    socket.on("close", (_code, reason) => this.onClose(String(reason)));
    return new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("message", (data: Buffer) => {
        if (data[0] === BinarySection.EngineMessages && data[2] === EngineMessage.ConnectionAccepted) {
          resolve();
          return;
        }
        this.#network.readSnapshot(BufferReader.create(data));
        this.onSnapshot();
      });
    });
  }

  flush(): void {
    this.#socket?.send(this.#network.createOutboundBuffer(writer) as Buffer);
  }
}
