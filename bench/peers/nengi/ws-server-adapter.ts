import type { InstanceNetwork, IServerNetworkAdapter } from "nengi";
import { User } from "nengi";
import { type WebSocket, WebSocketServer } from "ws";
import { BufferReader, BufferWriter } from "./buffers.ts";

/** What nengi's own adapter for ws does, which npm does not have. */
export function listenForNengi(network: InstanceNetwork, host: string): WebSocketServer {
  const adapter = {
    send: (user: User, buffer: Buffer) => (user.socket as WebSocket).send(buffer),
    disconnect: (user: User, reason: unknown) =>
      (user.socket as WebSocket).close(1000, JSON.stringify(reason)),
    createBuffer: (length: number) => Buffer.allocUnsafe(length),
    createBufferWriter: (length: number) => new BufferWriter(Buffer.allocUnsafe(length)),
    createBufferReader: (buffer: Buffer) => new BufferReader(buffer),
  } as unknown as IServerNetworkAdapter;
  const server = new WebSocketServer({ host, port: 0 });
  server.on("connection", (socket) => {
    const user = new User(socket, adapter);
    network.onOpen(user);
    socket.on("message", (data: Buffer) => network.onMessage(user, data));
    socket.on("close", () => network.onClose(user));
  });
  return server;
}
