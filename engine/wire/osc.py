"""OSC 1.0 on its way out: messages and bundles as bytes, and datagrams that are prepared once and patched in place.

A message is an address, a string of type tags and the arguments, each big-endian and padded to four bytes; a bundle is
a marker, a time tag and messages led by their sizes (The Open Sound Control 1.0 Specification, 2002).
"""

import math
import re
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.contracts import MAX_DATAGRAM
from engine.schema.errors import WireError

IMMEDIATELY = (1).to_bytes(8, "big")
"""The time tag that no receiver waits for; those that honour a time sleep when their clock differs from ours."""

PLAIN = "ifs"
"""The tags that every receiver understands."""

Argument = int | float | str | bytes | bytearray | np.bool_ | np.integer | np.floating

_HEAD = b"#bundle\0" + IMMEDIATELY
_INT = struct.Struct(">i")
_FLOAT = struct.Struct(">f")
# Printable ASCII; space, comma and # end or begin something else in a message, and * ? [ ] { } are patterns.
_ADDRESS = re.compile(r"(?:/[!\"$-)+\-.0->@-Z\\^-z|~]+)+")


def is_address(text: str) -> bool:
    """Whether `text` is an address that a message may be sent to: `/` and a name, once or more."""
    return _ADDRESS.fullmatch(text) is not None


def encode(address: str, *arguments: Argument, tags: str = PLAIN) -> bytes:
    """One message.

    Args:
        address: where it goes, such as `/engine/p1/pos`.
        arguments: ints (`i`), floats (`f`), strings (`s`), bytes (`b`) and bools (`T` or `F`); numpy scalars likewise.
        tags: the types that may be sent. Blobs and bools are refused unless it holds `b` or `T` and `F`: few receivers
            know them, and a bool must not pass for an int.

    Raises:
        WireError: no address, a type that may not be sent, an int over 31 bits and sign, a float that is not finite or
            beyond float32, a string with a zero character.
    """
    if not is_address(address):
        raise WireError(repr(address), "no OSC address", "/ and a name, once or more, in printable ASCII")
    encoded = [_argument(address, value) for value in arguments]
    for tag, _ in encoded:
        if tag not in tags:
            raise WireError(address, f"an argument of type '{tag}'", f"one of the types '{tags}'")
    types = "," + "".join(tag for tag, _ in encoded)
    return _padded(address.encode()) + _padded(types.encode()) + b"".join(data for _, data in encoded)


def bundle(messages: Sequence[bytes]) -> bytes:
    """Messages in one bundle, to be acted on immediately."""
    return _HEAD + b"".join(_INT.pack(len(message)) + message for message in messages)


def size(messages: Sequence[bytes]) -> int:
    """Bytes of the bundle of these messages."""
    return len(_HEAD) + sum(_INT.size + len(message) for message in messages)


def split(messages: Sequence[bytes], first: bytes | None = None) -> list[list[bytes]]:
    """Share messages out, in order, among bundles that fit a datagram; each begins with `first`.

    Raises:
        WireError: a message is too long for any datagram.
    """
    lead = [] if first is None else [first]
    groups: list[list[bytes]] = []
    for message in messages:
        if not groups or size([*groups[-1], message]) > MAX_DATAGRAM:
            groups.append([*lead])
        groups[-1].append(message)
        if (length := size(groups[-1])) > MAX_DATAGRAM:
            raise WireError(_place(message), f"a datagram of {length} bytes", f"at most {MAX_DATAGRAM}")
    return groups


