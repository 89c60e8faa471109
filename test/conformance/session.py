"""PROTOCOL.md sections 9 to 13 and 17 at a client: what DATA carries from ACCEPT to the goodbye."""

import math
from collections import Counter
from dataclasses import dataclass

import handshake as hs
from delivery import (
    Flight,
    Received,
    Sent,
    Unlawful,
    acked_numbers,
    full_count,
    ranges_are_lawful,
)
from game_codec import read_message, to_elements
from inboxes import Channel
from input_clock import InputClock, InputHistory
from own_block import read_own_block
from replica_store import Refused, ReplicaStore
from sealing import OpeningKeys, SealingKeys, seal
from strict_msgpack import Malformed, Reader, pack

MAX_DATAGRAM = 1200
#: Less the header, the tag and a head at its longest.
MAX_FRAME_BYTES = MAX_DATAGRAM - 7 - 16 - 12
MAX_RANGES_BYTES = 200
ACK_ALONE_AFTER_MS = 25
KEEP_ALIVE_MS = 1000
KNOCK_MS = 250
RECONNECT_MS = 30000
RESYNC_EVERY_MS = 1000
GOODBYES = 7
GOODBYE_INTERVAL_MS = 20
MAX_UNACKED = 16384
MAX_UNACKED_KNOCKS = 32000
MESSAGE, STATE, INPUT, DISCONNECT, PING, OWN, ACK_RANGES, FRAGMENT = range(8)
PATH_CHALLENGE, PATH_RESPONSE, RESYNC = 8, 9, 10


@dataclass
class Packet:
    """A packet from the server that opened."""

    number: int
    ack: int
    missing: int
    delay_ms: int
    tick: int
    lead: int
    ranges: list | None
    frames: list


