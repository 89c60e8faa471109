"""PROTOCOL.md sections 9 and 11, without the packets themselves: what arrived, what was acked, what is due again."""

import math
from dataclasses import dataclass, field

WINDOW = 1024
RELIABLE_WINDOW = 256
RANGES_BEYOND = 24
MAX_RUNS = 32
REORDER_THRESHOLD = 3
INITIAL_LOST_AFTER_MS = 333
MAX_BACK_OFF_MS = 1000
MAX_PROBE_MS = 1000
STALLED_PROBES = 2


class Unlawful(Exception):
    """Its sender broke a rule of the document."""


def full_count(sequence, near):
    d = sequence - near % 65536
    if d > 32768:
        d -= 65536
    elif d <= -32768:
        d += 65536
    return near + d


class Received:
    """The replay window, and what acks say of it."""

    def __init__(self):
        self.newest = 0
        self.newest_at = 0
        self.numbers = set()

    def refusal(self, number):
        if number < 1 or number <= self.newest - WINDOW:
            return "refusedStale"
        return "refusedDuplicate" if number in self.numbers else None

    def note(self, number, now):
        self.numbers.add(number)
        if number > self.newest:
            self.newest = number
            self.newest_at = now
            if len(self.numbers) > 2 * WINDOW:
                self.numbers = {known for known in self.numbers if known > number - WINDOW}

    def missing_bits(self):
        bits = 0
        for i in range(32):
            number = self.newest - 1 - i
            if number >= 1 and number not in self.numbers:
                bits |= 1 << i
        return bits

    def ranges(self, former_ack):
        """Runs and gaps down from the newest, or None where the 32 bits suffice."""
        if self.newest - former_ack <= RANGES_BEYOND:
            return None
        bottom = max(1, former_ack - 31, self.newest - 1023)
        lengths = []
        arrived = True
        length = 0
        for number in range(self.newest, bottom - 1, -1):
            if (number in self.numbers) == arrived:
                length += 1
                continue
            lengths.append(length)
            if len(lengths) == 2 * MAX_RUNS - 1:
                return lengths
            arrived = not arrived
            length = 1
        if arrived:
            lengths.append(length)
        return lengths


def ranges_are_lawful(lengths, ack):
    return (
        len(lengths) % 2 == 1
        and len(lengths) <= 63
        and all(1 <= length <= 1024 for length in lengths)
        and sum(lengths) <= min(1024, ack)
    )


def acked_numbers(ack, missing, lengths):
    """All packet numbers that an ack, its bits and its ranges say arrived."""
    if ack < 1:
        return
    yield ack
    for i in range(32):
        if ack - 1 - i >= 1 and not missing >> i & 1:
            yield ack - 1 - i
    number = ack
    for index, length in enumerate(lengths or ()):
        if index % 2 == 0:
            yield from range(number, number - length, -1)
        number -= length


@dataclass
class Flight:
    """A packet under way."""

    sent_at: float
    message_ids: list
    newest_input: int | None
    has_ping: bool
    asks: bool = True


@dataclass
class Outgoing:
    """A reliable message that was not acked yet."""

    payload: bytes
    times_sent: int = 0
    carrier: int = 0
    is_due: bool = True
    not_before: float = 0
    is_probe: bool = False


