import { Binary, Context, defineSchema } from "nengi";

export const Kind = { ship: 1, steering: 2, welcome: 3 } as const;

export const context = new Context();
// Places in 64ths: as exact as the others', in as many bits.
context.register(
  Kind.ship,
  defineSchema({
    x: Binary.UInt16,
    y: Binary.UInt16,
    vx: Binary.Int8,
    vy: Binary.Int8,
    hp: Binary.UInt8,
    serial: Binary.UInt16,
  }),
);
context.register(Kind.steering, defineSchema({ serial: Binary.UInt16, dx: Binary.Int8, dy: Binary.Int8 }));
context.register(Kind.welcome, defineSchema({ ship: Binary.UInt16, id: Binary.UInt16 }));

export interface ShipEntity {
  nid: number;
  readonly ntype: typeof Kind.ship;
  x: number;
  y: number;
  vx: number;
  vy: number;
  hp: number;
  serial: number;
}

export interface SteeringCommand {
  readonly ntype: typeof Kind.steering;
  readonly serial: number;
  readonly dx: number;
  readonly dy: number;
}
