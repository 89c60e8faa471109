import { type SchemaType, schema, t } from "@colyseus/schema";
import { FULL_HP, SIDE } from "../fleet.ts";

/** Eight bits for whole numbers from −128 to 127. */
const SPEED_RANGE = { min: -128, max: 127, bits: 8 } as const;
const PLACE_RANGE = { min: 0, max: SIDE, bits: 16 } as const;

/** As many bits on the wire as Tickwire's, by Colyseus's own means. */
export const ColyseusShip = schema({
  id: t.uint16(),
  x: t.quantized(PLACE_RANGE),
  y: t.quantized(PLACE_RANGE),
  vx: t.quantized(SPEED_RANGE),
  vy: t.quantized(SPEED_RANGE),
  hp: t.uint8().default(FULL_HP),
  serial: t.uint16(),
});
export type ColyseusShip = SchemaType<typeof ColyseusShip>;

export const ColyseusState = schema({ ships: t.map(ColyseusShip) });
export type ColyseusState = SchemaType<typeof ColyseusState>;
