import { ChildProgram } from "../runtime-adapters/child-program.ts";

/** What the program of a server is started with. */
export interface LoadServerSetting {
  readonly game?: string;
  readonly rooms: number;
  /** Of each room. */
  readonly maxPlayers: number;
  readonly seed: number;
  readonly plaintext: boolean;
  /** Players come through a link that the harness plays: rates find it out as they would a real one. */
  readonly isBehindLink: boolean;
}

const program = new URL("load-server-program.ts", import.meta.url);

/** A server of a load test, in a process of its own. */
export interface LoadServer {
  readonly url: string;
  readonly httpUrl: string;
  end(): Promise<void>;
}

/** @throws Error with one sentence when it does not come up. */
export async function startLoadServer(setting: LoadServerSetting): Promise<LoadServer> {
  let heard: (value: { url: string; httpUrl: string }) => void = () => {};
  const listening = new Promise<{ url: string; httpUrl: string }>((resolve) => {
    heard = resolve;
  });
  const child = new ChildProgram(program, [JSON.stringify(setting)], (value) => heard(value as never));
  const first = await Promise.race([listening, child.ended]);
  if (!("url" in first)) {
    const why = first.complaint.trim().split("\n")[0];
    throw new Error(`the server did not start${why === "" ? "" : `: ${why}`}`);
  }
  return {
    ...first,
    async end() {
      await child.end();
    },
  };
}
