"""Just enough protobuf to look into a file before anything trusts it, and to write one.

The encoding is https://protobuf.dev/programming-guides/encoding/. Nothing is copied, nothing recurses by itself, and
the number of fields read from one file is bounded.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

FIELDS = 1_000_000
"""Fields that one file may hold: about 1 s of reading, and far above what a recurrent model has (hundreds)."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WIDTHS = {FIXED64: 8, FIXED32: 4}


class Malformed(Exception):  # noqa: N818 (a state of the bytes; the caller names the file and makes it an error)
    """The bytes are not what they should be; the text says how."""


class Budget:
    """What may still be read of one file."""

    def __init__(self, fields: int = FIELDS) -> None:
        self._left = fields

    def spend(self) -> None:
        """Count one field.

        Raises:
            Malformed: there were too many.
        """
        self._left -= 1
        if self._left < 0:
            raise Malformed("too many fields")


class Message:
    """The fields of one message, by number; a field that is said to stand once is still given as often as it stands.

    A reader that takes the last one and a check that takes the first could be made to see different models.
    """

    def __init__(self, data: memoryview, budget: Budget) -> None:
        self._budget = budget
        self._numbers: dict[int, list[int]] = defaultdict(list)
        self._bytes: dict[int, list[memoryview]] = defaultdict(list)
        for number, value in fields(data, budget):
            if isinstance(value, int):
                self._numbers[number].append(value)
            else:
                self._bytes[number].append(value)

    def __contains__(self, number: int) -> bool:
        return number in self._numbers or number in self._bytes

    def numbers(self, number: int) -> list[int]:
        """Every varint with a field number, unsigned."""
        return self._numbers.get(number, [])

    def messages(self, number: int) -> list["Message"]:
        """Every message with a field number."""
        return [Message(data, self._budget) for data in self._bytes.get(number, ())]

    def values(self, number: int) -> list[memoryview]:
        """The bytes of every field with a number."""
        return self._bytes.get(number, [])

    def texts(self, number: int) -> list[str]:
        """Every text with a field number.

        Raises:
            Malformed: one is not UTF-8.
        """
        try:
            return [str(data, "utf-8") for data in self._bytes.get(number, ())]
        except UnicodeDecodeError as error:
            raise Malformed("a text that is not UTF-8") from error


def fields(data: memoryview, budget: Budget) -> Iterator[tuple[int, int | memoryview]]:
    """Each field's number and value: an int for a varint, the bytes for everything else.

    Raises:
        Malformed: the bytes end too early, are no protobuf, or hold more fields than the budget.
    """
    at = 0
    while at < len(data):
        budget.spend()
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if number == 0 or kind not in (VARINT, FIXED64, BYTES, FIXED32):
            raise Malformed("not protobuf")
        value, at = varint(data, at) if kind in (VARINT, BYTES) else (WIDTHS[kind], at)
        if kind == VARINT:
            yield number, value
            continue
        if value > len(data) - at:
            raise Malformed("truncated")
        yield number, data[at : at + value]
        at += value


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """The number at a place, at most 64 bits, and the place behind it.

    Raises:
        Malformed: it does not end.
    """
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise Malformed("truncated")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise Malformed("not protobuf")


def key(number: int, kind: int) -> int:
    """What stands before a field."""
    return number << 3 | kind


def field(number: int, value: int | str | bytes) -> bytes:
    """A field: a whole number, text, bytes, packed numbers or a message."""
    if isinstance(value, int):
        return as_varint(key(number, VARINT)) + as_varint(value)
    data = value.encode() if isinstance(value, str) else value
    return b"".join((as_varint(key(number, BYTES)), as_varint(len(data)), data))


def as_varint(value: int) -> bytes:
    """A number of at most 64 bits; negative ones as their two's complement."""
    return bytes(_sevens(value & 0xFFFFFFFFFFFFFFFF))


def _sevens(value: int) -> Iterable[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value
