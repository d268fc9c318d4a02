"""Frames that are only waited for."""

from engine.runtime.clock import VirtualClock
from engine.runtime.pace import Pace, keep
from engine.runtime.ticker import SECOND, Ticker


class Late(VirtualClock):
    """Gets to every fourth deadline so many nanoseconds late."""

    def __init__(self, by: int) -> None:
        super().__init__(5)
        self._by, self._count = by, 0

    def sleep_until_ns(self, deadline: int) -> None:
        self._count += 1
        super().sleep_until_ns(deadline + (self._by if self._count % 4 == 0 else 0))


def test_a_clock_that_is_never_late_meets_every_frame() -> None:
    pace = keep(VirtualClock(7), 30, 2.0)
    assert pace.late == [0] * 60
    assert pace.skipped == 0
    assert pace.over


def test_lateness_is_that_of_each_frame() -> None:
    assert keep(Late(1000), 30, 0.4).late == [0, 0, 0, 1000] * 3


def test_frames_that_cannot_be_met_are_skipped_and_not_caught_up() -> None:
    pace = keep(Late(SECOND // 10), 30, 1.0)
    assert len(pace.late) + pace.skipped == 30
    assert pace.skipped > 0
    assert max(pace.late) == SECOND // 10


def test_what_is_skipped_beyond_the_end_does_not_count() -> None:
    pace = Pace(Ticker(10), 3)
    pace.arrive(pace.due)
    pace.arrive(pace.due + 60 * SECOND)
    assert (len(pace.late), pace.skipped, pace.over) == (2, 1, True)
