import type { ServeOptions } from "../server-door.ts";
import { type GivenLimits, netLimits } from "./connection-limits.ts";
import { isLoopbackAddress } from "./option-values.ts";
import { UsageError } from "./usage-error.ts";

/** What the serve command was told about who may join. */
export interface AdmissionOptions {
  readonly host: string;
  readonly http: boolean;
  readonly httpHost: string;
  readonly keyFile?: string;
  readonly audience?: string;
  readonly insecureDev?: boolean;
  readonly plaintext?: boolean;
  /** Undefined: as long as there are no keys and only this machine can ask. */
  readonly join?: boolean;
  readonly limits?: GivenLimits;
}

/** Who may join a server, and how. */
export interface Admission {
  readonly net: NonNullable<ServeOptions["net"]>;
  readonly insecureDev: boolean;
  /** Whether the HTTP door gives tokens to those who ask. */
  readonly join: boolean;
}

/** Throws a UsageError with one sentence for what would let in more than was meant. */
export async function readAdmission(options: AdmissionOptions): Promise<Admission> {
  const { host, http, httpHost, keyFile, audience, plaintext, join, limits } = options;
  const insecureDev = options.insecureDev ?? false;
  if (!isLoopbackAddress(host)) {
    if (plaintext === true)
      throw new UsageError(`--plaintext is for measurement on loopback addresses, not on ${host}`);
    if (keyFile === undefined && !insecureDev) {
      throw new UsageError(
        `--host ${host} needs --key-file: without it anyone could join (or --insecure-dev)`,
      );
    }
  }
  if (join === true && !http) throw new UsageError("--join needs HTTP, so leave out --no-http");
  const keys = keyFile === undefined ? undefined : (await import("./key-file.ts")).readKeyFile(keyFile);
  return {
    net: {
      ...(keys !== undefined && { backendKeys: keys }),
      ...(audience !== undefined && { audience }),
      ...(plaintext === true && { plaintext }),
      ...(limits !== undefined && (await netLimits(limits))),
    },
    insecureDev,
    join: http && (join ?? (keys === undefined && isLoopbackAddress(httpHost))),
  };
}

/** Why strangers may join, and who they can be; undefined when only a backend lets players in. */
export function opennessOf(
  { net, join }: Admission,
  { host, httpHost }: Pick<AdmissionOptions, "host" | "httpHost">,
): { readonly why: string; readonly reach: string } | undefined {
  const hasKeys = net.backendKeys !== undefined;
  if (hasKeys && !join) return undefined;
  const isLocal = isLoopbackAddress(hasKeys ? httpHost : host);
  return {
    why: hasKeys ? "--join gives tokens to all who ask" : "no --key-file",
    reach: isLocal ? "this machine" : "the network",
  };
}
