import { isLoopbackAddress } from "./option-values.ts";
import { UsageError } from "./usage-error.ts";

export interface LoadTargetOptions {
  readonly url?: string;
  readonly httpUrl?: string;
  readonly keyFile?: string;
  readonly iOwnThisServer?: string;
  readonly playersPerRoom?: number;
}

/** Throws a UsageError with one sentence unless players are sent to this machine, or to a host that was named for it. */
export function checkLoadTarget(options: LoadTargetOptions): void {
  const { url, httpUrl, keyFile, iOwnThisServer, playersPerRoom } = options;
  if (url !== undefined && playersPerRoom !== undefined) {
    throw new UsageError(
      "--players-per-room is for a server that is started here: the one at --url has its rooms",
    );
  }
  if (url === undefined) {
    const alone = [
      ["--http-url", httpUrl],
      ["--key-file", keyFile],
      ["--i-own-this-server", iOwnThisServer],
    ].find(([, value]) => value !== undefined);
    if (alone !== undefined)
      throw new UsageError(`${alone[0]} needs --url: without it a server is started here`);
    return;
  }
  for (const [flag, target] of [
    ["--url", url],
    ["--http-url", httpUrl],
  ] as const) {
    const host = target === undefined ? undefined : hostOf(target);
    if (host === undefined || host === "localhost" || isLoopbackAddress(host) || host === iOwnThisServer)
      continue;
    throw new UsageError(
      `${flag} ${target} is not this machine: name its host with --i-own-this-server ${host} if it is yours`,
    );
  }
}

function hostOf(url: string): string {
  // The URL class knows hosts only where it knows the scheme.
  return new URL(url.replace(/^udp:/, "http:")).hostname.replace(/^\[|\]$/g, "");
}

/** Beside its players' sockets a process has some files open. */
const OTHER_FILES = 64;

/** Throws a UsageError with one sentence when a process could not open a socket for each of its players. */
export function checkSockets(clients: number, processes: number, mostFiles: number | undefined): void {
  const each = Math.ceil(clients / processes) + OTHER_FILES;
  if (mostFiles === undefined || each <= mostFiles) return;
  const needed = Math.ceil(clients / (mostFiles - OTHER_FILES));
  const remedy = mostFiles > OTHER_FILES && needed <= 64 ? `--processes ${needed} or ` : "";
  throw new UsageError(
    `each player has a socket, and a process may open ${mostFiles}: ${remedy}a higher 'ulimit -n' will do for ${clients}`,
  );
}
