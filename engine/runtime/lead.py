"""How long before its deadline a frame is computed, when that is done as late as it dares."""

import numpy as np

LEAST_NS = 500_000
"""Nanoseconds; what waking up costs."""

MOST = 0.8
"""Of a period: beyond, the frame after would wait for this one."""

MARGIN_NS = 1_000_000
"""Nanoseconds on top, at least: a collection of garbage and a look of another thread cost as much."""

SPARE = 0.25
"""Of the 99th percentile, on top where that is more."""

SECONDS = 10
"""That are looked back."""

ENOUGH = 100
"""Frames after which the 99th percentile is believed, as it leaves one out from there on, such as the first; before,
twice the longest time is allowed for."""

LOOK = 0.5
"""Seconds between two looks back."""

LATELY = 8
"""Frames of which two that took longer than expected count at once: a single one says nothing about the next."""


class Lead:
    """Learns from how long the last frames took.

    Args:
        fps: frames per second.

    Attributes:
        ns: nanoseconds before its deadline at which the next frame is to be begun.
    """

    def __init__(self, fps: float) -> None:
        self._took = np.zeros(max(2 * ENOUGH, round(SECONDS * fps)), np.int64)
        self._every = max(1, round(LOOK * fps))
        self._most = round(MOST * 1_000_000_000 / fps)
        self._count = 0
        self.ns = min(LEAST_NS, self._most)

    @property
    def twice(self) -> int:
        """Likewise for a frame that takes twice as long."""
        return min(2 * self.ns, self._most)

    def add(self, took: int) -> None:
        """A frame took so many nanoseconds."""
        self._took[self._count % len(self._took)] = took
        self._count += 1
        if self._count < ENOUGH:
            self._set(2 * int(self._took.max()))
        elif self._count % self._every == 0 or self._count == ENOUGH:
            known = self._took[: self._count]
            self._set(_with_margin(int(np.partition(known, _rank(len(known)))[_rank(len(known))])))
        elif took > self.ns:
            self._set(max(self.ns, _with_margin(self._second())))

    def _second(self) -> int:
        """The second longest of the last few."""
        lately = np.take(self._took, np.arange(self._count - LATELY, self._count), mode="wrap")
        return int(np.partition(lately, -2)[-2])

    def _set(self, needed: int) -> None:
        self.ns = min(max(needed, LEAST_NS), self._most)


def _rank(count: int) -> int:
    return count - 1 - count // 100


def _with_margin(took: int) -> int:
    return took + max(MARGIN_NS, round(SPARE * took))
