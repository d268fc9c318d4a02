"""The list of cues: which one comes next, and GOs that are accidents."""

from collections.abc import Callable, Sequence
from functools import partial

from engine.controls.letter import Source
from engine.runtime.requests import Call, released
from engine.runtime.ticker import SECOND
from engine.schema.show import Cue
from engine.wire.decode import Value


class Cues:
    """Calls cues, in their order or by name.

    Args:
        cues: in the order of the show.
        play: does what one says; never waits.
        gap: seconds after a GO in which another one is ignored.

    Attributes:
        last: name of the cue that was called last; empty before the first.
        ignored: GOs that came too soon, or where there was no further cue.
        now: the time, ns.
    """

    def __init__(self, cues: Sequence[Cue], play: Callable[[Cue], object], *, gap: float) -> None:
        self._cues, self._play, self._gap = tuple(cues), play, round(gap * SECOND)
        self._positions = {cue.name: position for position, cue in enumerate(cues)}
        self._at = -1
        self._called: int | None = None
        self.last = ""
        self.ignored = 0
        self.now = 0

    def read(self, arguments: Sequence[Value], _source: Source) -> Call:
        """A GO: the next cue, or the one of a name or a position from 1 on; a verb of `Requests`."""
        match tuple(arguments):
            case () | (True,):
                return self.next
            case (False,):
                return released
            case (str() | int() | float() as wanted,):
                return partial(self._go, self._position(wanted))
        raise ValueError(f"{tuple(arguments)}; expected the name or the number of a cue, or nothing")

    def next(self) -> None:
        """Play the cue after the last one; at the end there is none."""
        self._go(self._at + 1)

    def back(self) -> None:
        """Play the cue before the last one; at the beginning there is none."""
        self._go(self._at - 1)

    def rewind(self) -> None:
        """Stand before the first cue again."""
        self._at, self._called, self.last = -1, None, ""

    def _go(self, position: int) -> None:
        early = self._called is not None and self.now - self._called < self._gap
        if early or not 0 <= position < len(self._cues):
            self.ignored += 1
            return
        cue = self._cues[position]
        self._at, self._called, self.last = position, self.now, cue.name
        self._play(cue)

    def _position(self, wanted: str | float) -> int:
        """Where a cue stands in the list.

        Raises:
            ValueError: there is none.
        """
        if wanted in self._positions:
            return self._positions[str(wanted)]
        number = int(wanted) if isinstance(wanted, str) and wanted.isdecimal() and len(wanted) < 6 else wanted
        if isinstance(number, str) or number not in range(1, len(self._cues) + 1):
            raise ValueError(f"cue {wanted!r}; expected one of {', '.join(self._positions)}, or 1 to {len(self._cues)}")
        return round(number) - 1
