/** Looks at every packet for one player in clear, and throws if it tells what the player may not know. */
import { decode } from "@msgpack/msgpack";
import { readToldBlock, type ToldBlock, type ToldRecord } from "./told-blocks.ts";
import { type Eyes, eyesOf, isSame, plainEyes, type TrueEntity, type TrueTick, type Truth } from "./truth.ts";
import { WILD_KINDS } from "./wild-game.ts";
import { CANARY_MARK, type Canary } from "./wild-rules.ts";

const STATE_FRAME = 1;
const AGE_LEFT = 64;
const AGE_DESPAWNED = 65;
const CANARY_LENGTH = CANARY_MARK.length + 9;

/** What was told last of an index. */
interface Told {
  readonly entity: TrueEntity;
  readonly eyes: Eyes;
  isGone: boolean;
}

export class LeakChecker {
  bodies = 0;
  records = 0;
  /** By the eyes they were for. */
  readonly fulls: [number, number, number] = [0, 0, 0];
  gone = 0;
  /** Texts for few eyes that were told to those few. */
  canaries = 0;
  readonly playerId: number;
  readonly #truth: Truth;
  readonly #canaries: ReadonlyMap<string, Canary>;
  readonly #told = new Map<number, Told>();

  constructor(playerId: number, truth: Truth, canaries: ReadonlyMap<string, Canary>) {
    this.playerId = playerId;
    this.#truth = truth;
    this.#canaries = canaries;
  }

  /** The body of a DATA packet, opened; in the order they were sent. */
  check(body: Uint8Array): void {
    this.bodies += 1;
    this.#findCanaries(body);
    const elements = decode(body) as unknown[];
    for (const frame of elements.slice(5) as [number, Uint8Array][]) {
      if (frame[0] === STATE_FRAME) this.checkState(frame[1]);
    }
  }

  checkState(bytes: Uint8Array): void {
    const block = readToldBlock(bytes, WILD_KINDS, (index) => this.#known(index));
    const truth = this.#truth.newest;
    if (block.tick !== truth.tick) throw new Error(`a block of tick ${block.tick} at ${truth.tick}`);
    for (const record of block.records) this.#checkRecord(record, block, truth);
  }

  #known(index: number): { readonly kind: TrueEntity["kind"]; readonly eyes: Eyes } | undefined {
    const told = this.#told.get(index);
    return told && { kind: told.entity.kind, eyes: told.eyes };
  }

  #checkRecord(record: ToldRecord, { tick }: ToldBlock, truth: TrueTick): void {
    this.records += 1;
    const { index, age, full } = record;
    const sight = this.#sight(truth);
    const told = this.#told.get(index);
    const leak = (what: string): Error =>
      new Error(`player ${this.playerId}, tick ${tick}, index ${index}: ${what}`);
    if (age >= AGE_LEFT) {
      this.gone += 1;
      if (told === undefined) throw leak("is said to be gone, and was never told of");
      if (sight.has(told.entity.id)) throw leak("is said to be gone, and is seen");
      if (age === AGE_DESPAWNED && truth.byId.has(told.entity.id))
        throw leak("is said to be no more, and lives");
      told.isGone = true;
      return;
    }
    const id = full?.id ?? told?.entity.id ?? 0;
    const entity = truth.byId.get(id);
    const eyes = sight.get(id);
    if (entity === undefined || eyes === undefined) throw leak(`entity ${id} is not seen`);
    const allowed = plainEyes(entity.kind, eyes);
    if (full !== undefined) {
      if (full.eyes > allowed) throw leak(`told to eyes ${full.eyes}, which are ${allowed}`);
      if (full.kind !== entity.kind || full.owner !== entity.owner) throw leak("of another kind or owner");
      this.fulls[full.eyes] += 1;
      this.#told.set(index, { entity, eyes: full.eyes, isGone: false });
    } else if (told!.isGone) throw leak("a change of what is gone");
    else if (told!.eyes > allowed) throw leak(`a change for eyes ${told!.eyes}, which are ${allowed}`);
    for (const [name, value] of record.values) {
      const i = entity.kind.fields.findIndex((field) => field.name === name);
      if (eyesOf(entity.kind.fields[i]!) > eyes) throw leak(`${name} is for other eyes`);
      if (!isSame(value, entity.replicas[i])) throw leak(`${name} is not ${String(value)}`);
    }
  }

  #findCanaries(body: Uint8Array): void {
    const [first, second] = [CANARY_MARK.charCodeAt(0), CANARY_MARK.charCodeAt(1)];
    for (let at = body.indexOf(first); at >= 0; at = body.indexOf(first, at + 1)) {
      if (body[at + 1] !== second) continue;
      const text = String.fromCharCode(...body.subarray(at, at + CANARY_LENGTH));
      const canary = this.#canaries.get(text);
      if (canary !== undefined) this.#checkCanary(text, canary);
    }
  }

  #checkCanary(text: string, { id, field }: Canary): void {
    this.canaries += 1;
    const truth = this.#truth.newest;
    const eyes = this.#sight(truth).get(id);
    const entity = truth.byId.get(id);
    const needed = eyesOf(
      entity?.kind.fields.find(({ name }) => name === field) ?? WILD_KINDS[0]!.fields.at(-1)!,
    );
    if (eyes === undefined || needed > eyes) {
      throw new Error(
        `player ${this.playerId}, tick ${truth.tick}: ${text}, ${field} of ${id}, is for other eyes`,
      );
    }
  }

  #sight({ sights }: TrueTick): ReadonlyMap<number, Eyes> {
    return sights.get(this.playerId) ?? new Map();
  }
}
