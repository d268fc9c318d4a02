"""Human timing: keys that are struck a little later than they were meant to be, each by a chance of its own."""

import heapq

from engine.sampling.noise import pick
from engine.schema.note import Note

MOST = 4096
"""Keys that wait to be struck at most: those of 0.2 s, the longest delay, at 20 000 a second."""

FINE = 1 << 24
"""Steps of a delay between nothing and the most."""


class Delay:
    """Notes that leave later; a key's order is kept, and it comes up by as much later as it went down.

    The delay of a note depends on the seed and on how many notes came before it.

    Args:
        seed: of the delays.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = self._serial = 0
        self._waiting: list[tuple[int, int, Note]] = []
        self._last: dict[tuple[int, int], int] = {}  # when the last that waits of a key leaves
        self._delays: dict[tuple[int, int], int] = {}  # of the keys that are down, or will be

    @property
    def due(self) -> int | None:
        """When the next one leaves; None where none waits."""
        return self._waiting[0][0] if self._waiting else None

    def strike(self, at: int, note: Note, most: int) -> int | None:
        """When a key that is meant for `at` goes down, ns; None where too many wait.

        Args:
            at: ns.
            note: that leaves then; it waits here where that is later than `at`.
            most: longest delay, ns.
        """
        delay = pick(self._seed, self._count, 0, FINE) * most // FINE if most else 0
        self._count += 1
        if len(self._waiting) >= MOST:
            return None
        self._delays[note.number, note.channel] = delay
        return self._put(at, at + delay, note)

    def lift(self, at: int, note: Note) -> int:
        """When a key comes up again, as for `strike`; there is always room."""
        return self._put(at, at + self._delays.pop((note.number, note.channel), 0), note)

    def take(self, now: int) -> tuple[int, Note] | None:
        """The next one that leaves by now, and when it was to."""
        if not self._waiting or self._waiting[0][0] > now:
            return None
        due, _, note = heapq.heappop(self._waiting)
        if not self._waiting:
            self._last.clear()
        return due, note

    def clear(self) -> None:
        """Drop all that waits."""
        self._waiting.clear()
        self._last.clear()
        self._delays.clear()

    def reseed(self, seed: int) -> None:
        """Go on with other delays."""
        self._seed = seed

    def restart(self, seed: int | None = None) -> None:
        """Drop all that waits and count from the first note; None keeps the seed."""
        self.clear()
        self._seed = self._seed if seed is None else seed
        self._count = 0

    def _put(self, at: int, due: int, note: Note) -> int:
        key = note.number, note.channel
        due = max(due, self._last.get(key, due))
        if due > at:
            self._last[key] = due
            self._serial += 1
            heapq.heappush(self._waiting, (due, self._serial, note))
        return due
