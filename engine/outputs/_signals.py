"""What the profiles share about signals and labels: datagrams that are prepared for the signals of a frame.

Which signals there are, and how many numbers each has, stays for minutes; so everything is made once for them all, and
a frame takes a copy of their numbers and one look whether they are finite.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from engine.outputs._body import Floats, squares
from engine.schema.errors import WireError
from engine.schema.frame import F32, MOST_VALUES, Signal

SIGN = "sign"
"""Part of an address, as `p1` is of a performer's."""

LONGEST = 256
"""Characters of a word; with UTF-8's four bytes each, one still fits a datagram."""

KEPT = 16
"""Sets of signals whose datagrams are kept: those who dance come and go, and some of them are broken at times."""

Layout = tuple[tuple[str, int], ...]
"""Name and size of each signal."""


def shown(text: str) -> str:
    """A word from a model file, or a path, as one short string that any receiver can hold."""
    return text.replace("\0", " ")[:LONGEST].encode(errors="replace").decode()


class Signals:
    """The datagrams of signals.

    Args:
        messages: the messages of a signal by its name and size, of as many floats in all. It must not know who keeps
            this, as a show collects no garbage.
        blank: whether a number that is not finite is sent as 0; else its signal is left out.

    Attributes:
        refused: signals that were left out, or had numbers that were.
    """

    def __init__(self, messages: Callable[[str, int], list[bytes]], *, blank: bool = False) -> None:
        self._messages, self._blank = messages, blank
        self._made: dict[Layout, Floats | None] = {}
        self.refused = 0
        squares(np.zeros(1, np.float32))  # compiled now

    def put(self, signals: Sequence[Signal]) -> list[bytearray]:
        """The datagrams of a frame's signals, in order; the next call overwrites them."""
        floats = self._floats(signals)
        if floats is None:
            return self._sound([signal for signal in signals if self._floats([signal]) is not None], len(signals))
        np.concatenate([signal.values for signal in signals], out=floats.values)
        if math.isfinite(squares(floats.values)):
            return floats.put()
        if not self._blank:
            return self._sound([signal for signal in signals if math.isfinite(squares(signal.values))], len(signals))
        self.refused += sum(not math.isfinite(squares(signal.values)) for signal in signals)
        _blank(floats.values)
        return floats.put()

    def _sound(self, signals: Sequence[Signal], count: int) -> list[bytearray]:
        """The datagrams of those of `count` signals that can be sent."""
        self.refused += count - len(signals)
        return self.put(signals) if signals else []

    def _floats(self, signals: Sequence[Signal]) -> Floats | None:
        """What is prepared for these; None where one of them cannot be sent."""
        layout = tuple([(signal.name, len(signal.values)) for signal in signals])
        if layout not in self._made:
            if len(self._made) >= KEPT:
                self._made.clear()
            self._made[layout] = self._make(layout)
        return self._made[layout]

    def _make(self, layout: Layout) -> Floats | None:
        if not all(0 < count <= MOST_VALUES for _, count in layout):
            return None
        try:
            return Floats([message for name, count in layout for message in self._messages(name, count)])
        except WireError:  # no address, or one that leaves no room for the numbers
            return None


def _blank(values: F32) -> None:
    """Put 0 in the place of what is not finite."""
    values[~np.isfinite(values)] = 0.0
