"""PROTOCOL.md section 16: replicas that go on by themselves, state blocks, and what a client keeps of them."""

import math
from dataclasses import dataclass, field

from game_codec import GENERATIONS, MAX_TICK, Entity, read_replica, replica_bounds, value_of
from strict_msgpack import Malformed, Reader

MAX_AGE = 63
LEFT = 64
DESPAWNED = 65
LONG_CHANGE = 7
DEFAULT_MAX_ENTITIES = 65536
CLASSES = ("everyone", "team", "owner")
NUMBERS = ("bool", "uint", "int", "fixed", "angle", "oneOf")


class Refused(Exception):
    """A block is refused, for one of the reasons of "Taking a block"."""

    def __init__(self, reason, what=""):
        super().__init__(f"{reason}: {what}")
        self.reason = reason


# ---- replicas that go on


def rate_factor(rate_step, step, tick_rate):
    return rate_step / (step * tick_rate)


def travelled(rate, k, tick):
    return math.floor((rate * k) * tick + 0.5)


def goes_on(replica, rate, k, start, end, bounds):
    return clamp(replica + travelled(rate, k, end) - travelled(rate, k, start), bounds)


def goes_on_over(replica, before, after, k, start, changed, end, bounds):
    """The rate changes at tick `changed`."""
    middle = goes_on(replica, before, k, start, changed - 1, bounds)
    return goes_on(middle, after, k, changed - 1, end, bounds)


def anchored(steps, rate, k, tick, bounds):
    return clamp(math.floor(steps - (rate * k) * tick + 0.5) + travelled(rate, k, tick), bounds)


def clamp(replica, bounds):
    return min(max(replica, bounds[0]), bounds[1])


# ---- wrapped deltas


def delta_bounds(bounds):
    count = bounds[1] - bounds[0] + 1
    widest = max(127, math.ceil(count / 2) - 1)
    return min(0, widest + 1 - count), min(widest, count - 1)


def wrapped(bounds, before, after):
    count = bounds[1] - bounds[0] + 1
    delta = (after - before) % count
    return delta if delta <= max(127, math.ceil(count / 2) - 1) else delta - count


def unwrapped(bounds, before, delta):
    count = bounds[1] - bounds[0] + 1
    after = before + delta
    if after > bounds[1]:
        return after - count
    return after + count if after < bounds[0] else after


# ---- classes of viewers


class Sight:
    """What one class sees of a kind: its fields in the order of records."""

    def __init__(self, definition, kind, number):
        self.kind = kind
        self.name = definition.kinds[kind]
        self.name_of_class = CLASSES[number]
        self.public = definition.public[kind]
        declared = definition.fields_of_kind[kind]
        seen = [(n, f) for n, f in declared if f.get("visibleTo", "everyone") in CLASSES[: number + 1]]
        self.fields = [e for e in seen if "follows" not in e[1]] + [e for e in seen if "follows" in e[1]]
        self.bounds = {n: number_bounds(f) for n, f in seen}
        self.rate_of = {n: f["follows"] for n, f in seen if "follows" in f}
        steps = {n: f.get("step") for n, f in seen}
        rate = definition.json["tickRate"]
        self.k = {n: rate_factor(steps[r], steps[n], rate) for n, r in self.rate_of.items()}
        self.mask_bits = len(self.fields) + (3 if self.rate_of else 0)


def number_bounds(f):
    return (0, 1) if f["type"] == "bool" else replica_bounds(f)


def sights_of(definition):
    """By kind and class; None for a class that sees no more than the one before."""
    table = []
    for kind in range(len(definition.kinds)):
        row = [Sight(definition, kind, number) for number in range(3)]
        wider = [None if len(b.fields) == len(a.fields) else b for a, b in zip(row, row[1:])]
        table.append([row[0], *wider])
    return table


