import type { PeerAddress } from "../src/net/ports/peer-address.ts";

/**
 * `udp://127.0.0.1:7777` or `udp://[::1]:7777`. Names other than `localhost` are not looked up.
 *
 * @throws Error with one sentence.
 */
export function parseServerUrl(url: string): PeerAddress {
  // The URL class knows the syntax of hosts and ports, but only where it knows the scheme.
  const parsed = /^udp:\/\/[^/?#@]+\/?$/.test(url) ? URL.parse(url.replace(/^udp:/, "http:")) : null;
  const port = Number(parsed?.port || (/:80\/?$/.test(url) ? 80 : 0));
  if (parsed === null || port === 0)
    throw new Error(`'${url}' is no server: it should look like udp://127.0.0.1:7777`);
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  if (host === "localhost") return { host: "127.0.0.1", port };
  if (!host.includes(":") && !/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    throw new Error(`'${host}' is a name: give the server's IP address instead`);
  }
  return { host, port };
}
