import { decode, encode } from "@msgpack/msgpack";
import WebSocket from "ws";
import type { Connect } from "../peer.ts";

export const hasTicks = false;

type Message = readonly ["welcome", number] | readonly ["state", readonly (readonly number[])[]];

export const connect: Connect = async ({ host, port }, events) => {
  const socket = new WebSocket(`ws://${host}:${port}`, { perMessageDeflate: false });
  let id = 0;
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", (_code, reason) => events.onLost(String(reason)));
    socket.on("message", (data: Buffer) => {
      const [what, body] = decode(data) as Message;
      if (what === "welcome") id = body;
      else {
        const own = body.find((ship) => ship[0] === id);
        if (own === undefined) return;
        resolve();
        events.onState(own[6]!, body.length);
      }
    });
  });
  return {
    id,
    setInput: (serial, dx, dy) => socket.send(encode([serial, dx, dy])),
  };
};