@dataclass
class Version:
    """All that a class sees of an entity at one tick."""

    tick: int
    id: int
    owner: int
    sight: Sight
    replicas: dict

    def at(self, tick):
        """By field: the replicas of a later tick, if nothing surprises."""
        sight = self.sight
        return {
            name: goes_on(replica, self.replicas[sight.rate_of[name]], sight.k[name], self.tick, tick, sight.bounds[name])
            if name in sight.rate_of
            else replica
            for name, replica in self.replicas.items()
        }

    def entity(self, tick):
        """As text for comparing: the fields that everyone sees, in the order of declaration."""
        replicas = self.at(tick)
        fields = {name: value_of(replicas[name], f) for name, f in self.sight.public}
        return Entity(self.sight.name, self.id, self.owner, fields)


@dataclass
class Held:
    """What is kept for one entity index."""

    newest: int = -1
    in_sight: bool = False
    versions: list = field(default_factory=list)

    def in_force(self, tick):
        return next((version for version in reversed(self.versions) if version.tick <= tick), None)


@dataclass
class Told:
    """One record of a block."""

    index: int
    age: int
    version: Version | None


@dataclass
class Event:
    what: str
    tick: int
    id: int


@dataclass
class Taken:
    """What a block brought: who came and went, and the records that were news."""

    tick: int
    events: list
    news: list


class ReplicaStore:
    """Takes state blocks whole, or refuses them."""

    def __init__(self, definition, max_entities=DEFAULT_MAX_ENTITIES):
        self.sights = sights_of(definition)
        self.max_entities = max_entities
        self.newest = -1
        self.held = {}

    def owner_sight(self, version):
        """The least class that sees all that an owner sees."""
        return [sight for sight in self.sights[version.sight.kind] if sight][-1]

    def in_sight(self):
        """Indexes and what is held of them, in order."""
        return [(index, held) for index, held in sorted(self.held.items()) if held.in_sight]

    def entities(self, tick):
        """Everything in sight, as text for comparing."""
        return [held.versions[-1].entity(tick) for _, held in self.in_sight()]

    def take(self, block):
        """What was Taken. Raises Refused: then nothing was."""
        try:
            tick, records = self._read(Reader(block))
        except Malformed as fault:
            raise Refused("malformed", fault) from None
        self.newest = max(self.newest, tick)
        events = []
        news = [told for told in records if self._commit(tick, told, events)]
        self._forget()
        return Taken(tick, events, news)

    # ---- reading

    def _read(self, reader):
        tick = reader.integer(0, MAX_TICK)
        if tick < self.newest - MAX_AGE:
            raise Refused("too old", tick)
        records = []
        named = set()
        least_age = 0
        while not reader.is_over:
            age = reader.integer(least_age, DESPAWNED)
            least_age = age + 1
            index = -1
            for _ in range(reader.integer(1, 2**20)):
                index += 1 + reader.integer(0, 2**20 - 1)
                if index >= 2**20:
                    raise Malformed("an index of 2^20 or more")
                if index in named:
                    raise Refused("contradictory", f"index {index} twice")
                named.add(index)
                records.append(Told(index, age, self._read_version(reader, tick, age, index)))
        if len(named | self.held.keys()) > self.max_entities:
            raise Refused("too many", len(named))
        return tick, records

    def _read_version(self, reader, tick, age, index):
        if age >= LEFT:
            return None
        held = self.held.get(index, Held())
        return self._read_full(reader, tick, index, held) if age == 0 else self._read_delta(reader, tick, age, held)

    def _read_full(self, reader, tick, index, held):
        entity_id = index * GENERATIONS + reader.integer(1, GENERATIONS - 1)
        kind = reader.integer(0, 255)
        owner = reader.integer(0, 2**32 - 1)
        number = reader.integer(0, 2)
        if kind >= len(self.sights):
            raise Refused("wrong kind", kind)
        sight = self.sights[kind][number]
        if sight is None:
            raise Refused("wrong class", number)
        known = held.versions[-1] if held.versions else None
        if known is not None and known.id == entity_id and known.sight.kind != kind:
            raise Refused("contradictory", f"{entity_id} of another kind")
        replicas = {name: read_replica(reader, f) for name, f in sight.fields}
        return Version(tick, entity_id, owner, sight, replicas)

    def _read_delta(self, reader, tick, age, held):
        base = held.in_force(tick - age)
        if base is None:
            raise Refused("unknown baseline", f"nothing of tick {tick - age}")
        if tick > held.newest:
            newest = held.versions[-1]
            if not held.in_sight or (newest.id, newest.sight) != (base.id, base.sight):
                raise Refused("unknown baseline", "of another life or class")
        replicas = DeltaReader(reader, base, tick, age).replicas
        return Version(tick, base.id, base.owner, base.sight, replicas)

    # ---- taking

    def _commit(self, tick, told, events):
        """Whether it was news."""
        held = self.held.setdefault(told.index, Held())
        if tick <= held.newest:
            return False
        held.newest = tick
        known = held.versions[-1] if held.versions else None
        if told.version is None:
            if held.in_sight:
                events.append(Event("left" if told.age == LEFT else "despawned", tick, known.id))
            held.in_sight = False
            return True
        if held.in_sight and known.id != told.version.id:
            events.append(Event("despawned", tick, known.id))
            held.in_sight = False
        if not held.in_sight:
            events.append(Event("entered", tick, told.version.id))
        held.in_sight = True
        held.versions.append(told.version)
        oldest = tick - MAX_AGE + 1
        while len(held.versions) > 1 and held.versions[1].tick <= oldest:
            del held.versions[0]
        return True

    def _forget(self):
        oldest = self.newest - MAX_AGE
        gone = [index for index, held in self.held.items() if not held.in_sight and held.newest < oldest]
        for index in gone:
            del self.held[index]


