"""Whose turn it is, and what is made of the turns; time is virtual."""

import asyncio
import os
from collections.abc import Sequence

import pytest

from engine.bench import clock
from engine.bench.clock import Contest, Load, Turn
from engine.runtime.clock import VirtualClock
from engine.runtime.pace import Pace, keep
from engine.runtime.ticker import Ticker

QUIET = Load("quiet", None, None)
OTHER = Load("quiet as well", None, None)


def contests(*loads: Load) -> list[Contest]:
    return [Contest(name, False, 60.0, load) for load in loads for name in ("engine", "asyncio")]


def paced(late: Sequence[int]) -> Pace:
    pace = Pace(Ticker(60.0), len(late))
    for each in late:
        pace.arrive(pace.due + each)
    return pace


def test_rivals_take_turns_so_that_a_bad_minute_meets_all_of_them() -> None:
    taken: list[tuple[str, str, float]] = []

    def take(contest: Contest, seconds: float) -> Turn:
        taken.append((contest.clock, contest.load.name, seconds))
        return Turn("none", keep(VirtualClock(), contest.fps, seconds))

    rows = clock.run(contests(QUIET, OTHER), 6.0, take, 3.0)
    one_round = [(name, load.name, 3.0) for load in (QUIET, OTHER) for name in ("engine", "asyncio")]
    assert taken == one_round * 2
    assert [(row.clock, row.load, row.seconds) for row in rows] == [(name, load, 6.0) for name, load, _ in one_round]


def test_a_short_measurement_is_one_turn() -> None:
    lengths: list[float] = []

    def take(contest: Contest, seconds: float) -> Turn:
        lengths.append(seconds)
        return Turn("none", keep(VirtualClock(), contest.fps, seconds))

    clock.run(contests(QUIET), 0.5, take)
    assert lengths == [0.5, 0.5]


def test_a_row_is_of_all_frames_of_all_turns() -> None:
    turns = [Turn("SCHED_FIFO 20", paced([1000, 3000])), Turn("SCHED_FIFO 20", paced([5000, 2_000_000, 30_000_000]))]
    row = clock.row(contests(QUIET)[0], 2.0, turns)
    assert (row.clock, row.rights, row.fps, row.load, row.seconds) == ("engine", "SCHED_FIFO 20", 60.0, "quiet", 2.0)
    assert (row.p50_us, row.worst_us, row.late) == (5.0, 30_000.0, 2)
    assert row.p50_us < row.p99_us < row.worst_us


def test_frames_that_were_let_go_are_counted() -> None:
    pace = Pace(Ticker(60.0), 5)
    pace.arrive(pace.due + 50_000_000)
    assert pace.skipped == 3
    assert clock.row(contests(QUIET)[0], 1.0, [Turn("none", pace)] * 2).skipped == 6


def test_asyncio_waits_for_the_same_deadlines_and_is_never_early() -> None:
    time = VirtualClock(11)

    async def sleep(seconds: float) -> None:
        time.sleep_until_ns(time.now_ns() + round(seconds * 1e9) + 700)

    async def early(seconds: float) -> None:
        time.sleep_until_ns(time.now_ns() + round(seconds * 1e9) - 700)

    assert asyncio.run(clock.keep_asyncio(time, 60.0, 0.5, sleep)).late == [700] * 30
    assert asyncio.run(clock.keep_asyncio(time, 60.0, 0.5, early)).late == [0] * 30


@pytest.mark.parametrize(
    ("cores", "names"),
    [({0}, ["quiet", "same core"]), ({2, 5}, ["quiet", "other core", "same core"]), (None, ["quiet", "somewhere"])],
)
def test_the_loads_are_those_that_the_machine_can_have(
    cores: set[int] | None, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if cores is None:
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores, raising=False)
    found = clock.loads()
    assert [load.name for load in found] == names
    for load in found:
        assert (load.busy is None) == (load.name == "quiet")
        assert load.core == (load.busy if load.name == "same core" else None)
