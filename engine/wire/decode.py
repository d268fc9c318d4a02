"""OSC 1.0 on its way in: a datagram from anybody as messages, or one `WireError` and nothing else.

Sizes, counts, depth and text are bounded before they are used, so a hostile datagram costs no more than a long one.
A bundle holds together: what is wrong with one of its messages refuses the datagram. Time tags are read over; what
comes in is meant for the next frame. Source: The Open Sound Control 1.0 Specification, 2002.
"""

import math
import re
import struct
from typing import NamedTuple

from engine.schema.errors import WireError

MAX_BYTES = 65507
"""Of a datagram: what UDP can carry over IPv4."""

MAX_MESSAGES = 256
"""Of a datagram; about 0.6 ms of reading."""

MAX_DEPTH = 4
"""Bundles within bundles; no sender known to us goes beyond 2."""

MAX_ADDRESS = 255
"""Characters of an address."""

MAX_ARGUMENTS = 1024
"""Of a message: rotations of 256 joints."""

Value = int | float | str | bool | None

_BUNDLE = b"#bundle\0"
_HEAD = len(_BUNDLE) + 8  # the time tag
_INT = struct.Struct(">i")
# As the encoder's, but that * ? [ ] { } and the comma between alternatives may come in: they are patterns.
_ADDRESS = re.compile(r"(?:/[!\"$-.0-~]+)+")
_TAGS = re.compile(r",[ifsSbhtdcrmTFNI]*")
_NUMBERS = {tag: struct.Struct(f">{code}") for tag, code in zip("ifhd", "ifqd", strict=True)}
_NO_BYTES: dict[str, Value] = {"T": True, "F": False, "N": None, "I": None}
_SKIPPED = {"t": 8, "c": 4, "r": 4, "m": 4}


class Message(NamedTuple):
    """A message as it came.

    Attributes:
        address: where it goes; may be a pattern.
        arguments: in order: `i` and `h` are ints, `f` and `d` finite floats, `s` and `S` strings, `T` and `F` bools;
            the rest (blob, nil, impulse, time, character, colour, MIDI, and a float that is not finite, as of a sensor
            that is off) is read over and leaves a None in its place.
    """

    address: str
    arguments: tuple[Value, ...]


def decode(datagram: bytes) -> list[Message]:
    """The messages of a datagram, in order.

    Raises:
        WireError: anything that the specification or the bounds above do not allow. Nothing else is ever raised.
    """
    if not 0 < len(datagram) <= MAX_BYTES:
        raise _error(0, f"{len(datagram)} bytes", f"1 to {MAX_BYTES}")
    messages: list[Message] = []
    _packet(datagram, 0, len(datagram), 0, messages)
    return messages


def _packet(data: bytes, start: int, end: int, depth: int, messages: list[Message]) -> None:
    """Append the messages between `start` and `end`: one, or those of a bundle."""
    if data[start : start + 1] == b"#":
        _bundle(data, start, end, depth, messages)
    elif len(messages) == MAX_MESSAGES:
        raise _error(start, "one message more", f"at most {MAX_MESSAGES} in a datagram")
    else:
        messages.append(_message(data, start, end))


def _bundle(data: bytes, start: int, end: int, depth: int, messages: list[Message]) -> None:
    if data[start : start + len(_BUNDLE)] != _BUNDLE or end - start < _HEAD:
        raise _error(start, "a broken head of a bundle", "'#bundle' and a time tag")
    if depth == MAX_DEPTH:
        raise _error(start, "a bundle deeper within bundles", f"at most {MAX_DEPTH} levels")
    at = start + _HEAD
    while at < end:
        if end - at < _INT.size:
            raise _error(at, f"{end - at} bytes", "the size of an element")
        (size,) = _INT.unpack_from(data, at)
        at += _INT.size
        if not 0 < size <= end - at or size % 4:
            raise _error(at, f"an element of {size} bytes", f"a multiple of 4 up to {end - at}")
        _packet(data, at, at + size, depth + 1, messages)
        at += size


def _message(data: bytes, start: int, end: int) -> Message:
    address, at = _string(data, start, end)
    if len(address) > MAX_ADDRESS or _ADDRESS.fullmatch(address) is None:
        raise _error(start, f"the address {address[:MAX_ADDRESS]!r}", f"/ and names, up to {MAX_ADDRESS} characters")
    tags, at = _string(data, at, end)
    if len(tags) > MAX_ARGUMENTS + 1 or _TAGS.fullmatch(tags) is None:
        raise _error(start, f"the types {tags[:40]!r} of {address}", f"a comma and up to {MAX_ARGUMENTS} known tags")
    arguments = []
    for tag in tags[1:]:
        value, at = _argument(data, tag, at, end)
        arguments.append(value)
    if at != end:
        raise _error(at, f"{end - at} bytes behind the arguments of {address}", "none")
    return Message(address, tuple(arguments))


def _argument(data: bytes, tag: str, at: int, end: int) -> tuple[Value, int]:
    """An argument and where the next one begins."""
    if tag in _NUMBERS:
        value, after = _number(data, tag, at, end)
        return value if math.isfinite(value) else None, after
    if tag in "sS":
        return _string(data, at, end)
    if tag in _NO_BYTES:
        return _NO_BYTES[tag], at
    if tag == "b":
        size, at = _number(data, "i", at, end)
        if size < 0:
            raise _error(at, f"a blob of {size} bytes", "0 or more")
        return None, _within(at, int(size) + -int(size) % 4, end)
    return None, _within(at, _SKIPPED[tag], end)


def _number(data: bytes, tag: str, at: int, end: int) -> tuple[int | float, int]:
    kind = _NUMBERS[tag]
    after = _within(at, kind.size, end)
    value: int | float = kind.unpack_from(data, at)[0]
    return value, after


def _string(data: bytes, at: int, end: int) -> tuple[str, int]:
    """A string and where its padding ends."""
    stop = data.find(0, at, end)
    if stop < 0:
        raise _error(at, "a string without an end", "a zero behind it")
    after = _within(at, (stop - at) // 4 * 4 + 4, end)
    if any(data[stop:after]):
        raise _error(stop, "padding that is not zero", "zeros up to a multiple of 4")
    try:
        return data[at:stop].decode(), after
    except UnicodeDecodeError as error:
        raise _error(at + error.start, "a string that is not text", "UTF-8") from error


def _within(at: int, size: int, end: int) -> int:
    """`at` + `size`, if that is not beyond the end."""
    if size > end - at:
        raise _error(at, f"{end - at} bytes", f"{size}")
    return at + size


def _error(at: int, found: str, expected: str) -> WireError:
    return WireError(f"OSC datagram, byte {at}", found, expected)
