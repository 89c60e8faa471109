/** The command was asked for something it cannot do: one sentence without a full stop, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
