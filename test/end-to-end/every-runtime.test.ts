import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RuntimeName, runtimeName } from "../../src/runtime-adapters/current-runtime.ts";
import type { Ending, StartedProgram } from "../cli/started-program.ts";
import { startArena } from "./arena-server.ts";
import { readVoyage, type SeenShip } from "./helm.ts";
import { type PlayerStats, Players } from "./players.ts";

const runtimes: readonly RuntimeName[] = ["node", "bun", "deno"];
const PLAYERS_EACH = 3;
const SENTENCES = 30;
/** Of 90 in the 3 s that the sentences take: a machine that is busy elsewhere may lose some. */
const MANY_TICKS = 60;

interface State {
  readonly tick: number;
  readonly entities: readonly { readonly id: number; readonly kind: string; readonly fields: unknown }[];
}

const numbers = (to: number) => Array.from({ length: to }, (_, i) => i + 1);
const names = (runtime: RuntimeName) => numbers(PLAYERS_EACH).map((number) => `${runtime} ${number}`);

describe.runIf(runtimeName() === "node")("over real UDP", () => {
  describe.each(runtimes)("a server on %s", (serverRuntime) => {
    const started: StartedProgram[] = [];
    const folder = mkdtempSync(join(tmpdir(), "tickwire-"));
    const dump = join(folder, "server.jsonl");
    const heard = new Map<RuntimeName, Readonly<Record<string, readonly string[]>>>();
    const stats = new Map<RuntimeName, readonly PlayerStats[]>();
    const serverStates = new Map<number, string>();
    let serverEnding: Ending;

    // One game for all: players of three runtimes on this server, who all hear each other.
    beforeAll(async () => {
      const server = await startArena(serverRuntime, ["--dump-state", dump], (program) =>
        started.push(program),
      );
      const crews = runtimes.map(
        (runtime) => new Players(runtime, server.url, runtime, PLAYERS_EACH, "keep-states"),
      );
      started.push(...crews.map(({ program }) => program));
      await Promise.all(crews.map(({ program }) => program.says('"joined"')));
      await Promise.all(crews.map((crew) => crew.ask(`chat ${SENTENCES}`, "said")));
      const all = SENTENCES * PLAYERS_EACH * runtimes.length;
      for (const [i, crew] of crews.entries()) {
        const answer = await crew.ask(`hear ${all}`, "heard");
        heard.set(runtimes[i]!, answer.heard as Readonly<Record<string, readonly string[]>>);
        stats.set(runtimes[i]!, await crew.stats());
        await crew.ask(`states ${folder}`, "states");
      }
      // Those who still play would hear what came twice only now.
      for (const [i, crew] of crews.entries()) {
        const answer = await crew.ask(`hear ${all}`, "heard");
        heard.set(runtimes[i]!, answer.heard as Readonly<Record<string, readonly string[]>>);
      }
      await Promise.all(crews.map((crew) => crew.stats("leave")));
      await server.program.until(
        () => server.program.stdout.split('"player-left"').length > PLAYERS_EACH * runtimes.length,
        "seeing all leave",
      );
      server.program.signal("SIGTERM");
      serverEnding = await server.program.ended;
      for (const line of readFileSync(dump, "utf8").split("\n").slice(0, -1))
        serverStates.set((JSON.parse(line) as State).tick, line);
    }, 60_000);

    afterAll(async () => {
      await Promise.all(started.map((program) => program.end()));
      rmSync(folder, { recursive: true });
    });

    test("ends in good order, without a word on standard error", () => {
      expect(serverEnding.code).toBe(0);
      expect(serverEnding.stderr).toBe("");
      const events = serverEnding.stdout
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line));
      expect(events.filter(({ event }) => event === "game-error")).toEqual([]);
      const left = events.filter(({ event }) => event === "player-left");
      expect(left.map(({ name }) => name).sort()).toEqual(runtimes.flatMap(names).sort());
      expect(left.every(({ reason }) => reason === "closed")).toBe(true);
    });

    test.each(runtimes)("lets players on %s in, and keeps them", (runtime) => {
      expect(stats.get(runtime)!.map(({ name, closed }) => ({ name, closed }))).toEqual(
        names(runtime).map((name) => ({ name, closed: null })),
      );
    });

    test.each(runtimes)("moves a ship as its player on %s says", (runtime) => {
      const voyage = readVoyage(shipsOf(`${runtime} 1`, statesSeenBy(`${runtime} 1`)));
      expect(voyage.astray).toEqual([]);
      expect(voyage.obeyed).toBeGreaterThan(voyage.adrift);
      expect(voyage.onTime).toBeGreaterThan(voyage.obeyed / 2);
      // A wreck lies still, and the first seconds may be that.
      expect(voyage.onTime).toBeGreaterThan(10);
    });

    test.each(runtimes)("brings players on %s what each one says, once and in order", (runtime) => {
      const expected = Object.fromEntries(
        runtimes.flatMap(names).map((name) => [name, numbers(SENTENCES).map((n) => `sentence ${n}`)]),
      );
      for (const name of names(runtime)) {
        const bySpeaker: Record<string, string[]> = {};
        for (const line of heard.get(runtime)![name]!) {
          const [speaker, text] = line.split(": ");
          bySpeaker[speaker!] ??= [];
          bySpeaker[speaker!]!.push(text!);
        }
        expect(bySpeaker).toEqual(expected);
      }
    });

    test.each(runtimes)("shows players on %s what they see of each tick exactly as it is", (runtime) => {
      for (const name of names(runtime)) {
        const states = statesSeenBy(name);
        const wrong = [...states].filter(([tick, state]) => asSeen(tick, state) !== state);
        expect(wrong).toEqual([]);
        expect(states.size).toBeGreaterThan(MANY_TICKS);
        // Of a world in which something happens.
        const different = new Set([...states.values()].map((text) => text.slice(text.indexOf(","))));
        expect(different.size).toBeGreaterThan(MANY_TICKS / 2);
      }
    });

    /** What the server had in that tick of the entities in `state`. */
    function asSeen(tick: number, state: string): string {
      const seen = new Set((JSON.parse(state) as State).entities.map(({ id }) => id));
      const { entities } = JSON.parse(serverStates.get(tick)!) as State;
      return JSON.stringify({ tick, entities: entities.filter(({ id }) => seen.has(id)) });
    }

    function statesSeenBy(name: string): ReadonlyMap<number, string> {
      const lines = readFileSync(join(folder, `${name}.jsonl`), "utf8").split("\n");
      return new Map(lines.map((line) => [(JSON.parse(line) as State).tick, line]));
    }

    /** As the server dumped them, in the ticks that the player saw. */
    function shipsOf(name: string, seen: ReadonlyMap<number, string>): ReadonlyMap<number, SeenShip> {
      const ships = new Map<number, SeenShip>();
      for (const tick of seen.keys()) {
        const { entities } = JSON.parse(serverStates.get(tick)!) as State;
        const ship = entities.find(
          ({ kind, fields }) => kind === "ship" && (fields as SeenShip).name === name,
        );
        if (ship !== undefined) ships.set(tick, ship.fields as SeenShip);
      }
      return ships;
    }
  });
});