class DeltaReader:
    """Reads the changes of a delta record: `replicas`, by field."""

    def __init__(self, reader, base, tick, age):
        self.reader = reader
        self.sight = base.sight
        self.base = base
        self.tick = tick
        bits = self._mask()
        fields = self.sight.fields
        shift = bits >> len(fields)
        c = reader.integer(LONG_CHANGE, MAX_AGE - 1) if shift == LONG_CHANGE else shift
        self.changed = tick - c
        self.replicas = {}
        for n, (name, f) in enumerate(fields):
            self.replicas[name] = self._field(name, f, bits >> n & 1)
        rates = set(self.sight.rate_of.values())
        if any(self.replicas[rate] != base.replicas[rate] for rate in rates):
            if c >= age:
                raise Malformed("rates changed before the base")
        elif c != 0:
            raise Malformed("an age of a change that was none")

    def _mask(self):
        count = math.ceil(self.sight.mask_bits / 8)
        bits = int.from_bytes(self.reader.plain(count), "little")
        if bits >> self.sight.mask_bits:
            raise Malformed("bits left over")
        return bits

    def _field(self, name, f, is_set):
        before = self.base.replicas[name]
        if name in self.sight.rate_of:
            foretold = self._foretold(name, before)
            return self._delta(name, foretold, True) if is_set else foretold
        if not is_set:
            return before
        if f["type"] == "vec2":
            after = [self._delta(name, half, False) for half in before]
        elif f["type"] in NUMBERS and self._has_two_values(name):
            low, high = self.sight.bounds[name]
            return (not before) if f["type"] == "bool" else low + high - before
        elif f["type"] in NUMBERS:
            return self._delta(name, before, True)
        else:
            after = read_replica(self.reader, f)
        if after == before:
            raise Malformed(f"{name} is set and stays as it was")
        return after

    def _has_two_values(self, name):
        low, high = self.sight.bounds[name]
        return high - low == 1

    def _delta(self, name, before, must_change):
        bounds = self.sight.bounds[name]
        delta = self.reader.integer(*delta_bounds(bounds))
        if must_change and delta == 0:
            raise Malformed(f"{name} is set and stays as it was")
        return unwrapped(bounds, before, delta)

    def _foretold(self, name, before):
        rate, k, bounds = self.sight.rate_of[name], self.sight.k[name], self.sight.bounds[name]
        old, new = self.base.replicas[rate], self.replicas[rate]
        if old == new:
            return goes_on(before, old, k, self.base.tick, self.tick, bounds)
        return goes_on_over(before, old, new, k, self.base.tick, self.changed, self.tick, bounds)
