import { defineGame, defineRoom, t } from "tickwire";
import { serve } from "tickwire/server";

const race = defineGame({
  name: "race",
  tickRate: 30,
  input: { run: t.fixed(-1, 1, 1 / 64) },
  entities: { runner: { name: t.text(24), x: t.fixed(-100, 100, 1 / 64) } },
  step: {
    runner(me, input, world) {
      me.x += input.run * 10 * world.dt;
    },
  },
});
const room = defineRoom(race, {
  onJoin(world, player) {
    player.entity = world.spawn("runner", { name: player.name });
  },
});
serve(room, { port: 7777, bots: 8 }).then(({ url }) => console.log(`race on ${url}`));
