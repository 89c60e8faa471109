import { defineBot, defineGame, defineRoom, t } from "tickwire";
import { Simulation } from "tickwire/testing";
import { describe, expect, test } from "vitest";

const game = defineGame({
  name: "bait",
  tickRate: 30,
  input: { isBad: t.bool() },
  entities: { walker: { steps: t.uint(100_000), isBad: t.bool() } },
  messages: { say: { from: "both", fields: { n: t.uint(100_000) } } },
  avatar: "walker",
  step: {
    walker(walker, input) {
      if (input.isBad) throw new Error("a step that fails");
      walker.steps += 1;
    },
  },
});

type Where = "onJoin" | "onMessage" | "step" | "onTick";

/** Three players, of whom the second sets the trap off; five seconds later. */
function play(where: Where) {
  const errors: string[] = [];
  const heard = new Map<string, number>();
  const room = defineRoom(game, {
    onJoin(world, player) {
      if (where === "onJoin" && player.name === "player 2") throw new Error("no");
      player.entity = world.spawn("walker");
    },
    onTick(world) {
      if (where === "onTick" && world.players.size >= 2) throw new Error("every tick");
    },
    onMessage: {
      say(world, player, { n }) {
        if (n === 666) throw new Error("crash-bait");
        heard.set(player.name, n);
        world.broadcast("say", { n });
      },
    },
  });
  const simulation = new Simulation(room, {
    seed: 12,
    bot: defineBot(game, () => ({})),
    hooks: { onGameError: (_error, at) => errors.push(at) },
  });
  const echoes = [0, 0, 0];
  for (let i = 0; i < 3; i += 1) {
    const client = simulation.join((me, tick) => {
      const isBait = i === 1 && tick % 30 === 29;
      if (isBait && where === "onMessage") me.send("say", { n: 666 });
      else if (tick % 3 === 0) me.send("say", { n: tick });
      if (where === "step" && i === 1) me.setInput({ isBad: true });
    });
    client.on("say", () => {
      echoes[i]! += 1;
    });
  }
  simulation.run(5);
  return { simulation, errors, echoes, heard, states: simulation.clients.map(({ state }) => state) };
}

describe("one player's crash-bait stops nobody else", () => {
  test.each(["onJoin", "onMessage"] as const)("%s that throws for one costs that one the stay", (where) => {
    const { simulation, errors, echoes, states } = play(where);
    expect(states).toEqual(["playing", "closed", "playing"]);
    expect(simulation.clients[1]!.closedInfo).toMatchObject({ reason: "room-error" });
    expect(errors).toEqual([where === "onJoin" ? "onJoin" : "onMessage.say"]);
    expect(echoes[0]).toBeGreaterThan(60);
    expect(echoes[2]).toBeGreaterThan(60);
    expect(simulation.server.net.connectionCount).toBe(2);
  });

  test("step that throws for one entity leaves the others stepping", () => {
    const { simulation, errors, states } = play("step");
    expect(states).toEqual(["playing", "playing", "playing"]);
    expect(new Set(errors)).toEqual(new Set(["step.walker"]));
    for (const player of simulation.server.room.players) {
      const { steps } = player.entity!;
      if (player.name === "player 2") expect(steps).toBeLessThan(20);
      else expect(steps).toBeGreaterThan(100);
    }
  });

  test("onTick that throws each time: ticks, state and messages go on", () => {
    const { simulation, errors, echoes, states, heard } = play("onTick");
    expect(states).toEqual(["playing", "playing", "playing"]);
    expect(errors.length).toBeGreaterThan(100);
    expect(simulation.server.room.tick).toBeGreaterThan(140);
    expect(Math.min(...echoes)).toBeGreaterThan(60);
    expect(heard.size).toBe(3);
    for (const client of simulation.clients) expect(client.view.walker.size).toBe(3);
  });
});