class Session:
    """`put` sends a datagram and says whether it left; `events` has on_state, on_own, on_message and input_of."""

    def __init__(self, definition, accept, put, events, phase_packets, now):
        self.definition = definition
        self.accept = accept
        self.put = put
        self.events = events
        self.tick_ms = 1000 / accept.tick_rate
        self.sealing = SealingKeys(accept.to_server, phase_packets)
        self.opening = OpeningKeys(accept.to_client)
        self.received = Received()
        self.sent = Sent(tick_ms=self.tick_ms)
        self.channels = [Channel(kind) for kind in definition.channels()]
        self.store = ReplicaStore(definition)
        self.resync_asked_at = -math.inf
        self.newest_own = -1
        self.clock = InputClock(self.tick_ms)
        self.history = InputHistory()
        self.tick = accept.server_tick
        self.tick_at = now
        self.lead = 0
        self.former_ack = 0
        self.ack_due_at = None
        self.asked_at = now
        self.heard_at = now
        self.dropped_at = None
        self.is_leaving = False
        self.ending = None
        #: Numbers of our packets that never left, and the tick in the head of each packet of the server's.
        self.dropped_numbers = set()
        self.tick_of_packet = {}
        self.violations = []
        self.counters = Counter()
        self.send([[PING]], now)

    # ---- from the server

    def read(self, packet, now):
        """The counter of section 10 that this DATA packet falls under; Forged when it does not open."""
        if len(packet) <= 3:
            return "refusedTruncated"
        number = full_count(int.from_bytes(packet[1:3], "big"), self.received.newest)
        refusal = self.received.refusal(number)
        if refusal:
            return refusal
        header, sealed = packet[:3], packet[3:]
        body = self.opening.open(packet[0] - hs.DATA_0, number, self.received.newest, header, sealed, now)
        reader = Reader(body)
        try:
            frame_count = reader.array() - 5
            if not 0 <= frame_count <= 256:
                raise Malformed("no body")
            ack = full_count(reader.integer(0, 65535), self.sent.newest)
            head = [reader.integer(0, 2**32 - 1), reader.integer(0, 127)]
            head += [reader.integer(0, 65535), reader.integer(-32, 127)]
        except Malformed as fault:
            return self._breach("refusedBody", f"packet {number}: {fault}")
        if ack > self.sent.newest:
            return self._breach("refusedAck", f"packet {number} acks {ack}, {self.sent.newest} is the newest")
        opened = Packet(number, ack, *head, None, [])
        try:
            for _ in range(frame_count):
                self.read_frame(reader, opened)
            reader.end()
        except (Malformed, Unlawful) as fault:
            return self._breach("refusedFrame", f"packet {number}: {fault}")
        try:
            taken = self._take_state(opened)
        except Refused as refusal:
            if refusal.reason != "too old" and now - self.resync_asked_at >= RESYNC_EVERY_MS:
                self.ask_resync(now)
            return self._breach("refusedBlock", f"packet {number}: {refusal}")
        self._take(opened, taken, now)
        return "accepted"

    def _take_state(self, packet):
        """Before anything else of the packet: what its STATE block brought, None without one."""
        block = next((content for kind, content in packet.frames if kind == STATE), None)
        if block is None or self.is_leaving:
            return None
        taken = self.store.take(block)
        self.counters["records"] += len(taken.news)
        self.counters["full_records"] += sum(told.age == 0 for told in taken.news)
        return taken

    def _breach(self, counter, what):
        self.violations.append(what)
        return counter

    def read_frame(self, reader, packet):
        count = reader.array()
        kind = reader.integer(0, 10)
        if kind in (MESSAGE, FRAGMENT):
            channel = reader.integer(0, 63)
            if channel >= len(self.channels):
                raise Unlawful(f"no channel {channel}")
            read = self.channels[channel].read_message if kind == MESSAGE else self.channels[channel].read_fragment
            packet.frames.append((kind, (channel, *read(reader, count))))
        elif kind in (STATE, OWN) and count == 2 and all(kind != known for known, _ in packet.frames):
            packet.frames.append((kind, reader.binary(0, 1140)))
        elif kind == DISCONNECT and count == 3:
            packet.frames.append((kind, (reader.integer(0, 12), reader.text(200))))
        elif kind == PING and count == 1:
            packet.frames.append((kind, None))
        elif kind in (PATH_CHALLENGE, PATH_RESPONSE) and count == 2:
            packet.frames.append((kind, reader.binary(8, 8)))
        elif kind == ACK_RANGES and packet.ranges is None:
            packet.ranges = [reader.integer(1, 1024) for _ in range(count - 1)]
            if not ranges_are_lawful(packet.ranges, packet.ack):
                raise Unlawful(f"ranges {packet.ranges}")
        else:
            raise Unlawful(f"frame {kind} with {count} elements")

    def _take(self, packet, taken, now):
        self.heard_at = now
        self.counters["resumed"] += self.dropped_at is not None
        self.dropped_at = None
        is_newest = packet.number > self.received.newest
        self.received.note(packet.number, now)
        answers_input = self._take_acks(packet, now)
        tick = full_count(packet.tick, self.tick)
        self.tick_of_packet[packet.number] = tick
        if is_newest:
            self.tick = max(self.tick, tick)
            self.tick_at = now
            self.lead = packet.lead
            if answers_input:
                self.clock.correct(now, packet.lead, self.sent.srtt)
        self.counters["ranges_received"] += packet.ranges is not None
        if packet.frames and self.ack_due_at is None:
            self.ack_due_at = now + ACK_ALONE_AFTER_MS
        for kind, content in packet.frames:
            if kind == DISCONNECT:
                self.ending = (hs.REASONS[content[0]], "peer")
                return
            if not self.is_leaving:
                self._take_frame(kind, content, tick, taken)

    def _take_acks(self, packet, now):
        """Whether it acks a recent input, newer than any acked before."""
        former_input = self.sent.newest_input_acked
        recent_input = self.sent.oldest_recent_input(now)
        numbers = list(acked_numbers(packet.ack, packet.missing, packet.ranges))
        for number in self.dropped_numbers.intersection(numbers):
            self.violations.append(f"packet {packet.number} acks {number}, which never left")
        for number in self.sent.on_ack(packet.ack, packet.delay_ms, numbers, now):
            self.sealing.on_acked(number)
        self.sent.detect_loss(now)
        return self.sent.newest_input_acked > former_input and self.sent.newest_input_acked >= recent_input

    def _take_frame(self, kind, content, packet_tick, taken):
        if kind in (MESSAGE, FRAGMENT):
            self._take_message(kind, *content)
        elif kind == PATH_CHALLENGE:
            self.counters["challenges"] += 1
            self.send([[PATH_RESPONSE, content]], self.heard_at)
        elif kind == STATE:
            if taken.tick > packet_tick:
                self.violations.append(f"state {taken.tick} in a packet of tick {packet_tick}")
            self.events.on_state(taken)
        elif kind == OWN:
            try:
                own = read_own_block(content)
            except Malformed as fault:
                self.violations.append(f"own block {content.hex()}: {fault}")
                return
            if own.tick > packet_tick:
                self.violations.append(f"own block {own.tick} in a packet of tick {packet_tick}")
            if own.tick > self.newest_own:
                self.newest_own = own.tick
                self.events.on_own(own)

    def _take_message(self, kind, channel, *content):
        inbox = self.channels[channel].inbox
        try:
            ready = inbox.take(*content) if kind == MESSAGE else inbox.take_piece(*content)
        except Unlawful as fault:
            self.violations.append(f"fragment on channel {channel}: {fault}")
            return
        for each in ready:
            try:
                self.events.on_message(*read_message(self.definition, each))
            except Malformed as fault:
                self.violations.append(f"message {each.hex()}: {fault}")

    # ---- to the server

    def update(self, now):
        is_silent = now - self.heard_at >= self.accept.timeout_ms
        if self.is_leaving:
            self._say_goodbye(now)
            if is_silent:
                self.ending = ("timeout", "network")
        elif self.dropped_at is not None or is_silent:
            self._knock(now)
        else:
            self._live(now)

    def _knock(self, now):
        """Nothing but a PING four times a second, until the server is heard again."""
        if self.dropped_at is None:
            self.dropped_at = now
        if now - self.dropped_at >= RECONNECT_MS:
            self.ending = ("timeout", "network")
        elif now - self.asked_at >= KNOCK_MS:
            self.send([[PING]], now)

    def _live(self, now):
        self.sent.detect_loss(now)
        self.sent.probe(now)
        has_input = self._play(now)
        is_ack_due = self.ack_due_at is not None and now >= self.ack_due_at
        is_quiet = now - self.asked_at >= KEEP_ALIVE_MS
        if has_input or is_ack_due or is_quiet or next(self.sent.due_messages(now), None):
            self.flush(now, has_input, is_quiet)

    def _play(self, now):
        """Plays the ticks that are due; true when there is a block to send."""
        if self.events.input_of is None:
            return False
        if self.clock.origin is None:
            if not (self.sent.ping_acked and self.sent.srtt is not None):
                return False
            self.clock.begin(now, self.tick, self.tick_at, self.sent.srtt)
        ticks = self.clock.due(now)
        for tick in ticks:
            self.history.play(tick, self.input_elements(tick))
        return len(ticks) > 0

    def input_elements(self, tick):
        value = self.events.input_of(tick)
        fields = self.definition.json["input"].items()
        return [element for name, f in fields for element in to_elements(value[name], f)]

    def flush(self, now, has_input=False, wants_ping=False):
        frames, size, message_ids, newest_input = [], 0, [], None
        if has_input:
            newest_input, block = self.history.block(self.sent.newest_input_acked)
            frames.append([INPUT, block])
            size = len(pack(frames[0]))
        for message_id, message in list(self.sent.due_messages(now)):
            frame = [MESSAGE, 0, message_id % 65536, message.payload]
            frame_bytes = len(pack(frame))
            if frames and size + frame_bytes > MAX_FRAME_BYTES - MAX_RANGES_BYTES:
                self.send(frames, now, message_ids, newest_input)
                frames, size, message_ids, newest_input = [], 0, [], None
            frames.append(frame)
            size += frame_bytes
            message_ids.append(message_id)
        if wants_ping and not frames:
            frames.append([PING])
        self.send(frames, now, message_ids, newest_input)

    def ping(self, now):
        self.send([[PING]], now)

    def ask_resync(self, now):
        """Everything anew."""
        self.resync_asked_at = now
        self.counters["resyncs"] += 1
        self.send([[RESYNC]], now)

    def body_head(self, now):
        held = now - self.received.newest_at if self.received.newest else 0
        return [self.received.newest % 65536, self.received.missing_bits(), min(127, round(held))]

    def send(self, frames, now, message_ids=(), newest_input=None):
        is_knock = list(frames) in ([], [[PING]])
        if self.sent.newest - self.sent.newest_acked >= (MAX_UNACKED_KNOCKS if is_knock else MAX_UNACKED):
            return
        number = self.sent.newest + 1
        ranges = self.received.ranges(self.former_ack)
        told = [[ACK_RANGES, *ranges], *frames] if ranges else list(frames)
        self.counters["ranges_sent"] += ranges is not None
        packet = self.sealed(number, pack([*self.body_head(now), *told]), now)
        self.sent.newest = number
        self.former_ack = self.received.newest
        self.ack_due_at = None
        has_ping = any(frame[0] == PING for frame in frames)
        self.sent.under_way[number] = Flight(now, list(message_ids), newest_input, has_ping, len(frames) > 0)
        if frames:
            self.asked_at = now
        for message_id in message_ids:
            self.sent.on_message_sent(self.sent.messages[message_id], number)
        if not self.put(packet):
            self.dropped_numbers.add(number)

    def sealed(self, number, body, now):
        self.sealing.before(number, now)
        keys = self.sealing.keys
        return seal(keys.key, keys.iv, number, self.header(number), body)

    def header(self, number):
        start = bytes([hs.DATA_0 + self.sealing.phase]) + self.accept.connection_id.to_bytes(4, "big")
        return start + (number % 65536).to_bytes(2, "big")

    def leave(self, detail, now):
        """What waits is sent first."""
        self.flush(now)
        self.is_leaving = True
        self.goodbye = [DISCONNECT, 0, detail]
        self.goodbyes = 0
        self.next_goodbye_at = now

    def _say_goodbye(self, now):
        if now < self.next_goodbye_at:
            return
        if self.goodbyes == GOODBYES:
            self.ending = ("closed", "us")
            return
        self.send([self.goodbye], now)
        self.goodbyes += 1
        self.next_goodbye_at = now + GOODBYE_INTERVAL_MS
