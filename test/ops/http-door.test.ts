import { connect, createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type HttpDoor, type HttpDoorOptions, startHttpDoor } from "../../src/ops/http-door.ts";

const doors: HttpDoor[] = [];
async function open(options: Partial<HttpDoorOptions> = {}): Promise<HttpDoor> {
  const door = await startHttpDoor({
    host: "127.0.0.1",
    port: 0,
    ready: () => true,
    metrics: async () => "a 1\n",
    ...options,
  });
  doors.push(door);
  return door;
}
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close()));
});

/** Sends raw text and gives all that came back when `until` is in it, leaving the connection open. */
function talk(port: number, text: string, until: string) {
  return new Promise<{ reply: string; closed: Promise<void>; end: () => void }>((resolve, reject) => {
    let reply = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    const closed = new Promise<void>((done) => socket.once("close", () => done()));
    socket.on("error", reject);
    socket.on("data", (data) => {
      reply += data.toString();
      if (reply.includes(until)) resolve({ reply, closed, end: () => socket.destroy() });
    });
  });
}

describe("http door", () => {
  test("answers health and metrics on a free port of loopback", async () => {
    const { url } = await open();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d{2,5}$/);
    const health = await fetch(`${url}/healthz`);
    expect([health.status, await health.text()]).toEqual([200, "ok\n"]);
    const metrics = await fetch(`${url}/metrics?x=1`);
    expect([metrics.status, await metrics.text()]).toEqual([200, "a 1\n"]);
    expect(metrics.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  test("says whether it is ready, and why not", async () => {
    let state: true | string = "starting";
    const { url } = await open({ ready: () => state });
    const early = await fetch(`${url}/readyz`);
    expect([early.status, await early.text()]).toEqual([503, "starting\n"]);
    state = true;
    const later = await fetch(`${url}/readyz`);
    expect([later.status, await later.text()]).toEqual([200, "ok\n"]);
  });

  test("knows no other path and no other method", async () => {
    const { url } = await open();
    for (const path of ["/", "/healthz/", "/__proto__", "/constructor"]) {
      const reply = await fetch(url + path);
      expect([path, reply.status, await reply.text()]).toEqual([path, 404, "not found\n"]);
    }
    const post = await fetch(`${url}/healthz`, { method: "POST", body: "x" });
    expect([post.status, post.headers.get("allow"), await post.text()]).toEqual([
      405,
      "GET, HEAD",
      "method not allowed\n",
    ]);
    const head = await fetch(`${url}/healthz`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("shows nothing of an error inside", async () => {
    const { url } = await open({
      metrics: async () => {
        throw new Error("secret place");
      },
    });
    const reply = await fetch(`${url}/metrics`);
    expect([reply.status, await reply.text()]).toEqual([500, "internal error\n"]);
  });

  test("shows nothing of itself to a malformed request", async () => {
    const { url } = await open();
    const request = "GET /healthz HTTP/1.1\r\nHost: ][ \r\nConnection: close\r\n\r\n";
    const { reply, end } = await talk(Number(new URL(url).port), request, "\r\n\r\n");
    end();
    expect(reply).toMatch(/^HTTP\/1\.1 (200|400)/);
    expect(reply).not.toMatch(/srvx|\.ts|at </);
  });

  test("says in one sentence that its port is taken", async () => {
    const { url } = await open();
    const port = Number(new URL(url).port);
    await expect(open({ port })).rejects.toThrow(
      /^The HTTP port 127\.0\.0\.1:\d+ is taken by another program\.$/,
    );
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test("says in one sentence that its address is not here", async () => {
    await expect(open({ host: "192.0.2.1" })).rejects.toThrow(/^The HTTP .*192\.0\.2\.1.*\.$/);
  });

  test("closes at once under an idle keep-alive connection and a running request", async () => {
    const { url, close } = await open({ metrics: () => new Promise(() => {}) });
    const port = Number(new URL(url).port);
    const idle = await talk(port, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "ok\n");
    expect(idle.reply).toMatch(/^HTTP\/1\.1 200/);
    const running = fetch(`${url}/metrics`).then(
      (reply) => reply.status,
      () => "cut",
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startMs = performance.now();
    await Promise.all([close(), close()]);
    expect(performance.now() - startMs).toBeLessThan(1_000);
    await idle.closed;
    expect(await running).toBe("cut");
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    // The port is free again.
    const again = createServer();
    await new Promise<void>((resolve, reject) =>
      again.once("error", reject).listen(port, "127.0.0.1", resolve),
    );
    await new Promise((resolve) => again.close(resolve));
  });
});
