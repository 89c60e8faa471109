import type { Command } from "commander";
import {
  type EachWay,
  isPerfectLink,
  type LinkOptions,
  type LinkPlan,
  linkPlan,
} from "../../client/load/link-profiles.ts";
import { option } from "./command-options.ts";
import { eachWay } from "./each-way.ts";
import { fraction, shortText, wholeNumber } from "./option-values.ts";
import { UsageError } from "./usage-error.ts";

const LONGEST_MS = 60_000;
const BURST_MS = "100";

/** What the flags of a link say. */
export interface LinkFlags extends Omit<LinkOptions, "burstMs"> {
  readonly burst?: EachWay;
}

export function addLinkOptions(command: Command): void {
  const percent = (flag: string, what: string): void => {
    command.addOption(option(`--${flag}-percent <percent>`, what, eachWay(fraction(0, 100))));
  };
  const time = (flag: string, what: string): void => {
    command.addOption(option(`--${flag}-ms <ms>`, what, eachWay(fraction(0, LONGEST_MS))));
  };
  command.addOption(
    option(
      "--link <name>",
      "a way to play through: lan, fibre, wifi, lte, bad-lte, satellite",
      shortText(32),
    ),
  );
  percent("loss", "of datagrams");
  command.addOption(
    option(
      "--burst [ms]",
      "what is lost is lost in spells of so long (100)",
      eachWay(fraction(0, LONGEST_MS)),
    ).preset(BURST_MS),
  );
  time("latency", "one way");
  time("jitter", "the latency is up to so much less or more");
  percent("duplicate", "of datagrams");
  percent("reorder", "of datagrams");
  percent("corrupt", "of datagrams");
  command.addOption(option("--bandwidth-kbit <kbit>", "per second", eachWay(wholeNumber(1, 100_000_000))));
}

/**
 * The link that the flags ask for; undefined for none. Each takes the place of what the scenario says. Throws a
 * UsageError with one sentence.
 */
export function linkOf(flags: LinkFlags, scenario: LinkOptions = {}): LinkPlan | undefined {
  const { link, lossPercent, latencyMs, jitterMs, duplicatePercent, reorderPercent, corruptPercent } = flags;
  const { bandwidthKbit, burst } = flags;
  const options: LinkOptions = {
    ...scenario,
    ...(link !== undefined && { link }),
    ...(lossPercent !== undefined && { lossPercent }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(jitterMs !== undefined && { jitterMs }),
    ...(duplicatePercent !== undefined && { duplicatePercent }),
    ...(reorderPercent !== undefined && { reorderPercent }),
    ...(corruptPercent !== undefined && { corruptPercent }),
    ...(bandwidthKbit !== undefined && { bandwidthKbit }),
    ...(burst !== undefined && { burstMs: burst }),
  };
  try {
    const plan = linkPlan(options);
    return isPerfectLink(plan) ? undefined : plan;
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
