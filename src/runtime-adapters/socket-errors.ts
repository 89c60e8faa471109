import { isIP } from "node:net";
import { type DatagramBind, SocketError, type SocketErrorKind } from "../net/ports/datagram-socket.ts";
import { formatAddress } from "../net/ports/peer-address.ts";

/** Native codes, and the names of Deno's errors where they carry no code. */
const KINDS: ReadonlyMap<string, SocketErrorKind> = new Map<string, SocketErrorKind>([
  ["EADDRINUSE", "address-in-use"],
  ["AddrInUse", "address-in-use"],
  ["EADDRNOTAVAIL", "address-unavailable"],
  ["AddrNotAvailable", "address-unavailable"],
  ["ENOTFOUND", "address-unavailable"],
  ["EACCES", "permission-denied"],
  ["EPERM", "permission-denied"],
  ["NotCapable", "permission-denied"],
  ["PermissionDenied", "permission-denied"],
  ["EMSGSIZE", "message-too-large"],
  ["EAGAIN", "buffer-full"],
  ["EWOULDBLOCK", "buffer-full"],
  ["ENOBUFS", "buffer-full"],
  ["ECONNREFUSED", "unreachable"],
  ["ECONNRESET", "unreachable"],
  ["EHOSTDOWN", "unreachable"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETDOWN", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["EAFNOSUPPORT", "unreachable"],
  // Linux says this when the address bound has no way to the peer's, Deno also of port 0.
  ["EINVAL", "unreachable"],
  // How Node and Bun refuse port 0, which a spoofed datagram may come from, and what is no IP address.
  ["ERR_SOCKET_BAD_PORT", "unreachable"],
  ["ERR_INVALID_ARG_TYPE", "unreachable"],
  ["ERR_SOCKET_DGRAM_NOT_RUNNING", "closed"],
  ["BadResource", "closed"],
  ["Interrupted", "closed"],
]);

/** Folds whatever a runtime throws into the closed set. */
export function errorKind(error: unknown): SocketErrorKind {
  if (!(error instanceof Error)) return "unknown";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return KINDS.get(code) ?? KINDS.get(error.name) ?? "unknown";
}

export function errorDetail(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Refuses what no runtime can bind: each has its own words for it, and Bun would look a name up. */
export function checkBind(bind: DatagramBind): void {
  if (isIP(bind.host) === 0) {
    throw new SocketError(
      "address-unavailable",
      `"${bind.host}" is not an IP address, so UDP cannot bind it`,
    );
  }
  if (!Number.isInteger(bind.port) || bind.port < 0 || bind.port > 65_535) {
    throw new SocketError("address-unavailable", `${bind.port} is not a UDP port: ports go from 0 to 65535`);
  }
}

/** One clear sentence for a failed bind. */
export function bindError(error: unknown, bind: DatagramBind): SocketError {
  const where = `UDP port ${formatAddress(bind)}`;
  const kind = errorKind(error);
  switch (kind) {
    case "address-in-use":
      return new SocketError(kind, `${where} is already in use`);
    case "address-unavailable":
      return new SocketError(kind, `${where} cannot be opened: this machine has no address ${bind.host}`);
    case "permission-denied":
      return new SocketError(kind, `${where} cannot be opened: permission denied`);
    default:
      return new SocketError(kind, `${where} cannot be opened: ${errorDetail(error)}`);
  }
}