class PreparedDatagram:
    """A bundle, or one message, that is built once; afterwards only numbers are overwritten in it, in place.

    Args:
        messages: of the bundle; or the one message that travels without a bundle. Ints, floats and strings only.

    Attributes:
        data: the datagram, ready to be sent at any time.
        words: a view to write into: all of its data as big-endian float32, as everything in OSC begins at a multiple
            of four bytes.
        places: where in `words` the floats of all messages stand, in order.
    """

    def __init__(self, messages: Sequence[bytes] | bytes) -> None:
        if isinstance(messages, bytes):
            self.data, start, lead, messages = bytearray(messages), 0, 0, [messages]
        else:
            self.data, start, lead = bytearray(bundle(messages)), len(_HEAD), _INT.size
        self.words: NDArray[np.float32] = np.frombuffer(self.data, ">f4")
        self._numbers: dict[str, tuple[str, int]] = {}
        floats: list[int] = []
        for message in messages:
            start += lead
            tags = _tags(message)
            offsets = [start + offset for offset in _offsets(message, tags)]
            floats += [offset // 4 for tag, offset in zip(tags, offsets, strict=True) if tag == "f"]
            self._numbers[_place(message)] = (tags, offsets[0] if offsets else start)
            start += len(message)
        self.places: NDArray[np.intp] = np.array(floats, np.intp)

    def floats(self, address: str) -> NDArray[np.float32]:
        """The arguments of a message of n floats: a view to write into, (n,) big-endian float32."""
        return np.frombuffer(self.data, ">f4", *self._find(address, "f"))

    def ints(self, address: str) -> NDArray[np.int32]:
        """The arguments of a message of n ints: a view to write into, (n,) big-endian int32."""
        return np.frombuffer(self.data, ">i4", *self._find(address, "i"))

    def place(self, address: str) -> int:
        """Where a message's arguments begin, in words of four bytes."""
        return self._numbers[address][1] // 4

    def _find(self, address: str, tag: str) -> tuple[int, int]:
        """Number and offset of a message's arguments, where all of them are of type `tag`."""
        tags, offset = self._numbers.get(address, ("", 0))
        if set(tags) != {tag}:
            raise WireError(address, f"arguments of types '{tags}'", f"a prepared message of type '{tag}' only")
        return len(tags), offset


def _argument(address: str, value: Argument) -> tuple[str, bytes]:
    """Type tag and bytes of one argument; a bool is its tag alone."""
    match value:
        case bool() | np.bool_():
            return ("T" if value else "F"), b""
        case int() | np.integer():
            return "i", _int(address, int(value))
        case float() | np.floating():
            return "f", _float(address, float(value))
        case str():
            return "s", _string(address, value)
        case bytes() | bytearray():
            return "b", _INT.pack(len(value)) + value + bytes(-len(value) % 4)
    raise WireError(address, f"a value of type {type(value).__name__}", "an int, a float or a string")


def _int(address: str, value: int) -> bytes:
    if not -(2**31) <= value < 2**31:
        raise WireError(address, f"the int {value}", "31 bits and a sign", "send a float, or two ints")
    return _INT.pack(value)


def _float(address: str, value: float) -> bytes:
    try:
        data = _FLOAT.pack(value)
    except OverflowError:
        data = b""
    if not data or not math.isfinite(value):
        raise WireError(address, f"the float {value}", "a finite number of 32 bits")
    return data


def _string(address: str, value: str) -> bytes:
    if "\0" in value:
        raise WireError(address, "a string with a zero character", "one without: zero ends a string")
    try:
        return _padded(value.encode())
    except UnicodeEncodeError as error:
        raise WireError(address, "a string with half a surrogate pair", "text that UTF-8 can carry") from error


def _padded(data: bytes) -> bytes:
    """A string's bytes, ended by one to four zeros."""
    return data + bytes(4 - len(data) % 4)


def _place(message: bytes) -> str:
    """The address of a message."""
    return message[: message.index(0)].decode()


def _tags(message: bytes) -> str:
    """The type tags of a message."""
    start = message.index(b",") + 1  # an address holds no comma
    return message[start : message.index(0, start)].decode()


def _offsets(message: bytes, tags: str) -> list[int]:
    """Where each argument of a message begins; ints and floats take four bytes, strings as many as they need."""
    at = message.index(b",")
    at += len(_padded(message[at : message.index(0, at)]))
    found = []
    for tag in tags:
        found.append(at)
        at += len(_padded(message[at : message.index(0, at)])) if tag == "s" else 4
    return found
