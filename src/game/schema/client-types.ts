import type { EntityId } from "./field.ts";
import type {
  Avatar,
  FromClient,
  FromServer,
  InputValues,
  Kind,
  Mover,
  Payload,
  SeenEntity,
  SendResult,
  SentPayload,
  Shape,
} from "./shape.ts";
import type { EntityList } from "./world-types.ts";

/** The world as one client knows it, at the moment that it shows: `tick` has fractions. */
export type View<S extends Shape> = { readonly tick: number } & {
  readonly [K in Kind<S>]: EntityList<SeenEntity<S, K>>;
};

/** Something came into the player's sight, or is gone from it: out of reach or hidden ("left"), or no more ("despawned"). */
export interface Sighting {
  readonly what: "entered" | "left" | "despawned";
  /** As of which tick. */
  readonly tick: number;
  readonly id: EntityId;
  readonly kind: string;
}

/**
 * - `connecting`: not let in yet
 * - `playing`
 * - `dropped`: nothing is heard of the server; the same connection may go on
 * - `reconnecting`: the connection is lost, and the player tries to join anew
 * - `closed`: it is over
 */
export type ClientState = "connecting" | "playing" | "dropped" | "reconnecting" | "closed";

/** What a client is now; and, unless it is playing, why. */
export interface StateChange {
  readonly state: ClientState;
  /** What ended the connection, or "timeout" while it is dropped; undefined when it is playing. */
  readonly reason: string | undefined;
  /** A sentence for people, or empty. */
  readonly detail: string;
  readonly by: "server" | "client" | "network" | undefined;
}

/** For `for await`: ends when the client is closed, or the loop is left. */
export interface Stream<T> extends AsyncIterableIterator<T, undefined> {
  /** How much gave way because the loop was busy for too long. */
  readonly dropped: number;
}

/** One player's end of a game. */
export interface Client<S extends Shape> {
  readonly state: ClientState;
  readonly view: View<S>;
  /** Your own; every field the server shares with you is visible. */
  readonly entity: Readonly<Mover<S, Avatar<S>>> | undefined;
  /** What you want from now on. Fields you leave out keep their value. */
  setInput(input: Partial<InputValues<S>>): void;
  send<N extends FromClient<S>>(name: N, message: SentPayload<S["messages"][N]>): SendResult;
  /** Calls `handler` for every such message, when `view` shows its moment; the answer ends that. */
  on<N extends FromServer<S>>(name: N, handler: (message: Payload<S["messages"][N]>) => void): () => void;
  /** Calls `handler` for all that comes and goes, once `view` shows it; the answer ends that. */
  onSight(handler: (sighting: Sighting) => void): () => void;
  /** Calls `handler` after each change of `state`; the answer ends that. */
  onStateChange(handler: (change: StateChange) => void): () => void;
  /** The same as `on`, for a loop: up to 1024 wait for it. */
  messages<N extends FromServer<S>>(name: N): Stream<Payload<S["messages"][N]>>;
  /** The same as `onSight`: up to 1024 wait. */
  sightings(): Stream<Sighting>;
  /** The same as `onStateChange`: up to 1024 wait. The last one is "closed". */
  states(): Stream<StateChange>;
  /** Each tick that the client plays; of those that came while the loop was busy only the newest. */
  ticks(): Stream<number>;
  close(): Promise<void>;
  /** Settles when the connection is over, and says who ended it and why. */
  readonly closed: Promise<{ readonly reason: string; readonly by: "server" | "client" | "network" }>;
}
