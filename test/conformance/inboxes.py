"""PROTOCOL.md section 13: what a receiver makes of messages and fragments, by kind of channel."""

from delivery import RELIABLE_WINDOW, Unlawful, full_count

LATEST_WINDOW = 16384
MAX_UNRELIABLE_PARTS = 4
LONGEST = {"unreliable": 8192, "unreliable-sequenced": 8192, "bulk": 16777216}
LONGEST_RELIABLE = 262144


class Pieces:
    """A message by its bytes, until it has all of them."""

    def __init__(self, total):
        self.data = bytearray(total)
        self.have = bytearray(total)

    def add(self, offset, total, piece):
        """The message once it is complete; None before. Unlawful when it contradicts what came."""
        if total != len(self.data):
            raise Unlawful(f"a fragment of {total} bytes, others were of {len(self.data)}")
        for at, byte in enumerate(piece, offset):
            if self.have[at] and self.data[at] != byte:
                raise Unlawful(f"byte {at} has two values")
        self.data[offset : offset + len(piece)] = piece
        self.have[offset : offset + len(piece)] = b"\1" * len(piece)
        return bytes(self.data) if all(self.have) else None


class ReliableInbox:
    """Every message once; in order but for reliable-unordered."""

    def __init__(self, is_ordered=True):
        self.is_ordered = is_ordered
        self.next = 0
        self.held = {}
        self.parts = {}
        self.duplicates = 0

    def lawful_id(self, sequence):
        message_id = full_count(sequence, self.next)
        if message_id < 0 or message_id >= self.next + RELIABLE_WINDOW:
            raise Unlawful(f"message id {message_id}, next is {self.next}")
        return message_id

    def take(self, sequence, key, payload):
        """The payloads whose turn has come."""
        message_id = self.lawful_id(sequence)
        if self._is_known(message_id):
            self.duplicates += 1
            return []
        self.parts.pop(message_id, None)
        self.held[message_id] = payload
        ready = [] if self.is_ordered else [payload]
        while self.next in self.held:
            turn = self.held.pop(self.next)
            ready += [turn] if self.is_ordered else []
            self.next += 1
        return ready

    def take_piece(self, sequence, key, offset, total, piece):
        message_id = self.lawful_id(sequence)
        if self._is_known(message_id):
            return []
        whole = self.parts.setdefault(message_id, Pieces(total)).add(offset, total, piece)
        return [] if whole is None else self.take(sequence, key, whole)

    def _is_known(self, message_id):
        return message_id < self.next or message_id in self.held


class LatestInbox:
    """Of each key the newest."""

    def __init__(self):
        self.newest = 0
        self.handed_on = {}
        self.parts = {}

    def lawful_id(self, sequence):
        message_id = full_count(sequence, self.newest)
        if message_id < 0 or abs(message_id - self.newest) > LATEST_WINDOW:
            raise Unlawful(f"value {message_id}, the newest is {self.newest}")
        return message_id

    def take(self, sequence, key, payload):
        message_id = self.lawful_id(sequence)
        if message_id <= self.handed_on.get(key, -1):
            return []
        self.newest = max(self.newest, message_id)
        self.handed_on[key] = message_id
        if key in self.parts and self.parts[key][0] <= message_id:
            del self.parts[key]
        return [payload]

    def take_piece(self, sequence, key, offset, total, piece):
        message_id = self.lawful_id(sequence)
        newest_part = self.parts[key][0] if key in self.parts else -1
        if message_id <= self.handed_on.get(key, -1) or message_id < newest_part:
            return []
        self.newest = max(self.newest, message_id)
        if message_id > newest_part:
            self.parts[key] = (message_id, Pieces(total))
        whole = self.parts[key][1].add(offset, total, piece)
        return [] if whole is None else self.take(sequence, key, whole)


class UnreliableInbox:
    """Whatever comes; of a sequenced channel the newest only."""

    def __init__(self, is_sequenced):
        self.is_sequenced = is_sequenced
        self.newest_seen = 0
        self.handed_on = -1
        self.parts = {}

    def lawful_id(self, sequence, is_piece=True):
        if sequence is None:
            return None
        message_id = full_count(sequence, self.newest_seen)
        if message_id < 0 and is_piece:
            raise Unlawful(f"unreliable id {message_id}")
        return message_id

    def take(self, sequence, key, payload):
        if not self.is_sequenced:
            return [payload]
        message_id = self.lawful_id(sequence, is_piece=False)
        if message_id <= self.handed_on:
            return []
        self.newest_seen = max(self.newest_seen, message_id)
        self.handed_on = message_id
        self.parts = {part: pieces for part, pieces in self.parts.items() if part > message_id}
        return [payload]

    def take_piece(self, sequence, key, offset, total, piece):
        message_id = self.lawful_id(sequence)
        if self.is_sequenced and message_id <= self.handed_on:
            return []
        self.newest_seen = max(self.newest_seen, message_id)
        if message_id not in self.parts and len(self.parts) == MAX_UNRELIABLE_PARTS:
            del self.parts[next(iter(self.parts))]
        whole = self.parts.setdefault(message_id, Pieces(total)).add(offset, total, piece)
        if whole is None:
            return []
        del self.parts[message_id]
        return self.take(sequence, key, whole)


class Channel:
    """One channel of the server's: which frames are lawful on it, and what becomes of them."""

    def __init__(self, kind):
        self.has_key = kind == "reliable-latest"
        self.has_ids = kind != "unreliable"
        self.longest = LONGEST.get(kind, LONGEST_RELIABLE)
        if self.has_key:
            self.inbox = LatestInbox()
        elif kind.startswith("unreliable"):
            self.inbox = UnreliableInbox(kind == "unreliable-sequenced")
        else:
            self.inbox = ReliableInbox(kind != "reliable-unordered")

    def read_message(self, reader, count):
        """(id or None, key or None, payload)."""
        if count != 3 + self.has_ids + self.has_key:
            raise Unlawful(f"MESSAGE of {count} elements")
        sequence = reader.integer(0, 65535) if self.has_ids else None
        key = reader.integer(0, 255) if self.has_key else None
        if isinstance(self.inbox, UnreliableInbox):
            self.inbox.lawful_id(sequence, is_piece=False)
        else:
            self.inbox.lawful_id(sequence)
        return sequence, key, reader.binary(0, 1140)

    def read_fragment(self, reader, count):
        """(id, key or None, offset, total, piece)."""
        if count != 6 + self.has_key:
            raise Unlawful(f"FRAGMENT of {count} elements")
        sequence = reader.integer(0, 65535)
        key = reader.integer(0, 255) if self.has_key else None
        self.inbox.lawful_id(sequence)
        offset, total = reader.integer(0, 2**24 - 1), reader.integer(1, 2**24)
        piece = reader.binary(1, 1140)
        if offset + len(piece) > total or total > self.longest:
            raise Unlawful(f"bytes {offset} to {offset + len(piece)} of {total}")
        return sequence, key, offset, total, piece
