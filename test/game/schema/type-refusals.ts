import {
  type Client,
  defineBot,
  defineGame,
  defineRoom,
  type EntityOf,
  type InputOf,
  type MessageOf,
  type Shape,
  t,
  type WorldOf,
} from "tickwire";

/*
 * What the types must infer, and what they must refuse. `tsc` is the judge (an unused @ts-expect-error fails
 * it); functions that are never called hold what needs no run.
 */
type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Equal<A, B>): void {}

const place = {
  x: t.fixed(-512, 512, 1 / 64).follows("vx"),
  y: t.fixed(-512, 512, 1 / 64).follows("vy"),
  vx: t.fixed(-64, 64, 1 / 16),
  vy: t.fixed(-64, 64, 1 / 16),
};

const duel = defineGame({
  name: "duel",
  tickRate: 30,
  input: { move: t.vec2(-1, 1, 1 / 64), aim: t.angle(10), fire: t.bool() },
  entities: {
    ship: {
      ...place,
      hp: t.uint(100).default(100),
      name: t.text(24),
      team: t.oneOf("red", "blue"),
      reload: t.uint(30).visibleTo("owner"),
      fuel: t.uint(30).visibleTo("team"),
      bounty: t.uint(1000).visibleTo("server"),
    },
    shot: { ...place, ticksLeft: t.uint(30).default(30) },
  },
  messages: {
    chat: { from: "both", channel: "reliable-ordered", fields: { text: t.text(200) } },
    scored: { from: "server", fields: { who: t.text(24), points: t.uint(65_535) } },
    ready: { from: "client", channel: "unreliable", fields: {} },
  },
  avatar: "ship",
});
const duelRoom = defineRoom(duel, {});
function connect<S extends Shape>(_game: { readonly "~shape": S; readonly tickRate: number }): Client<S> {
  throw new Error("never called");
}

export function rightUses(me: Client<(typeof duel)["~shape"]>): void {
  me.setInput({ move: { x: 1, y: 0 }, aim: 0, fire: false });
  me.setInput({ fire: true });
  for (const ship of me.view.ship) {
    const hp: number = ship.hp;
    const team: "red" | "blue" = ship.team;
    void hp;
    void team;
  }
  const off: () => void = me.on("scored", (m) => {
    const p: number = m.points;
    void p;
  });
  off();
  me.onStateChange(({ state, reason }) => state === "closed" && reason === "kicked")();
  me.send("chat", { text: "hi" });
  me.send("ready", {});
  me.entity?.reload.toFixed();
  me.entity?.fuel.toFixed();
  same<NonNullable<typeof me.entity>["team"], "red" | "blue">(true);
  same<EntityOf<typeof duel, "ship">["hp"], number>(true);
  same<InputOf<typeof duel>["move"]["x"], number>(true);
  same<MessageOf<typeof duel, "scored">["points"], number>(true);
  defineBot(duel, (self, random) => ({ fire: random() < 0.5 && self.view.ship.size > 1 }));
}

export async function rightLoops(me: Client<(typeof duel)["~shape"]>): Promise<void> {
  for await (const message of me.messages("scored")) {
    same<typeof message, MessageOf<typeof duel, "scored">>(true);
    message.points.toFixed();
  }
  for await (const { what, id } of me.sightings()) if (what === "left") void me.view.ship.get(id);
  for await (const tick of me.ticks()) me.setInput({ fire: tick % 2 === 0 });
  const states = me.states();
  for await (const { state, by } of states) {
    same<typeof state, "connecting" | "playing" | "dropped" | "reconnecting" | "closed">(true);
    same<typeof by, "server" | "client" | "network" | undefined>(true);
  }
  states.dropped.toFixed();
}

export async function wrongLoops(me: Client<(typeof duel)["~shape"]>): Promise<void> {
  // @ts-expect-error a client does not hear "ready"
  me.messages("ready");
  for await (const message of me.messages("scored")) {
    // @ts-expect-error no such field
    message.score;
  }
  // @ts-expect-error not without await
  for (const tick of me.ticks()) void tick;
  for await (const { state } of me.states()) {
    // @ts-expect-error no such state
    if (state === "lost") return;
  }
}

