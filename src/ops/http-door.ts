export interface HttpDoorOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** True when players are accepted, else why not. */
  readonly ready: () => true | string;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Answers `/join`, where that is open. */
  readonly join?: (request: Request) => Promise<Response>;
}

export interface HttpDoor {
  /** `http://127.0.0.1:7780`, with the real port and no slash at the end. */
  readonly url: string;
  /** Ends at once: requests that still run are cut. */
  close(): Promise<void>;
}

// What the server of any runtime gives, so that its types need not be known here.
interface RunningServer {
  readonly url?: string | undefined;
  ready(): Promise<unknown>;
  close(closeAll?: boolean): Promise<void>;
}

const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";
/** Deno waits for running requests; nobody waits for Deno longer than this. */
const CLOSE_PATIENCE_MS = 250;

/** Opens the operators' door: health, readiness and metrics. Throws an Error with one sentence. */
export async function startHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const { serve } = await import("srvx");
  const aborter = new AbortController();
  let server: RunningServer;
  try {
    server = serve({
      hostname: options.host,
      port: options.port,
      silent: true,
      // The process has one owner of its signals, and it is not this.
      gracefulShutdown: false,
      // The only way to cut a running request on Deno, where `close` takes no notice of its argument.
      deno: { signal: aborter.signal },
      fetch: (request) => answer(request, options),
    });
    await server.ready();
  } catch (error) {
    throw new Error(openFailure(error, options), { cause: error });
  }
  const url = server.url?.replace(/\/$/, "");
  if (url === undefined) throw new Error("The HTTP server opened without an address.");
  let closing: Promise<void> | undefined;
  return {
    url,
    close() {
      closing ??= closeNow(server, aborter);
      return closing;
    },
  };
}

async function closeNow(server: RunningServer, aborter: AbortController): Promise<void> {
  // Cut first: once Deno is closing, a server that has no connection would throw at being cut.
  aborter.abort();
  const closed = server.close(true).catch(() => {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_PATIENCE_MS);
  });
  await Promise.race([closed, patience]);
  clearTimeout(timer);
}

async function answer(request: Request, options: HttpDoorOptions): Promise<Response> {
  // Bun answers a thrown error with its source code, so none may leave here.
  try {
    const pathname = pathOf(request);
    if (pathname === undefined) return plain(400, "the request has no lawful address");
    if (pathname === "/join" && options.join !== undefined) return await options.join(request);
    const page = pages[pathname];
    if (page === undefined) return plain(404, "not found");
    if (request.method === "GET" || request.method === "HEAD") return await page(options);
    return new Response("method not allowed\n", {
      status: 405,
      headers: { ...plainHeaders, allow: "GET, HEAD" },
    });
  } catch {
    return plain(500, "internal error");
  }
}

/** Undefined when a Host that is none made the address one that cannot be read. */
function pathOf(request: Request): string | undefined {
  try {
    return new URL(request.url).pathname;
  } catch {
    return undefined;
  }
}

const pages: Readonly<Record<string, (options: HttpDoorOptions) => Response | Promise<Response>>> = {
  __proto__: null as never,
  "/healthz": () => plain(200, "ok"),
  "/readyz": ({ ready }) => {
    const state = ready();
    return state === true ? plain(200, "ok") : plain(503, state);
  },
  "/metrics": async ({ metrics }) =>
    new Response(await metrics(), { headers: { ...plainHeaders, "content-type": PROMETHEUS_TEXT } }),
};

const plainHeaders = {
  "content-type": "text/plain; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

export function plain(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${text}\n`, { status, headers: { ...plainHeaders, ...headers } });
}

function openFailure(error: unknown, { host, port }: HttpDoorOptions): string {
  const { code, message } = error as { code?: string; message?: string };
  const place = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  if (code === "EADDRINUSE") return `The HTTP port ${place} is taken by another program.`;
  if (code === "EADDRNOTAVAIL") return `The HTTP address ${host} is not one of this machine.`;
  if (code === "EACCES") return `This user may not open the HTTP port ${place}.`;
  return `The HTTP port ${place} could not be opened: ${message ?? String(error)}.`;
}
