import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HttpDoor, startHttpDoor } from "../../src/ops/http-door.ts";
import { createJoinDoor, type JoinDoorOptions } from "../../src/ops/join-door.ts";

const names: (string | undefined)[] = [];
let spectators = 0;
let door: HttpDoor;
let port: number;

async function open(options: Partial<JoinDoorOptions> = {}): Promise<void> {
  const join = createJoinDoor({
    host: "127.0.0.1",
    ready: () => true,
    issue({ name, spectate }) {
      names.push(name);
      spectators += spectate ? 1 : 0;
      return "tw1.a.b";
    },
    expiresInSeconds: 60,
    url: () => "udp://127.0.0.1:7777",
    ...options,
  });
  door = await startHttpDoor({
    host: "127.0.0.1",
    port: 0,
    ready: () => true,
    metrics: async () => "",
    join,
  });
  port = Number(new URL(door.url).port);
}
beforeEach(async () => {
  names.length = 0;
  spectators = 0;
  await open();
});
afterEach(() => door.close());

/** A request as bytes, for headers that no client library would send. Answers status, headers and body. */
function ask(
  body: string,
  { method = "POST", path = "/join", ...headers }: Record<string, string | undefined> = {},
): Promise<{ status: number; head: string; body: string }> {
  const all: Record<string, string | undefined> = {
    host: `127.0.0.1:${port}`,
    "content-type": "application/json",
    "content-length": String(new TextEncoder().encode(body).length),
    connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return new Promise((resolve, reject) => {
    let reply = "";
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`),
    );
    socket.setEncoding("utf8");
    socket.on("error", reject);
    socket.on("data", (text: string) => {
      reply += text;
    });
    socket.on("close", () => {
      const [head = "", ...rest] = reply.split("\r\n\r\n");
      resolve({ status: Number(head.split(" ")[1]), head: head.toLowerCase(), body: rest.join("\r\n\r\n") });
    });
  });
}

describe("POST /join", () => {
  test("gives a token, and where to go with it", async () => {
    const response = await fetch(`${door.url}/join`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"Ada"}',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      token: "tw1.a.b",
      url: "udp://127.0.0.1:7777",
      expiresInSeconds: 60,
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(names).toEqual(["Ada"]);
  });

  test("is not there where it is not open", async () => {
    const closed = await startHttpDoor({
      host: "127.0.0.1",
      port: 0,
      ready: () => true,
      metrics: async () => "",
    });
    try {
      expect((await fetch(`${closed.url}/join`, { method: "POST" })).status).toBe(404);
    } finally {
      await closed.close();
    }
  });

  type Headers = Record<string, string | undefined>;
  const good: [name: string, body: string, headers: () => Headers][] = [
    ["no name", "{}", () => ({})],
    ["localhost", "{}", () => ({ host: "localhost" })],
    ["IPv6 loopback", "{}", () => ({ host: "[::1]:80" })],
    ["a forwarded port", "{}", () => ({ host: "127.0.0.1:18080" })],
    ["its own page", "{}", () => ({ origin: `http://127.0.0.1:${port}` })],
    ["its own page on port 80", "{}", () => ({ host: "localhost:80", origin: "http://localhost" })],
    ["a charset", "{}", () => ({ "content-type": 'Application/JSON; charset="UTF-8"' })],
    ["the longest name", JSON.stringify({ name: "ä".repeat(12) }), () => ({})],
  ];
  test.each(good)("lets in: %s", async (_name, body, headers) => {
    expect(await ask(body, headers())).toMatchObject({ status: 200 });
  });

  test("gives a token to look on with to whoever asks for that, and only for that", async () => {
    expect((await ask('{"spectate": true}', {})).status).toBe(200);
    expect((await ask('{"name": "ada", "spectate": false}', {})).status).toBe(200);
    expect([names, spectators]).toEqual([[undefined, "ada"], 1]);
    for (const wish of ['{"spectate": 1}', '{"spectate": null}', '{"spectates": true}']) {
      const { status, body } = await ask(wish, {});
      expect([status, body]).toEqual([
        400,
        expect.stringContaining('the body must be {"name": "…", "spectate": true}'),
      ]);
    }
    expect(names).toHaveLength(2);
  });

  const wrongHost: [string, () => Headers][] = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
    "evil.example:7780",
    "10.0.0.1",
    "0.0.0.0",
    "[::]",
    "[::ffff:10.0.0.1]",
    "2130706433",
    "0x7f000001",
    "127.0.0.1:99999",
    "localhost.",
  ].map((host) => [host, () => ({ host })]);
  test.each(wrongHost)("refuses the Host %s", async (_name, headers) => {
    const { status, body } = await ask("{}", headers());
    // A runtime may refuse a Host that is none before we see it.
    expect([400, 403]).toContain(status);
    if (status === 403) expect(body).toContain("the Host must be the address of this server\n");
    expect(names).toEqual([]);
  });

  const wrongOrigin: [string, () => Headers][] = [
    ["null", () => ({ origin: "null" })],
    ["nothing", () => ({ origin: "" })],
    ["another site", () => ({ origin: "http://evil.example" })],
    ["another port", () => ({ origin: "http://127.0.0.1:1" })],
    ["another name of this machine", () => ({ origin: `http://localhost:${port}` })],
    ["another scheme", () => ({ origin: `https://127.0.0.1:${port}` })],
    ["ours with a user", () => ({ origin: `http://a@127.0.0.1:${port}` })],
    ["ours with a path", () => ({ origin: `http://127.0.0.1:${port}/a` })],
    ["ours and another", () => ({ origin: `http://127.0.0.1:${port}, http://evil.example` })],
    ["a rebound name, both ways", () => ({ host: "evil.example", origin: "http://evil.example" })],
  ];
  test.each(wrongOrigin)("refuses the Origin: %s", async (_name, headers) => {
    expect((await ask("{}", headers())).status).toBe(403);
    expect(names).toEqual([]);
  });

  test.each([
    undefined,
    "",
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-16",
    "text/plain; application/json",
    "application/jsonp",
  ])("refuses the content type %s", async (type) => {
    const { status, body } = await ask("{}", { "content-type": type });
    expect(status).toBe(415);
    expect(body).toContain("the body must be application/json\n");
  });

  test.each(["GET", "PUT", "DELETE", "OPTIONS"])("refuses %s", async (method) => {
    const { status, head } = await ask("", { method });
    expect(status).toBe(405);
    expect(head).toContain("allow: post");
    expect(head).not.toContain("access-control");
  });

  test.each([
    "",
    "{",
    "[]",
    "null",
    '"Ada"',
    '{"name":7}',
    '{"name":null}',
    '{"name":"a\\u0000b"}',
    '{"name":"a\\nb"}',
    '{"name":"\\ud800"}',
    JSON.stringify({ name: `${"ä".repeat(12)}b` }),
    '{"name":"Ada","playerId":"admin"}',
    '{"__proto__":{"name":"a"}}',
  ])("refuses the body %s", async (body) => {
    expect(await ask(body)).toMatchObject({ status: 400 });
    expect(names).toEqual([]);
  });

  test("refuses a large body, with and without its length said", async () => {
    const large = JSON.stringify({ name: "a".repeat(2_000) });
    expect((await ask(large)).status).toBe(413);
    const chunked = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
    expect((await ask(chunked, { "content-length": undefined, "transfer-encoding": "chunked" })).status).toBe(
      413,
    );
  });

  test("waits only so long for a body", async () => {
    expect((await ask('{"na', { "content-length": "20" })).status).toBe(408);
  });

  test("says why nobody can join", async () => {
    await door.close();
    await open({ ready: () => "draining" });
    const { status, body } = await ask("{}");
    expect(status).toBe(503);
    expect(body).toContain("no player can join: the server is draining\n");
  });

  test("gives only so many at once", async () => {
    const answers = [];
    for (let i = 0; i < 30; i += 1) {
      answers.push(...(await Promise.all(Array.from({ length: 20 }, () => ask("{}")))));
      if (answers.some(({ status }) => status === 429)) break;
    }
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.head).toContain("retry-after: 1");
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(200);
  });
});

describe("on all addresses", () => {
  beforeEach(async () => {
    await door.close();
    await open({ host: "0.0.0.0", url: () => "udp://0.0.0.0:7777" });
  });

  test("answers with the address it was asked at", async () => {
    for (const [host, url] of [
      ["10.1.2.3:80", "udp://10.1.2.3:7777"],
      ["localhost", "udp://127.0.0.1:7777"],
      ["[fd00::1]", "udp://[fd00::1]:7777"],
    ] as const) {
      const { status, body } = await ask("{}", { host });
      expect(status).toBe(200);
      expect(body).toContain(`"${url}"`);
    }
    expect((await ask("{}", { host: "evil.example" })).status).toBe(403);
  });
});
