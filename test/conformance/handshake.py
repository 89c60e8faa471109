"""PROTOCOL.md section 8: the packets of the handshake, and the reasons of section 12."""

from dataclasses import dataclass

from sealing import Keys, blake2b, open_sealed, shared_secret
from strict_msgpack import MAX_INT, Malformed, Reader, pack

HELLO, COOKIE, CONNECT, ACCEPT, DENY, DATA_0, DATA_1, ADVISE, RESET = range(0x04, 0x0D)
HELLO_BYTES = 1200
RETRY_MS = 250
COOKIE_USE_MS = 4000

REASONS = (
    "closed",
    "timeout",
    "full",
    "draining",
    "kicked",
    "version-mismatch",
    "definition-mismatch",
    "room-error",
    "protocol-error",
    "replaced",
    "flooding",
    "server-restarted",
    "token-refused",
    "unknown-room",
)
ADVICE = ("malformed", "unknown-key", "forged", "expired", "audience", "proof", "used")


@dataclass(frozen=True)
class HelloFields:
    definition_hash: bytes
    client_random: bytes
    client_key: bytes
    min_version: int = 1
    max_version: int = 1

    @property
    def values(self):
        return [self.min_version, self.max_version, self.definition_hash, self.client_random, self.client_key]


def hello(fields):
    packet = bytes([HELLO]) + b"TICK" + pack(fields.values)
    return packet + bytes(HELLO_BYTES - len(packet))


@dataclass(frozen=True)
class Cookie:
    client_random: bytes
    min_version: int
    max_version: int
    issued_at_ms: int
    cookie: bytes
    #: The whole packet: it is part of the transcript.
    packet: bytes


def read_cookie(packet):
    reader = Reader(packet[1:])
    reader.array_of(5)
    client_random = reader.binary(16, 16)
    low = reader.integer(0, 255)
    high = reader.integer(low, 255)
    issued_at_ms = reader.integer(0, MAX_INT)
    cookie = reader.binary(16, 16)
    reader.end()
    return Cookie(client_random, low, high, issued_at_ms, cookie, packet)


def connect(fields, version, issued_at_ms, cookie, name, token, token_key):
    start = bytes([CONNECT]) + pack([*fields.values, version, issued_at_ms, cookie, name, token])
    return start + blake2b(16, start, key=token_key)


@dataclass(frozen=True)
class Accept:
    to_server: Keys
    to_client: Keys
    connection_id: int
    tick_rate: int
    server_tick: int
    timeout_ms: int
    is_sealed: bool
    reset_token: bytes
    step_seed: int


def read_accept(packet, cookie_packet, connect_packet, secret, token_key):
    if len(packet) < 33:
        raise Malformed("too short")
    server_key = packet[1:33]
    shared = shared_secret(secret, server_key)
    transcript = blake2b(32, cookie_packet + connect_packet + server_key)
    to_server = Keys.derive(token_key, b"tickwire to server", shared, transcript)
    to_client = Keys.derive(token_key, b"tickwire to client", shared, transcript)
    reader = Reader(open_sealed(to_client.key, to_client.iv, 0, packet[:33], packet[33:]))
    reader.array_of(7)
    accept = Accept(
        to_server,
        to_client,
        connection_id=reader.integer(1, 2**32 - 1),
        tick_rate=reader.integer(1, 1000),
        server_tick=reader.integer(0, MAX_INT),
        timeout_ms=reader.integer(1, 3600000),
        is_sealed=reader.boolean(),
        reset_token=reader.binary(16, 16),
        step_seed=reader.integer(0, 2**32 - 1),
    )
    reader.end()
    return accept


@dataclass(frozen=True)
class Denial:
    reason: int
    detail: str
    part_count: int
    part_hashes: tuple


def deny_key(token_key):
    return blake2b(32, b"tickwire deny", key=token_key)


def read_deny(packet, client_random, token_key):
    if len(packet) < 29:
        raise Malformed("too short")
    if packet[1:17] != client_random:
        raise Malformed("for another client")
    reader = Reader(open_sealed(deny_key(token_key), packet[17:29], 0, packet[:29], packet[29:]))
    reader.array_of(4)
    reason = reader.integer(0, 12)
    detail = reader.text(200)
    part_count = reader.integer(0, 1024)
    hashes = reader.binary(0, 4 * part_count)
    reader.end()
    if len(hashes) % 4 != 0:
        raise Malformed("part hashes have 4 bytes each")
    return Denial(
        reason, detail, part_count, tuple(hashes[i : i + 4].hex() for i in range(0, len(hashes), 4))
    )


def read_advise(packet, client_random):
    if len(packet) != 18 or packet[17] >= len(ADVICE):
        raise Malformed("no ADVISE")
    if packet[1:17] != client_random:
        raise Malformed("for another client")
    return ADVICE[packet[17]]
