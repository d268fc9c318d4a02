"""Whether frames leave on time, in words."""

import pytest

from engine.checks import timing
from engine.checks.finding import Finding
from engine.runtime import realtime
from engine.runtime.clock import VirtualClock
from engine.runtime.pace import Pace, keep
from engine.runtime.ticker import Ticker

MS = 1_000_000


def paced(*late: int) -> Pace:
    pace = Pace(Ticker(timing.RATE), len(late))
    for each in late:
        pace.arrive(pace.due + each)
    return pace


def test_an_attempt_takes_the_frames_of_half_a_second() -> None:
    trial = realtime.apart(lambda: timing.attempt(VirtualClock()))
    assert len(trial.pace.late) == 60
    assert trial.rights


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32", "plan9"])
@pytest.mark.parametrize("granted", [realtime.NONE, "nice -10"])
def test_rights_that_leave_frames_waiting_come_with_a_hint(platform: str, granted: str) -> None:
    found = timing.rights(granted, platform)
    assert not found.good
    assert found.hint
    assert found.text.startswith(granted)


@pytest.mark.parametrize("granted", ["SCHED_FIFO 20", "time constraint", "MMCSS Pro Audio"])
def test_rights_that_were_granted_are_told(granted: str) -> None:
    assert timing.rights(granted) == Finding("real-time rights", good=True, text=granted)


def test_frames_on_time_are_good() -> None:
    found = timing.timer(paced(2000, 4000, 90_000), 1e-9)
    assert found.good
    assert found.text == "of 3 frames at 120 fps half were 0.004 ms late, the worst 0.090 ms"


def test_a_late_frame_is_not() -> None:
    assert not timing.timer(paced(2000, 2 * MS), 1e-9).good
    assert not timing.timer(keep(VirtualClock(), 30, 1.0), 0.0156).good  # a clock that counts in steps sees none
    assert "15.6 ms" in timing.timer(paced(0), 0.0156).text
