import type { NetCounters } from "../../src/net/wire/net-counters.ts";
import type { DrivenClient } from "../client-driver.ts";
import type { ClosedInfo } from "../client-types.ts";
import type { InputWatch } from "./input-watch.ts";

/** One player of a crowd, however much of the game it reads. */
export interface CrowdMember extends DrivenClient {
  /** True once the server has told it of a tick, until the connection is over. */
  readonly isPlaying: boolean;
  /** True once it was told of one. */
  readonly hasPlayed: boolean;
  /** Ticks that it was told of. */
  readonly updates: number;
  readonly counters: Readonly<NetCounters>;
  /** Why it is over, once it is. */
  readonly closedInfo: Pick<ClosedInfo, "reason" | "detail"> | undefined;
  readonly watch: InputWatch;
  leave(): void;
}
