"""Deadlines: when each frame is due, and which is the next one that can still be met."""

import math
import threading
from fractions import Fraction

from engine.runtime.clock import Clock

SECOND = 1_000_000_000
"""Nanoseconds."""

SLICE = SECOND // 4
"""Nanoseconds that are slept at most before looking whether the show is over."""


class Ticker:
    """The deadlines `start + n / fps`, exact to the nanosecond however long the show: nothing is ever added up."""

    def __init__(self, fps: float, start: int = 0) -> None:
        rate = Fraction(str(fps))
        self._frames, self._period = rate.numerator, SECOND * rate.denominator  # so many frames in so many ns
        self.start = start

    def deadline(self, n: int) -> int:
        """When frame `n` is due, ns."""
        return self.start + n * self._period // self._frames

    def milliseconds(self, n: int) -> int:
        """Time from the start to frame `n`, rounded to ms."""
        return round((self.deadline(n) - self.start) / 1_000_000)

    def following(self, n: int, now: int) -> int:
        """The frame to play after `n`, which left at `now`.

        It is the first that is due at least half a period later. The ones between are skipped, so however late a frame
        was, no two frames ever leave within half a period.
        """
        due = now + self._period // (2 * self._frames) - self.start
        return max(n + 1, -(-due * self._frames // self._period))

    def frames(self, seconds: float) -> int:
        """How many frames are due in the first `seconds`."""
        return math.ceil(Fraction(str(seconds)) * Fraction(self._frames * SECOND, self._period))


def wait(clock: Clock, deadline: int, stop: threading.Event) -> bool:
    """Wait for `deadline`, ns; False if `stop` was set meanwhile."""
    while not stop.is_set():
        if deadline - clock.now_ns() <= SLICE:
            clock.sleep_until_ns(deadline)
            return not stop.is_set()
        clock.sleep_until_ns(clock.now_ns() + SLICE)
    return False
