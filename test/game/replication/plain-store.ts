/** What a store holds, as plain data. */
import { type HeldEntity, numberAt, type Version } from "../../../src/game/replication/held-entity.ts";
import { Form, type PlannedField, VIEWERS } from "../../../src/game/replication/replica-plan.ts";
import type { ReplicaStore } from "../../../src/game/replication/replica-store.ts";
import type { Replica } from "../../../src/game/schema/field-codec.ts";
import { MsgpackReader } from "../../../src/net/bytes/msgpack-reader.ts";
import { MsgpackWriter } from "../../../src/net/bytes/msgpack-writer.ts";

/** What a version says of a field at `tick`. */
export function saidAt(version: Version, field: PlannedField, tick: number): Replica {
  if (field.form === Form.value) return version.values[field.place];
  const first = numberAt(version, field, 0, tick);
  return field.form === Form.vector ? [first, numberAt(version, field, 1, tick)] : first;
}

export interface PlainHeld {
  readonly id: number;
  readonly kind: string;
  readonly owner: number;
  readonly viewer: string;
  /** By field name. */
  readonly replicas: Readonly<Record<string, unknown>>;
}

export function plainHeld(entity: HeldEntity, tick: number): PlainHeld {
  const version = entity.versionAt(tick) ?? entity.newest!;
  const { plan, id, owner } = version;
  const replicas = plan.fields.map((field) => [field.schema.name, saidAt(version, field, tick) ?? null]);
  const viewer = VIEWERS[plan.viewer];
  return { id, kind: plan.kind.schema.name, owner, viewer, replicas: Object.fromEntries(replicas) };
}

/** Who is in sight, as of the newest tick. */
export function plainStore(store: ReplicaStore): PlainHeld[] {
  const held = store.present.flatMap(({ entities }) =>
    entities.map((entity) => plainHeld(entity, Math.max(store.newestTick, entity.newestTick))),
  );
  return held.sort((a, b) => a.id - b.id);
}

/** True if every replica of every version could have been written by a lawful server. */
export function isInRange(store: ReplicaStore): boolean {
  for (const { entities } of store.present) {
    for (const { versions } of entities) {
      for (const version of versions) {
        for (const { form, place, schema, bounds } of version.plan.fields) {
          if (form === Form.value) {
            if (!isLawful(version.values[place], schema.codec.maxBytes, schema.codec)) return false;
            continue;
          }
          for (let half = 0; half < schema.codec.width; half += 1) {
            const replica = version.numbers[place + half]!;
            if (!(replica >= bounds.least && replica <= bounds.most && Number.isInteger(replica)))
              return false;
          }
        }
      }
    }
  }
  return true;
}

function isLawful(replica: Replica, maxBytes: number, codec: PlannedField["schema"]["codec"]): boolean {
  const writer = new MsgpackWriter().reset(new Uint8Array(maxBytes));
  codec.write(writer, replica);
  const reader = new MsgpackReader().reset(writer.bytes, 0, writer.at);
  codec.read(reader);
  return writer.ok && reader.done();
}
