import { geckos } from "@geckos.io/client";
import { decode, encode } from "@msgpack/msgpack";
import * as webRtc from "node-datachannel/polyfill";
import type { Connect } from "../peer.ts";

// Its client is made for browsers, whose WebRTC this is.
Object.assign(globalThis, webRtc);

export const hasTicks = false;

export const connect: Connect = async ({ host, port }, events) => {
  const channel = geckos({ url: `http://${host}`, port });
  let [id, newest, bytesDown] = [0, 0, 0];
  channel.onDisconnect(() => events.onLost("disconnected"));
  await new Promise<void>((resolve, reject) => {
    channel.onConnect((error) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      channel.on("welcome", (given) => {
        id = given as number;
      });
      channel.onRaw((message) => {
        const bytes = new Uint8Array(message as ArrayBuffer);
        bytesDown += bytes.length;
        const [tick, ships] = decode(bytes) as [number, readonly (readonly number[])[]];
        // Messages may overtake each other.
        const own = tick > newest ? ships.find((ship) => ship[0] === id) : undefined;
        if (own === undefined) return;
        newest = tick;
        resolve();
        events.onState(own[6]!, ships.length);
      });
    });
  });
  return {
    id,
    get bytesDown() {
      return bytesDown;
    },
    setInput: (serial, dx, dy) => channel.raw.emit(encode([serial, dx, dy])),
  };
};
