"""PROTOCOL.md sections 7, 13 and 14: a definition, its hashes, records and messages; equality of section 16."""

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal

from sealing import blake2b
from strict_msgpack import MAX_INT, Malformed, Reader, pack

TAU = 6.283185307179586
GENERATIONS = 2**20
MAX_TICK = 2**53 - 1
MAX_JSON_DEPTH = 64


def canonical(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


#: Kinds of which a game's messages share a channel, those of channels 0 and 1 first.
SHARED_KINDS = ["reliable-ordered", "unreliable", "reliable-unordered"]


class Definition:
    """Of a game, as its canonical JSON says (section 7)."""

    def __init__(self, text):
        self.text = text
        self.json = json.loads(text)
        self.hash = blake2b(32, text.encode())
        self.kinds = list(self.json["entities"])
        self.messages = list(self.json["messages"])
        self.fields_of_kind = [list(fields.items()) for fields in self.json["entities"].values()]
        self.public = [
            [(name, f) for name, f in fields if f.get("visibleTo", "everyone") == "everyone"]
            for fields in self.fields_of_kind
        ]

    def part_hashes(self):
        """Part and first four bytes of its hash, in order."""
        whole = self.json
        parts = [
            ("name", whole["name"]),
            ("tick rate", whole["tickRate"]),
            ("avatar", whole.get("avatar")),
            ("input", whole["input"]),
            *((f"entity {kind}", fields) for kind, fields in whole["entities"].items()),
            *((f"message {message}", fields) for message, fields in whole["messages"].items()),
        ]
        return [(part, blake2b(32, value_text([part, value]).encode())[:4].hex()) for part, value in parts]

    def channels(self):
        """The kind of each channel, by number (section 13)."""
        kinds = {0: "reliable-ordered", 1: "unreliable"}
        kinds |= {self.channel_of(name): m["channel"] for name, m in self.json["messages"].items()}
        return [kinds[channel] for channel in range(len(kinds))]

    def channel_of(self, wanted):
        free, unordered = 2, None
        for name, message in self.json["messages"].items():
            kind, channel = message["channel"], free
            is_shared = kind in SHARED_KINDS and not message.get("ownChannel")
            if is_shared and kind != "reliable-unordered":
                channel = SHARED_KINDS.index(kind)
            elif is_shared and unordered is not None:
                channel = unordered
            else:
                free += 1
            if is_shared and kind == "reliable-unordered":
                unordered = channel
            if name == wanted:
                return channel

    def key_of(self, name, values):
        """Which value of a reliable-latest channel it replaces."""
        message = self.json["messages"][name]
        if "key" not in message:
            return 0
        f = message["fields"][message["key"]]
        if f["type"] == "bool":
            return int(values[message["key"]])
        return to_elements(values[message["key"]], f)[0] - replica_bounds(f)[0]

    def message_payload(self, name, values):
        if "schema" in self.json["messages"][name]:
            return pack([self.messages.index(name), value_text(values)])
        fields = self.json["messages"][name]["fields"].items()
        elements = [element for field, f in fields for element in to_elements(values[field], f)]
        return pack([self.messages.index(name), *elements])

    @classmethod
    def of_document(cls, path):
        """The arena's, from the only JSON of PROTOCOL.md that has a tick rate."""
        with open(path, encoding="utf-8") as document:
            lines = [line.strip() for line in document]
        return cls(next(line for line in lines if line.startswith('{"name":"arena","tickRate"')))


def element_count(fields):
    return sum(2 if f["type"] == "vec2" else 1 for _, f in fields)


def replica_bounds(f):
    match f["type"]:
        case "uint":
            return 0, f["max"]
        case "int":
            return f["min"], f["max"]
        case "fixed" | "vec2":
            return math.ceil(f["min"] / f["step"] - 1e-9), math.floor(f["max"] / f["step"] + 1e-9)
        case "angle":
            return 0, 2 ** f["bits"] - 1
        case "id":
            return 0, 2**40 - 1
        case "oneOf":
            return 0, len(f["choices"]) - 1


def read_value(reader, f):
    """A field's value from its elements."""
    return value_of(read_replica(reader, f), f)


def read_replica(reader, f, is_inside=False):
    """What its elements say: numbers as integers, a vec2 as a list of two, which inside an optional or a list is one array."""
    kind = f["type"]
    if kind == "bool":
        return reader.boolean()
    if kind == "text":
        return reader.text(f["maxBytes"])
    if kind == "bytes":
        return reader.binary(0, f["maxBytes"])
    if kind == "optional":
        return None if reader.nil() else read_replica(reader, f["inner"], True)
    if kind == "list":
        count = reader.array()
        if count > f["max"]:
            raise Malformed("a longer list than the field has")
        return [read_replica(reader, f["inner"], True) for _ in range(count)]
    low, high = replica_bounds(f)
    if kind == "vec2":
        if is_inside:
            reader.array_of(2)
        return [reader.integer(low, high), reader.integer(low, high)]
    return reader.integer(low, high)


def value_of(replica, f):
    match f["type"]:
        case "fixed":
            return replica * f["step"]
        case "vec2":
            return {"x": replica[0] * f["step"], "y": replica[1] * f["step"]}
        case "angle":
            return (replica * TAU) / 2 ** f["bits"]
        case "oneOf":
            return f["choices"][replica]
        case "id":
            return None if replica == 0 else replica
        case "optional":
            return None if replica is None else value_of(replica, f["inner"])
        case "list":
            return [value_of(each, f["inner"]) for each in replica]
    return replica


def to_elements(value, f, is_inside=False):
    """The elements of a value that is to be sent; a vec2 is {"x": ..., "y": ...}."""
    match f["type"]:
        case "bool":
            return [value]
        case "text":
            whole = re.sub("[\ud800-\udfff]", "\ufffd", value)
            return [whole.encode()[: f["maxBytes"]].decode(errors="ignore")]
        case "bytes":
            return [value[: f["maxBytes"]]]
        case "uint" | "int":
            return [_clamp(math.floor(value + 0.5), *replica_bounds(f))]
        case "fixed":
            return [_fixed(value, f)]
        case "vec2":
            both = [_fixed(value["x"], f), _fixed(value["y"], f)]
            return [both] if is_inside else both
        case "angle":
            if not 0 <= value < TAU:
                value -= TAU * math.floor(value / TAU)
                value = value if 0 <= value < TAU else 0
            return [math.floor((value / TAU) * 2 ** f["bits"] + 0.5) % 2 ** f["bits"]]
        case "id":
            return [value or 0]
        case "oneOf":
            return [f["choices"].index(value)]
        case "optional":
            return [None] if value is None else to_elements(value, f["inner"], True)
        case "list":
            return [[e for each in value[: f["max"]] for e in to_elements(each, f["inner"], True)]]
    raise ValueError(f["type"])


def default_of(f):
    """A declared default, or the type's."""
    if "default" in f and f["type"] != "bytes":
        return f["default"]
    match f["type"]:
        case "bool":
            return False
        case "text":
            return ""
        case "bytes":
            return bytes(f.get("default", ()))
        case "vec2":
            return {"x": _clamp(0, f["min"], f["max"]), "y": _clamp(0, f["min"], f["max"])}
        case "oneOf":
            return f["choices"][0]
        case "optional" | "id":
            return None
        case "list":
            return []
        case "int" | "fixed":
            return _clamp(0, f["min"], f["max"])
    return 0


def _fixed(value, f):
    value = _clamp(value, f["min"], f["max"])
    return _clamp(math.floor(value / f["step"] + 0.5), *replica_bounds(f))


def _clamp(value, low, high):
    return min(max(value, low), high)


def number_text(value):
    """As ECMAScript writes a number, for sizes below 1e21."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    text = repr(value)
    if abs(value) >= 1e-6:
        return format(Decimal(text), "f")
    return text.replace("e-0", "e-")


def value_text(value):
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return canonical(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{canonical(k)}:{value_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(value_text, value)) + "]"
    return number_text(value)


@dataclass
class Entity:
    kind: str
    id: int
    owner: int
    fields: dict

    @property
    def index(self):
        return self.id // GENERATIONS


def entities_text(entities):
    """Section 16, "Equality": as the server writes those of a tick."""
    return [vars(entity) for entity in sorted(entities, key=lambda entity: entity.id)]


def read_json(text):
    """What a message with a schema carries; what the schema says of it is not known here."""

    def refuse(_):
        raise ValueError("no JSON")

    def members(pairs):
        if any(name == "__proto__" for name, _ in pairs):
            raise ValueError("a member __proto__")
        return dict(pairs)

    try:
        value = json.loads(text, parse_constant=refuse, object_pairs_hook=members)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from None
    if depth_of(value) > MAX_JSON_DEPTH:
        raise Malformed("nested too deep")
    return value


def depth_of(value):
    """How many arrays and objects stand in one another."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


def read_message(definition, payload, sender="server"):
    """Name and field values."""
    reader = Reader(payload)
    count = reader.array()
    name = definition.messages[reader.integer(0, len(definition.messages) - 1)]
    message = definition.json["messages"][name]
    if "schema" in message:
        if message["from"] not in (sender, "both") or count != 2:
            raise Malformed("not this sender's message")
        value = read_json(reader.text(MAX_INT))
        reader.end()
        return name, value
    fields = list(message["fields"].items())
    if message["from"] not in (sender, "both") or count != 1 + element_count(fields):
        raise Malformed("not this sender's message")
    values = {field_name: read_value(reader, f) for field_name, f in fields}
    reader.end()
    return name, values
