"""A client of Tickwire, written from PROTOCOL.md and STATES.md alone. One socket, no threads: call update() often."""

import os
import socket
import time
from collections import Counter

from nacl import bindings

import handshake as hs
from sealing import PHASE_PACKETS, Forged
from session import MAX_DATAGRAM, Session
from strict_msgpack import Malformed


def now_ms():
    return time.monotonic() * 1000


def open_socket():
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    opened.bind(("127.0.0.1", 0))
    opened.setblocking(False)
    return opened


class TickwireClient:
    """`drops(direction)` says of each datagram, "in" or "out", whether this network loses it."""

    def __init__(
        self,
        address,
        definition,
        token,
        name="",
        drops=lambda direction: False,
        phase_packets=PHASE_PACKETS,
        connect_seconds=10,
        versions=(1, 1),
        definition_hash=None,
    ):
        self.address = address
        self.definition = definition
        self.token = token
        self.name = name
        self.drops = drops
        self.phase_packets = phase_packets
        self.connect_ms = connect_seconds * 1000
        self.socket = open_socket()
        self.secret = os.urandom(32)
        public = bindings.crypto_scalarmult_base(self.secret)
        self.hello = hs.HelloFields(definition_hash or definition.hash, os.urandom(16), public, *versions)
        self.state = "idle"
        self.ending = None
        self.session = None
        self.denial = None
        self.advice = None
        self.server_versions = None
        self.counters = Counter()
        #: Of all DATA that came, also of what was then dropped.
        self.arrived_sequences = []
        self.on_state = lambda taken: None
        self.on_own = lambda own: None
        self.on_message = lambda name, values: None
        self.input_of = None

    # ---- what the owner calls

    def start(self):
        self.started_at = now_ms()
        self._ask(self.started_at)

    def update(self):
        now = now_ms()
        self._receive(now)
        if self.state in ("asking", "connecting"):
            self._knock(now)
        elif self.state in ("connected", "closing"):
            self.session.update(now)
            self._look_for_ending()

    def run_until(self, is_so, seconds):
        """Updates until `is_so()`, the end of the connection or the deadline; gives is_so()."""
        deadline = now_ms() + seconds * 1000
        while not is_so() and self.state != "closed" and now_ms() < deadline:
            self.update()
            time.sleep(0.003)
        return is_so()

    def send_message(self, name, values):
        """Of a message on channel 0: reliable, in order."""
        self.session.sent.queue(self.definition.message_payload(name, values))

    def close(self, detail=""):
        if self.state == "connected":
            self.session.leave(detail, now_ms())
            self.state = "closing"
        elif self.state != "closing":
            self._end("closed", "us")

    def move(self):
        """From another port from now on: what the server sees when a NAT has forgotten."""
        self.socket.close()
        self.socket = open_socket()

    def free(self):
        self.state = "closed"
        self.socket.close()

    # ---- the handshake

    def _ask(self, now):
        self.state = "asking"
        self.next_knock_at = now
        self._knock(now)

    def _knock(self, now):
        if now - self.started_at >= self.connect_ms:
            self._end("token-refused" if self.advice else "timeout", "network")
        elif self.state == "connecting" and now - self.cookie_at >= hs.COOKIE_USE_MS:
            self._ask(now)
        elif now >= self.next_knock_at:
            self.put(hs.hello(self.hello) if self.state == "asking" else self.connect)
            self.next_knock_at = now + hs.RETRY_MS

    def _on_cookie(self, packet, now):
        if self.state != "asking":
            return "refusedState"
        cookie = hs.read_cookie(packet)
        if cookie.client_random != self.hello.client_random:
            return "refusedRandom"
        self.server_versions = (cookie.min_version, cookie.max_version)
        version = min(self.hello.max_version, cookie.max_version)
        if version < max(self.hello.min_version, cookie.min_version):
            self._end("version-mismatch", "peer")
            return "accepted"
        self.cookie = cookie
        self.cookie_at = now
        asked = (cookie.issued_at_ms, cookie.cookie, self.name, self.token.token, self.token.key)
        self.connect = hs.connect(self.hello, version, *asked)
        self.state = "connecting"
        self.next_knock_at = now
        self._knock(now)
        return "accepted"

    def _on_accept(self, packet, now):
        if self.state != "connecting":
            return "refusedState"
        accept = hs.read_accept(packet, self.cookie.packet, self.connect, self.secret, self.token.key)
        if accept.is_sealed:
            self.state = "connected"
            self.session = Session(self.definition, accept, self.put, self, self.phase_packets, now)
        else:
            self._end("protocol-error", "peer")
        return "accepted"

    def _on_deny(self, packet, now):
        if self.state != "connecting":
            return "refusedState"
        self.denial = hs.read_deny(packet, self.hello.client_random, self.token.key)
        self._end(hs.REASONS[self.denial.reason], "peer")
        return "accepted"

    def _on_advise(self, packet, now):
        if self.state != "connecting":
            return "refusedState"
        self.advice = hs.read_advise(packet, self.hello.client_random)
        return "accepted"

    def _on_reset(self, packet, now):
        if self.state != "connected":
            return "refusedState"
        if packet[1:] != self.session.accept.reset_token:
            return "refusedReset"
        self._end("server-restarted", "peer")
        return "accepted"

    def _on_data(self, packet, now):
        if len(packet) <= 3:
            return "refusedTruncated"
        if self.state not in ("connected", "closing"):
            return "refusedState"
        counter = self.session.read(packet, now)
        self._look_for_ending()
        return counter

    def _look_for_ending(self):
        if self.session.ending:
            self._end(*(("closed", "us") if self.state == "closing" else self.session.ending))

    def _end(self, reason, by):
        self.state = "closed"
        self.ending = (reason, by)

    # ---- datagrams

    def put(self, datagram):
        self.counters["datagrams_sent"] += 1
        if self.drops("out"):
            self.counters["dropped_out"] += 1
            return False
        try:
            self.socket.sendto(datagram, self.address)
        except (BlockingIOError, ConnectionRefusedError):
            self.counters["unsent"] += 1
        return True

    def _receive(self, now):
        while self.state not in ("idle", "closed"):
            try:
                packet, sender = self.socket.recvfrom(65536)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            if packet[:1] in (b"\x09", b"\x0a") and len(packet) > 3:
                self.arrived_sequences.append(int.from_bytes(packet[1:3], "big"))
            if self.drops("in"):
                self.counters["dropped_in"] += 1
                continue
            self.counters[self._read(packet, sender, now)] += 1

    def _read(self, packet, sender, now):
        """The counter of section 10 that this datagram falls under."""
        if len(packet) > MAX_DATAGRAM:
            return "refusedOversized"
        if sender != self.address:
            return "refusedAddress"
        if not packet:
            return "refusedTruncated"
        readers = {
            hs.COOKIE: self._on_cookie,
            hs.ACCEPT: self._on_accept,
            hs.DENY: self._on_deny,
            hs.DATA_0: self._on_data,
            hs.DATA_1: self._on_data,
            hs.ADVISE: self._on_advise,
            hs.RESET: self._on_reset,
        }
        if packet[0] not in readers:
            return "refusedType"
        try:
            return readers[packet[0]](packet, now)
        except Malformed:
            return "refusedMalformed"
        except Forged:
            return "refusedForged"
