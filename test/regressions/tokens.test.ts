import { expect, test } from "vitest";
import { PacketType } from "../../src/net/wire/packet-type.ts";
import { Rig } from "../net/endpoint/rig.ts";

test("token behind NAT or Docker: it names whom it is for, and no address", () => {
  const rig = new Rig({ audience: "eu-west" });
  // The rig's server is bound to an address that appears nowhere in the token, as behind a published port.
  const here = rig.join({ token: rig.token({ audience: "eu-west" }) });
  const elsewhere = rig.join({ token: rig.token({ audience: "us-east" }), connectTimeoutMs: 1_000 });
  rig.run(40);
  expect(here.endpoint.connection.state).toBe("connected");
  expect(elsewhere.saw).toMatchObject([
    { reason: "token-refused", detail: "the server seems to refuse the token: audience" },
  ]);
  expect(rig.server.connectionCount).toBe(1);
});

test("sniffed token useless: without its key it opens nothing, and its owner still gets in", () => {
  const rig = new Rig();
  const token = rig.token();
  const sniffed: Uint8Array[] = [];
  rig.fate = (bytes) => {
    if (bytes[0] !== PacketType.Connect) return [0];
    sniffed.push(bytes);
    return [];
  };
  const owner = rig.join({ token });
  rig.run(4);
  expect(sniffed.length).toBeGreaterThan(0);

  // The thief has what was on the wire: the sealed token and the whole packet.
  rig.fate = (_bytes, to) => (to.host === owner.address.host ? [] : [0]);
  const thief = rig.join({
    token: { sealed: token.sealed, tokenKey: new Uint8Array(32) },
    connectTimeoutMs: 600,
  });
  rig.inject(sniffed[0]!, thief.address);
  expect(rig.server.counters.refusedCookie).toBe(1);
  rig.run(25);
  expect(thief.saw).toMatchObject([{ reason: "token-refused" }]);
  expect(rig.server.counters.refusedToken).toBeGreaterThan(0);
  expect(rig.serverSaw).toEqual([]);

  rig.fate = () => [0];
  rig.run(40);
  expect(owner.endpoint.connection.state).toBe("connected");
  expect(rig.server.connectionCount).toBe(1);
});
