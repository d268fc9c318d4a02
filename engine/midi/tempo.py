"""What a tick of a MIDI file is in nanoseconds."""

from bisect import bisect_right
from collections.abc import Iterable

from engine.schema.errors import DataError

DEFAULT = 500_000
"""Microseconds per quarter note before the first tempo (RP-001): 120 beats a minute."""

TIME_CODE = {24: (24, 1), 25: (25, 1), 29: (30_000, 1001), 30: (30, 1)}
"""Frames per second of time codes as a fraction, by the number that a file gives; 29 is NTSC's 29.97."""


class TempoMap:
    """Ticks to nanoseconds in whole numbers, so that nothing adds up over a long piece.

    Args:
        division: the word of a file's head: ticks per quarter note, or with its highest bit time code.
        changes: (tick, microseconds per quarter note) in any order; of those at one tick the last counts.
        place: what errors call the file.

    Raises:
        DataError: a division or a tempo of 0, or a time code that there is not.
    """

    def __init__(self, division: int, changes: Iterable[tuple[int, int]], place: str) -> None:
        tempi = {0: DEFAULT} | dict(sorted(changes, key=lambda change: change[0]))
        if 0 in tempi.values():
            raise DataError(place, "a tempo of 0 microseconds per beat", "more than 0")
        if division & 0x8000:
            tempi, self._per = _time_code(division, place)
        elif division == 0:
            raise DataError(place, "0 ticks per beat", "at least 1")
        else:
            tempi, self._per = {tick: tempo * 1000 for tick, tempo in tempi.items()}, division
        self._ticks = list(tempi)
        self._tempi = list(tempi.values())
        self._sums = [0]
        for index, tick in enumerate(self._ticks[1:]):
            self._sums.append(self._sums[index] + (tick - self._ticks[index]) * self._tempi[index])

    def at(self, tick: int) -> int:
        """Nanoseconds from the beginning to a tick, the nearest whole number."""
        index = bisect_right(self._ticks, tick) - 1
        parts = self._sums[index] + (tick - self._ticks[index]) * self._tempi[index]
        return (2 * parts + self._per) // (2 * self._per)


def _time_code(division: int, place: str) -> tuple[dict[int, int], int]:
    """Parts of a nanosecond per tick from tick 0 on, and how many of them a nanosecond has; tempi do not count."""
    frames, ticks = 256 - (division >> 8), division & 0xFF
    if frames not in TIME_CODE or not ticks:
        found = f"time code of {frames} frames and {ticks} ticks"
        raise DataError(place, found, "24, 25, 29 or 30 frames a second and at least 1 tick")
    rate, seconds = TIME_CODE[frames]
    return {0: 10**9 * seconds}, rate * ticks
