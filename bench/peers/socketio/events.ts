/** One ship: id, x and y in 64ths, vx, vy, hp, serial. */
export type ShipRow = readonly [number, number, number, number, number, number, number];

export interface ServerEvents {
  welcome(id: number): void;
  state(ships: readonly ShipRow[]): void;
}

export interface ClientEvents {
  input(serial: number, dx: number, dy: number): void;
}
