import type { MessageSchema, RecordSchema } from "./game-schema.ts";
import { packRecord, unpackRecord } from "./record-codec.ts";
import { payloadJson } from "./schema-payload.ts";
import { newValueCounters, type ValueCounters } from "./value-counters.ts";

/** A mistake of the game's code, told to who writes it: a value that was not kept as it was written. */
export interface ValueWarning {
  /** Of the entity. */
  readonly kind?: string;
  readonly id?: number;
  /** Name of the message. */
  readonly message?: string;
  /** Of a player's input. */
  readonly input?: true;
  /** `hp`, or of half a vec2 `at.x`; not there when a message's schema refused the whole. */
  readonly field?: string;
  /** Which of the counters counted it. */
  readonly reason: keyof ValueCounters;
  readonly wrote: unknown;
  /** What stands there now; of a message or an input, what is sent. */
  readonly kept?: unknown;
  /** What a message's schema says. */
  readonly problem?: string;
}

/** Values by the names of their fields. */
type Given = Readonly<Record<string, unknown>>;

const REASONS: readonly (keyof ValueCounters)[] = ["clamped", "rounded", "refused", "cut"];
/** So many are told at most, and each kind, field and reason once: code that is wrong is so many times a second. */
const MAX_WARNINGS = 100;

/** Finds out what is wrong by what is counted, so that right values cost next to nothing. */
export class ValueWarnings {
  readonly #counters: ValueCounters;
  readonly #hear: (warning: ValueWarning) => void;
  readonly #before: ValueCounters = newValueCounters();
  /** By field or message: a bit for each reason that was told. */
  readonly #told = new Map<object, number>();
  #left = MAX_WARNINGS;

  constructor(counters: ValueCounters, hear: (warning: ValueWarning) => void) {
    this.#counters = counters;
    this.#hear = hear;
  }

  /** A value is about to be written. */
  mark(): void {
    const { clamped, rounded, refused, cut } = this.#counters;
    this.#before.clamped = clamped;
    this.#before.rounded = rounded;
    this.#before.refused = refused;
    this.#before.cut = cut;
  }

  /** Whether anything was wrong with what was written since `mark`. */
  get isNews(): boolean {
    const { clamped, rounded, refused, cut } = this.#counters;
    const before = this.#before;
    return (
      clamped > before.clamped || rounded > before.rounded || refused > before.refused || cut > before.cut
    );
  }

  /** Tells it, once for each reason. `of`: what is told of only once. */
  tell(of: object, warning: Omit<ValueWarning, "reason">): void {
    this.#tell(of, warning, this.#before, this.#counters);
  }

  /** Finds out what in a message was wrong, and tells that. */
  tellMessage(message: MessageSchema, values: unknown): void {
    const { name, schema } = message;
    if (schema !== undefined) {
      const { problem } = payloadJson(schema, values);
      if (problem !== undefined) this.tell(message, { message: name, wrote: values, problem });
      return;
    }
    const given = values as Given;
    const sent = unpackRecord(message, packRecord(message, given, newValueCounters()));
    this.#tellFields(message, { message: name }, given, sent);
  }

  /** Finds out what in an input was wrong, and tells that. */
  tellInput(record: RecordSchema, given: Given, sent: Given): void {
    this.#tellFields(record, { input: true }, given, sent);
  }

  #tellFields({ fields }: RecordSchema, where: Partial<ValueWarning>, given: Given, sent: Given): void {
    for (const field of fields) {
      const { name, codec, initial } = field;
      if (!(name in given)) continue;
      const counters = newValueCounters();
      codec.pack(given[name], initial, counters);
      const warning = { ...where, field: name, wrote: given[name], kept: sent[name] };
      this.#tell(field, warning, newValueCounters(), counters);
    }
  }

  #tell(
    of: object,
    warning: Omit<ValueWarning, "reason">,
    before: Readonly<ValueCounters>,
    now: Readonly<ValueCounters>,
  ): void {
    for (const [bit, reason] of REASONS.entries()) {
      const told = this.#told.get(of) ?? 0;
      if (now[reason] === before[reason] || (told >> bit) % 2 === 1 || this.#left === 0) continue;
      this.#told.set(of, told | (1 << bit));
      this.#left -= 1;
      this.#hear({ ...warning, reason });
    }
  }
}
