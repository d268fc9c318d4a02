"""How late somebody gets to deadlines who does nothing but wait for them."""

import threading

from engine.runtime.clock import Clock
from engine.runtime.ticker import Ticker, wait


class Pace:
    """Frames 1 to `frames` of a ticker, and how late each was.

    Attributes:
        late: nanoseconds after its deadline, of each frame that was met; never negative for an honest clock.
        skipped: frames that were let go, as in a show.
    """

    def __init__(self, ticker: Ticker, frames: int) -> None:
        self._ticker, self._frames, self._frame = ticker, frames, 1
        self.late: list[int] = []
        self.skipped = 0

    @property
    def over(self) -> bool:
        """Whether all frames are."""
        return self._frame > self._frames

    @property
    def due(self) -> int:
        """When the next frame is, ns."""
        return self._ticker.deadline(self._frame)

    def arrive(self, now: int) -> None:
        """The frame that was due is met at `now`, ns."""
        self.late.append(now - self.due)
        following = min(self._ticker.following(self._frame, now), self._frames + 1)
        self.skipped += following - self._frame - 1
        self._frame = following


def keep(clock: Clock, fps: float, seconds: float) -> Pace:
    """Wait for every frame of so many seconds, as the frame thread does."""
    ticker = Ticker(fps, clock.now_ns())
    pace, never = Pace(ticker, ticker.frames(seconds)), threading.Event()
    while not pace.over:
        wait(clock, pace.due, never)
        pace.arrive(clock.now_ns())
    return pace
