"""PROTOCOL.md section 16, "The own block": who this player is, what it steers, and the carries of its own entities."""

from dataclasses import dataclass

from game_codec import MAX_TICK, TAU
from strict_msgpack import Malformed, Reader

GRID_PER_STEP = 64
OLDEST_AGE = 127
MAX_CARRIES = 256


@dataclass
class Carries:
    """Of one entity; `age` ticks ago its owner last had to be told of it."""

    index: int
    age: int
    carries: list


@dataclass
class OwnBlock:
    tick: int
    player_id: int
    #: Entity index of what the player steers, or None.
    avatar: int | None
    records: list


def read_own_block(block):
    reader = Reader(block)
    tick = reader.integer(0, MAX_TICK)
    player_id = reader.integer(1, 2**32 - 1)
    avatar = reader.integer(0, 2**20) - 1
    records = []
    index = -1
    while not reader.is_over:
        index += 1 + reader.integer(0, 2**20 - 1)
        if index >= 2**20:
            raise Malformed("an index of 2^20 or more")
        age = reader.integer(0, min(tick, OLDEST_AGE))
        count = reader.integer(0, MAX_CARRIES)
        carries = [byte - 256 if byte > 127 else byte for byte in reader.plain(count)]
        records.append(Carries(index, age, carries))
    return OwnBlock(tick, player_id, None if avatar < 0 else avatar, records)


def fitting_version(store, own, record):
    """The version that the carries were made for, or None if they are of no use."""
    held = store.held.get(record.index)
    version = held.in_force(own.tick) if held and held.in_sight else None
    if version is None or version.id != held.versions[-1].id or version.sight is not store.owner_sight(version):
        return None
    is_told = record.age == OLDEST_AGE or version.tick >= own.tick - record.age
    return version if is_told else None


def grid_numbers(sight):
    """The fields of a class that stand on the simulation grid; both halves of a vec2."""
    for name, f in sight.fields:
        if f["type"] in ("fixed", "angle"):
            yield name, f, None
        elif f["type"] == "vec2":
            yield name, f, 0
            yield name, f, 1


def exact_values(store, own):
    """By entity index: pairs of field and exact number, for the records that fit. Malformed with another count."""
    told = {}
    for record in own.records:
        version = fitting_version(store, own, record)
        if version is None:
            continue
        numbers = list(grid_numbers(version.sight))
        if len(numbers) != len(record.carries):
            raise Malformed(f"{len(record.carries)} carries for {len(numbers)} numbers")
        replicas = version.at(own.tick)
        told[record.index] = [
            (name, exact_value(f, replicas[name] if half is None else replicas[name][half], carry))
            for (name, f, half), carry in zip(numbers, record.carries)
        ]
    return told


def exact_value(f, replica, carry):
    whole = replica * GRID_PER_STEP + carry
    if f["type"] == "angle":
        turn = GRID_PER_STEP * 2 ** f["bits"]
        return ((whole % turn) * TAU) / turn
    return min(max(whole * (f["step"] / GRID_PER_STEP), f["min"]), f["max"])