export function wrongUsesOfAWorld(world: WorldOf<typeof duel>): void {
  // @ts-expect-error unknown kind
  world.spawn("shap");
  // @ts-expect-error unknown field
  world.spawn("ship", { xx: 1 });
  // @ts-expect-error wrong type
  world.spawn("ship", { hp: "100" });
  // @ts-expect-error undefined is not a value (exactOptionalPropertyTypes)
  world.spawn("ship", { hp: undefined });
  // @ts-expect-error not a choice
  world.spawn("ship", { team: "green" });
  // @ts-expect-error client-only message
  world.broadcast("ready", {});
  // @ts-expect-error payload
  world.broadcast("scored", { who: "a" });
  // @ts-expect-error no such list
  world.shop;
  for (const p of world.players) {
    // @ts-expect-error input is read only
    p.input.fire = true;
    // @ts-expect-error may be spectating
    p.entity.hp = 1;
    // @ts-expect-error a shot is not an avatar
    p.entity = world.spawn("shot");
    p.entity = world.spawn("ship");
  }
}

export function wrongUsesOfAClient(me: Client<(typeof duel)["~shape"]>): void {
  // @ts-expect-error server-only message
  me.send("scored", { who: "a", points: 1 });
  // @ts-expect-error a client does not hear "ready"
  me.on("ready", () => {});
  // @ts-expect-error unknown input
  me.setInput({ jump: true });
  for (const ship of me.view.ship) {
    // @ts-expect-error views are read only
    ship.hp = 1;
    // @ts-expect-error others' reload is not visible
    ship.reload.toFixed();
    // @ts-expect-error only the ship's team sees its fuel
    ship.fuel.toFixed();
    // @ts-expect-error never on the wire
    ship.bounty;
  }
  // @ts-expect-error a room would pull the server in
  connect(duelRoom);
  // @ts-expect-error no such input
  defineBot(duel, () => ({ jump: true }));
}

export function roomsWithSpectators(): void {
  defineRoom(duel, {
    maxSpectators: 4,
    interest: { sees: (player, entity) => !player.isSpectator || entity.kind === "ship" },
    onSpectate(world, spectator) {
      const [ship] = world.ship;
      spectator.follow(ship);
      spectator.send("scored", { who: spectator.name, points: 1 });
      // @ts-expect-error a spectator steers nothing
      spectator.entity = ship;
      // @ts-expect-error and has no team
      spectator.team = 1;
      // @ts-expect-error nor input
      spectator.input;
    },
    onSpectatorMessage: {
      ready(_world, spectator) {
        spectator.kick("no");
      },
      // @ts-expect-error the server does not receive "scored"
      scored() {},
    },
  });
}

export function wrongRooms(): void {
  defineRoom(duel, {
    onMessage: {
      // @ts-expect-error the server does not receive "scored"
      scored() {},
    },
  });
  defineRoom(duel, {
    interest: {
      radius: 100,
      always: ["shot"],
      sees: (player, entity) => entity.kind === "ship" && entity.team === "red" && player.team === 1,
    },
  });
  defineRoom(duel, { interest: { always: (entity) => entity.kind === "ship" && entity.bounty > 9 } });
  // @ts-expect-error no such kind
  defineRoom(duel, { interest: { always: ["shop"] } });
  // @ts-expect-error a filter answers yes or no
  defineRoom(duel, { interest: { sees: (player) => player.name } });
  defineRoom(duel, {
    onJoin(_w, p) {
      p.team = 2;
      p.viewpoint = { x: 0, y: 0 };
      // @ts-expect-error teams are numbers
      p.team = "red";
    },
  });
  defineRoom(duel, {
    // @ts-expect-error no such hook
    onJoined() {},
  });
  defineRoom(duel, {
    onJoin(w, p) {
      // @ts-expect-error a name is text
      p.entity = w.spawn("ship", { name: 3 });
    },
  });
  defineRoom(duel, {
    onMessage: {
      chat(_w, _p, m) {
        // @ts-expect-error no such field
        m.texxt;
      },
    },
  });
}

