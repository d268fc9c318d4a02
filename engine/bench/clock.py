"""How late frames are that nobody computes: the engine's clock, and `asyncio.sleep` beside it in the same run.

Both wait for the same deadlines in a thread of their own, one after the other in slices of some seconds, so that a bad
minute of the machine meets all of them alike. asyncio's event loop has nothing else to do.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np

from engine.runtime.clock import Clock, MonotonicClock
from engine.runtime.pace import Pace, keep
from engine.runtime.realtime import NONE, apart, claim, sharpen, trial, undisturbed
from engine.runtime.ticker import Ticker

SLICE = 3.0
"""Seconds of a turn."""

LATE = 1000.0
"""Microseconds from which on a frame counts as late."""

GRACE = 10
"""Seconds after which the busy process ends by itself, counted from the end of its turns; nobody else might end it."""

BUSY = """
import os, sys, time
core, seconds = int(sys.argv[1]), float(sys.argv[2])
if core >= 0:
    os.sched_setaffinity(0, {core})
print(flush=True)
end = time.monotonic() + seconds
while time.monotonic() < end:
    pass
"""


class Lateness(msgspec.Struct, frozen=True, kw_only=True):
    """One clock at one rate beside one load.

    Attributes:
        clock: `engine` or `asyncio`.
        rights: what its thread was granted; `none` too where it did not ask.
        fps: frames per second.
        load: `quiet`: nothing of ours; `other core`: a process of ordinary priority keeps a core busy, and the clock
            may go to another one; `same core`: the clock is bound to the core of that process; `somewhere`: such a
            process, on a system that binds nothing to a core.
        seconds: that were measured.
        p50_us: microseconds after the deadline, median.
        p99_us: likewise, 99th percentile.
        worst_us: likewise, the latest.
        late: frames more than 1 ms late.
        skipped: frames that were let go, as the next one was due.
    """

    clock: str
    rights: str
    fps: float
    load: str
    seconds: float
    p50_us: float
    p99_us: float
    worst_us: float
    late: int
    skipped: int


class Load(NamedTuple):
    """What else the machine does: where a busy process is bound to (-1: anywhere), and where the clock is."""

    name: str
    busy: int | None
    core: int | None


class Contest(NamedTuple):
    """Whose turn it is: `claims` says whether it asks for rights."""

    clock: str
    claims: bool
    fps: float
    load: Load


class Turn(NamedTuple):
    """What came of one."""

    rights: str
    pace: Pace


def measure(fps: Sequence[float], seconds: float, chosen: Sequence[str] = ()) -> list[Lateness]:
    """All clocks at all rates beside all loads, each for so many seconds.

    Args:
        fps: frames per second, each.
        seconds: of each row; a minute at three rates takes 27 minutes where rights are granted and 18 where not.
        chosen: names of loads; all that the machine can have where there are none.
    """
    return run(contests(fps, chosen), seconds, take)


def contests(fps: Sequence[float], chosen: Sequence[str] = ()) -> list[Contest]:
    """Who is measured by `measure`, each for so many seconds."""
    claims = trial() != NONE
    beside = [load for load in loads() if not chosen or load.name in chosen]
    return [each for load in beside for rate in fps for each in _rivals(rate, load, claims=claims)]


def loads() -> list[Load]:
    """What this machine can be busy with."""
    quiet = Load("quiet", None, None)
    if not hasattr(os, "sched_getaffinity"):
        return [quiet, Load("somewhere", -1, None)]
    cores = sorted(os.sched_getaffinity(0))
    same = Load("same core", cores[-1], cores[-1])
    return [quiet, same] if len(cores) == 1 else [quiet, Load("other core", cores[-1], None), same]


def _rivals(fps: float, load: Load, *, claims: bool) -> list[Contest]:
    asked = [Contest("engine", True, fps, load)] if claims else []
    return [*asked, Contest("engine", False, fps, load), Contest("asyncio", False, fps, load)]


def run(
    contests: Sequence[Contest], seconds: float, taken: Callable[[Contest, float], Turn], most: float = SLICE
) -> list[Lateness]:
    """Let all take turns of at most `most` seconds until each has had its seconds."""
    rounds = max(1, round(seconds / most))
    turns: dict[Contest, list[Turn]] = {each: [] for each in contests}
    for _ in range(rounds):
        for load in dict.fromkeys(each.load for each in contests):
            rivals = [each for each in contests if each.load == load]
            with busy(load.busy, len(rivals) * seconds / rounds + GRACE):
                for each in rivals:
                    turns[each].append(taken(each, seconds / rounds))
    return [row(each, seconds, turns[each]) for each in contests]


@contextmanager
def busy(core: int | None, seconds: float) -> Iterator[None]:
    """Keep a core busy in a process of its own, for so many seconds at most; -1 binds it to none, None starts none."""
    if core is None:
        yield
        return
    command = [sys.executable, "-ISc", BUSY, str(core), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 (our own text)
        try:
            if process.stdout is not None:
                process.stdout.readline()
            yield
        finally:
            process.kill()


def take(contest: Contest, seconds: float) -> Turn:
    """One turn."""
    with undisturbed():
        return apart(partial(_take, contest, seconds, MonotonicClock()))


def _take(contest: Contest, seconds: float, clock: Clock) -> Turn:
    if contest.load.core is not None:
        os.sched_setaffinity(0, {contest.load.core})
    rights = claim() if contest.claims else NONE
    if contest.clock == "asyncio":
        return Turn(rights, asyncio.run(keep_asyncio(clock, contest.fps, seconds, asyncio.sleep)))
    sharpen()
    return Turn(rights, keep(clock, contest.fps, seconds))


async def keep_asyncio(clock: Clock, fps: float, seconds: float, sleep: Callable[[float], Awaitable[object]]) -> Pace:
    """Wait for every frame of so many seconds by sleeping until it is due."""
    ticker = Ticker(fps, clock.now_ns())
    pace = Pace(ticker, ticker.frames(seconds))
    while not pace.over:
        await sleep((pace.due - clock.now_ns()) * 1e-9)
        pace.arrive(max(clock.now_ns(), pace.due))  # the loop may wake it early by its clock's resolution
    return pace


def row(contest: Contest, seconds: float, turns: Sequence[Turn]) -> Lateness:
    """All turns of one, together."""
    late = np.array([each for turn in turns for each in turn.pace.late], np.float64) / 1000.0
    p50, p99, worst = np.percentile(late, [50, 99, 100])
    return Lateness(
        clock=contest.clock,
        rights=turns[-1].rights,
        fps=contest.fps,
        load=contest.load.name,
        seconds=seconds,
        p50_us=round(float(p50), 1),
        p99_us=round(float(p99), 1),
        worst_us=round(float(worst), 1),
        late=int(np.count_nonzero(late > LATE)),
        skipped=sum(turn.pace.skipped for turn in turns),
    )
