"""What the profiles share about keys: messages of which only numbers change, ready at once, and the keys of a frame."""

import struct
from collections.abc import Sequence

from engine.contracts import MAX_DATAGRAM, Datagrams
from engine.schema.note import LOUDEST
from engine.wire import osc

AT_ONCE = "at once, where it changes"
"""When a note is sent; that of frames stands in `_body`."""

PIANO = "piano"
"""Part of an address, as `p1` is of a performer's."""


class Numbers:
    """A message of numbers alone: its address and types stand ready, and a note costs half a microsecond.

    Args:
        address: where it goes.
        types: `i` and `f` only.

    Raises:
        WireError: no address.
    """

    def __init__(self, address: str, types: str) -> None:
        self._pack = struct.Struct(f">{types}").pack
        nothing = osc.encode(address, *({"i": 0, "f": 0.0}[tag] for tag in types))
        self._head = nothing[: -4 * len(types)]

    def __call__(self, *numbers: float) -> bytes:
        """The message with these numbers, one for each type."""
        return self._head + self._pack(*numbers)


def together(messages: Sequence[bytes]) -> Datagrams:
    """What happens at one moment: a message alone as it is, several in as few bundles as they fit."""
    if len(messages) < 2:
        return messages
    groups = [messages] if osc.size(messages) <= MAX_DATAGRAM else osc.split(messages)
    return [osc.bundle(group) for group in groups]


def share(value: int) -> float:
    """A velocity or the value of a pedal as a share of the highest, 0 to 1."""
    return value / LOUDEST