export function wrongDefinitions(): void {
  const base = { name: "a", tickRate: 30, input: {} };
  defineGame({
    ...base,
    // @ts-expect-error "players" would hide world.players
    entities: { players: { x: t.bool() } },
  });
  defineGame({
    ...base,
    // @ts-expect-error every entity has an id already
    entities: { ship: { id: t.id() } },
  });
  // @ts-expect-error no such kind
  defineGame({ name: "a", tickRate: 30, input: {}, entities: { ship: {} }, avatar: "shop" });
  defineGame({
    ...base,
    entities: { ship: { x: t.bool() } },
    step: {
      // @ts-expect-error no such kind
      shop() {},
    },
  });
  defineGame({
    name: "a",
    tickRate: 30,
    input: { go: t.bool() },
    entities: { ship: { on: t.bool() } },
    step: {
      ship(s, i) {
        s.on = i.go;
        // @ts-expect-error boolean
        s.on = 1;
        // @ts-expect-error unknown
        i.gone;
      },
    },
  });
  defineGame({
    ...base,
    entities: {},
    messages: {
      // @ts-expect-error direction
      chat: { from: "clients", fields: {} },
    },
  });
  defineGame({
    ...base,
    entities: {},
    messages: {
      // @ts-expect-error no such promise
      chat: { from: "both", channel: "reliable", fields: {} },
      world: { from: "server", channel: "bulk", weight: 2, fields: { bytes: t.bytes(100) } },
    },
  });
  defineGame({
    ...base,
    entities: {
      ship: {
        // biome-ignore lint/suspicious/noDuplicateObjectKeys: refusing it is what is asked of the compiler
        x: t.bool(),
        // @ts-expect-error the same name twice
        x: t.uint(1),
      },
    },
  });
  t.oneOf("red", "blue").default("red");
  // @ts-expect-error not a choice
  t.oneOf("red", "blue").default("green");
}

export function stepSeesOnlyWhatBothSidesKnow(): void {
  defineGame({
    name: "s",
    tickRate: 30,
    input: {},
    entities: {
      ship: {
        x: t.fixed(0, 1, 1),
        loot: t.uint(9).visibleTo("server"),
        ammo: t.uint(9).visibleTo("owner"),
      },
    },
    messages: { boom: { from: "server", fields: {} } },
    step: {
      ship(s, _i, world) {
        s.ammo -= 1;
        // @ts-expect-error only the server knows
        s.loot;
        // @ts-expect-error no messages while predicting
        world.broadcast("boom", {});
        // @ts-expect-error other players' inputs are not known to a client
        world.players;
        for (const other of world.ship) {
          other.x;
          // @ts-expect-error a step moves only itself
          other.x = 1;
        }
      },
    },
  });
}

// Order of keys does not matter: callbacks first.
const backwards = defineGame({
  step: {
    ship(s, i, w) {
      s.x += i.move.x * w.dt;
    },
  },
  avatar: "ship",
  messages: { hi: { from: "both", fields: { n: t.uint(3) } } },
  entities: { ship: { x: t.fixed(0, 1, 1) } },
  input: { move: t.vec2(-1, 1, 1) },
  tickRate: 30,
  name: "b",
});
same<EntityOf<typeof backwards, "ship">["x"], number>(true);

// A helper typed from the definition itself, used inside it.
const helped = defineGame({
  name: "h",
  tickRate: 30,
  input: { go: t.vec2(-1, 1, 1) },
  entities: { ship: { x: t.fixed(0, 1, 1) } },
  step: {
    ship(s, i, w) {
      moveShip(s, i, w.dt);
    },
  },
});
function moveShip(s: EntityOf<typeof helped, "ship">, i: InputOf<typeof helped>, dt: number): void {
  s.x += i.go.x * dt;
}

// Without an avatar, player.entity is the union, narrowed by kind.
const two = defineGame({
  name: "t",
  tickRate: 30,
  input: {},
  entities: { a: { x: t.bool() }, b: { y: t.bool() } },
});
defineRoom(two, {
  onTick(w) {
    for (const p of w.players) if (p.entity?.kind === "a") p.entity.x = true;
  },
});
