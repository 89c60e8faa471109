import { InvalidArgumentError } from "commander";
import type { EachWay } from "../../client/load/link-profiles.ts";
import type { ValueReader } from "./option-values.ts";

/** Reads `5` for both ways, or `up=5,down=0`: up is from the players to the server. One of the two may be left out. */
export function eachWay(read: ValueReader<number>): ValueReader<EachWay> {
  return (text) => {
    try {
      return text.includes("=") ? readWays(text, read) : read(text);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new InvalidArgumentError(`${error.message}, or so for each way: up=1,down=2`);
    }
  };
}

function readWays(text: string, read: ValueReader<number>): EachWay {
  const ways: { up?: number; down?: number } = {};
  for (const part of text.split(",")) {
    const [, way, value] = /^(up|down)=(.*)$/.exec(part) ?? [];
    // What is neither way, or said twice, is refused as no number is.
    if ((way !== "up" && way !== "down") || ways[way] !== undefined) read("");
    else ways[way] = read(value!);
  }
  return ways;
}