@dataclass
class Sent:
    """Packets under way, round trips, loss, and the reliable messages that ride on them."""

    tick_ms: float = 33
    newest: int = 0
    newest_acked: int = 0
    newest_input_acked: int = -1
    ping_acked: bool = False
    srtt: float | None = None
    var: float = 0
    least: float | None = None
    peer_delay: float = 0
    lost: int = 0
    resent: int = 0
    probed: int = 0
    waiting_since: float = 0
    fruitless_probes: int = 0
    next_id: int = 0
    under_way: dict = field(default_factory=dict)
    messages: dict = field(default_factory=dict)

    def queue(self, payload):
        self.messages[self.next_id] = Outgoing(payload)
        self.next_id += 1

    @property
    def lost_after(self):
        if self.srtt is None:
            return INITIAL_LOST_AFTER_MS
        return max(1.25 * self.srtt, self.srtt + 4 * self.var) + self.peer_delay + self.tick_ms

    def oldest_recent_input(self, now):
        """The lowest tick of an INPUT under way that was sent at most lostAfter ago; infinity without one."""
        recent = (f for f in self.under_way.values() if now - f.sent_at <= self.lost_after)
        return min((f.newest_input for f in recent if f.newest_input is not None), default=math.inf)

    def on_ack(self, ack, delay_ms, numbers, now):
        """Takes an ack; gives the numbers that were news."""
        if ack in self.under_way and ack > self.newest_acked and self.under_way[ack].asks:
            self.sample(now - self.under_way[ack].sent_at, delay_ms)
        news = []
        for number in numbers:
            flight = self.under_way.pop(number, None)
            if flight is None:
                continue
            news.append(number)
            self.newest_acked = max(self.newest_acked, number)
            for message_id in flight.message_ids:
                self.messages.pop(message_id, None)
            if flight.newest_input is not None:
                self.newest_input_acked = max(self.newest_input_acked, flight.newest_input)
            self.ping_acked = self.ping_acked or flight.has_ping
        if news:
            self.waiting_since = now
            self.fruitless_probes = 0
        return news

    @property
    def probe_after(self):
        if self.srtt is None:
            first = INITIAL_LOST_AFTER_MS
        else:
            first = self.srtt + max(4 * self.var, self.tick_ms) + self.peer_delay
        return max(first, min(first * 2**self.fruitless_probes, MAX_PROBE_MS))

    def probe(self, now):
        """After silence: what the oldest packet under way carries is due once more."""
        carried = [
            [m for i in flight.message_ids if (m := self.messages.get(i)) and m.carrier == number and not m.is_due]
            for number, flight in self.under_way.items()
        ]
        oldest = next((messages for messages in carried if messages), None)
        if oldest is None:
            self.waiting_since = now
            self.fruitless_probes = 0
        elif now - self.waiting_since >= self.probe_after:
            self.waiting_since = now
            self.fruitless_probes += 1
            self.probed += len(oldest)
            for message in oldest:
                message.is_due = message.is_probe = True
                message.not_before = now

    def sample(self, sample, delay_ms):
        self.least = sample if self.least is None else min(self.least, sample)
        was_outage = delay_ms == 127 and self.peer_delay < 64
        self.peer_delay = max(delay_ms, 0.99 * self.peer_delay)
        if was_outage and self.srtt is not None:
            return
        r = sample - delay_ms if sample - delay_ms >= self.least else sample
        if self.srtt is None:
            self.srtt, self.var = r, r / 2
        else:
            self.var += (abs(self.srtt - r) - self.var) / 4
            self.srtt += (r - self.srtt) / 8

    def detect_loss(self, now):
        for number in list(self.under_way):
            flight = self.under_way[number]
            is_old = (
                self.newest_acked - number >= REORDER_THRESHOLD or now - flight.sent_at > self.lost_after
            )
            if number > self.newest_acked or not is_old:
                return
            del self.under_way[number]
            self.lost += 1
            for message_id in flight.message_ids:
                message = self.messages.get(message_id)
                if message is not None and message.carrier == number and not message.is_due:
                    wait = min(self.lost_after * 1.5 ** (message.times_sent - 2), MAX_BACK_OFF_MS)
                    message.is_due = True
                    message.not_before = now if message.times_sent < 2 else now + wait

    def due_messages(self, now):
        """Ids and messages that should leave now, oldest first, within the window."""
        if not self.messages:
            return
        beyond = min(self.messages) + RELIABLE_WINDOW
        for message_id, message in self.messages.items():
            if message_id >= beyond:
                return
            may_go = message.is_probe or self.fruitless_probes < STALLED_PROBES
            if message.is_due and now >= message.not_before and may_go:
                yield message_id, message

    def on_message_sent(self, message, number):
        self.resent += message.times_sent > 0
        message.times_sent += 1
        message.carrier = number
        message.is_due = message.is_probe = False
