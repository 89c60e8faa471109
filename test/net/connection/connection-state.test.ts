import { expect, test } from "vitest";
import { Connection } from "../../../src/net/connection/connection.ts";
import { type ConnectionState, TRANSITIONS } from "../../../src/net/connection/connection-state.ts";
import { EventQueue } from "../../../src/net/connection/event-queue.ts";
import { newNetCounters } from "../../../src/net/wire/net-counters.ts";

const STATES = Object.keys(TRANSITIONS) as ConnectionState[];

function fresh(): Connection {
  return new Connection({
    side: "client",
    address: { host: "10.0.0.1", port: 1 },
    channels: [],
    counters: newNetCounters(),
    events: new EventQueue<Connection>(),
    tickMs: 33,
    timeoutMs: 10_000,
  });
}

/** A connection led to `state` by the shortest way the table allows. */
function ledTo(state: ConnectionState): Connection {
  const ways: ConnectionState[][] = [["idle"]];
  for (const way of ways) {
    const last = way.at(-1)!;
    if (last === state) {
      const connection = fresh();
      for (const step of way.slice(1)) connection.become(step, 0);
      return connection;
    }
    for (const next of TRANSITIONS[last]) if (!way.includes(next)) ways.push([...way, next]);
  }
  throw new Error(`no way leads to ${state}`);
}

test("every transition of the table is possible and every other is refused", () => {
  for (const from of STATES) {
    for (const to of STATES) {
      const connection = ledTo(from);
      if (TRANSITIONS[from].includes(to)) {
        connection.become(to, 0);
        expect(connection.state).toBe(to);
      } else {
        expect(() => connection.become(to, 0)).toThrow(`${from} cannot become ${to}`);
        expect(connection.state).toBe(from);
      }
    }
  }
});
