import { type SchemaType, schema, t } from "@colyseus/schema";

export const SteeringInput = schema({ serial: t.uint16(), dx: t.int8(), dy: t.int8() });
export type SteeringInput = SchemaType<typeof SteeringInput>;
