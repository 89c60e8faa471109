"""PROTOCOL.md section 3: msgpack in its shortest form. The reader refuses all that the section says it must."""

import re

import msgpack

MAX_INT = 2**53 - 1


class Malformed(Exception):
    """What was read is not what the document allows in this place."""


def pack(values):
    """Python's msgpack writes shortest forms; lone surrogates are the only thing left to do."""
    return msgpack.packb(_whole_text(values), use_bin_type=True)


def _whole_text(value):
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, (list, tuple)):
        return [_whole_text(element) for element in value]
    return value


class Reader:
    """Reads one value after the other; each method names what the place asks for."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def _take(self, count):
        end = self.at + count
        if end > len(self.data):
            raise Malformed("ends too early")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def _number(self, size, least, signed=False):
        """A number of `size` bytes that no shorter form could hold: at least (or, below 0, at most) `least`."""
        number = int.from_bytes(self._take(size), "big", signed=signed)
        if (number > least) if signed else (number < least):
            raise Malformed("a longer form than needed")
        return number

    @property
    def is_over(self):
        return self.at == len(self.data)

    def end(self):
        if not self.is_over:
            raise Malformed("bytes behind the end")

    def plain(self, count):
        """Bytes that are no msgpack."""
        return self._take(count)

    def integer(self, low, high):
        head = self._take(1)[0]
        if head <= 0x7F:
            number = head
        elif head >= 0xE0:
            number = head - 256
        elif head == 0xCC:
            number = self._number(1, 128)
        elif head == 0xCD:
            number = self._number(2, 256)
        elif head == 0xCE:
            number = self._number(4, 65536)
        elif head == 0xCF:
            number = self._number(8, 2**32)
        elif head == 0xD0:
            number = self._number(1, -33, signed=True)
        elif head == 0xD1:
            number = self._number(2, -129, signed=True)
        elif head == 0xD2:
            number = self._number(4, -32769, signed=True)
        elif head == 0xD3:
            number = self._number(8, -(2**31) - 1, signed=True)
        else:
            raise Malformed("no integer")
        if not -MAX_INT <= number <= MAX_INT:
            raise Malformed("beyond 2^53 - 1")
        if not low <= number <= high:
            raise Malformed(f"{number} is not {low}...{high}")
        return number

    def boolean(self):
        head = self._take(1)[0]
        if head not in (0xC2, 0xC3):
            raise Malformed("no bool")
        return head == 0xC3

    def nil(self):
        """Takes a nil if one stands here."""
        if not self.is_over and self.data[self.at] == 0xC0:
            self.at += 1
            return True
        return False

    def array(self):
        """How many elements follow."""
        head = self._take(1)[0]
        if 0x90 <= head <= 0x9F:
            return head - 0x90
        if head == 0xDC:
            return self._number(2, 16)
        if head == 0xDD:
            return self._number(4, 65536)
        raise Malformed("no array")

    def array_of(self, count):
        if self.array() != count:
            raise Malformed("another number of elements")

    def binary(self, least=0, most=MAX_INT):
        head = self._take(1)[0]
        if head == 0xC4:
            length = self._number(1, 0)
        elif head == 0xC5:
            length = self._number(2, 256)
        elif head == 0xC6:
            length = self._number(4, 65536)
        else:
            raise Malformed("no bin")
        if not least <= length <= most:
            raise Malformed(f"a bin of {length} bytes")
        return self._take(length)

    def text(self, most):
        head = self._take(1)[0]
        if 0xA0 <= head <= 0xBF:
            length = head - 0xA0
        elif head == 0xD9:
            length = self._number(1, 32)
        elif head == 0xDA:
            length = self._number(2, 256)
        elif head == 0xDB:
            length = self._number(4, 65536)
        else:
            raise Malformed("no str")
        if length > most:
            raise Malformed(f"a str of {length} bytes")
        try:
            return self._take(length).decode("utf-8", "strict")
        except UnicodeDecodeError:
            raise Malformed("not UTF-8") from None
