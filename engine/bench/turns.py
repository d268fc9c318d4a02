"""Letting rivals take turns, so that whatever else the machine does meets all of them."""

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.bench.times import noise
from engine.runtime.clock import MonotonicClock
from engine.runtime.realtime import apart, claim
from engine.runtime.ticker import Ticker

TURNS = 10
"""Turns that count; one more comes first and only warms up."""

FEWEST = 3
"""Steps of a turn without a pause, however slow."""

PACED_TURNS = 5
"""Likewise at a pace, where turns are long."""

SETTLING = 2
"""Paced frames at the beginning of a turn that do not count: the others' weights are still in the caches."""

now = time.perf_counter_ns


class Rival(NamedTuple):
    """Somebody whose steps are timed.

    Attributes:
        name: of the candidate.
        step: makes one.
        reads: bytes of weights that it reads.
        scale: what its duration is multiplied by, where it is only a part or a multiple of a step.
    """

    name: str
    step: Callable[[], object]
    reads: int
    scale: float = 1.0


class Measured(NamedTuple):
    """Microseconds of a step, how noisy they are, and how many were counted."""

    p50: float
    p99: float
    noise: float
    steps: int


def hot(rivals: Sequence[Rival], seconds: float) -> dict[str, Measured]:
    """Without a pause; `seconds` for each of them."""
    lengths = {rival.name: _length(rival, seconds / TURNS) for rival in rivals}
    turns: dict[str, list[list[int]]] = {rival.name: [] for rival in rivals}
    for _ in range(TURNS + 1):
        for rival in rivals:
            turns[rival.name].append([_timed(rival) for _ in range(lengths[rival.name])])
    return {rival.name: _measured(rival, turns[rival.name][1:]) for rival in rivals}


def paced(rivals: Sequence[Rival], seconds: float, fps: float) -> dict[str, Measured]:
    """At so many frames per second, as in a show: between two frames the caches grow cold."""
    return apart(partial(_paced, rivals, seconds, fps))


def _paced(rivals: Sequence[Rival], seconds: float, fps: float) -> dict[str, Measured]:
    claim()
    length = max(1, math.ceil(seconds * fps / PACED_TURNS)) + SETTLING
    metronome = Metronome(fps)
    turns: dict[str, list[list[int]]] = {rival.name: [] for rival in rivals}
    for _ in range(PACED_TURNS + 1):
        for rival in rivals:
            taken = []
            for _ in range(length):
                metronome.wait()
                taken.append(_timed(rival))
            turns[rival.name].append(taken[SETTLING:])
    return {rival.name: _measured(rival, turns[rival.name][1:]) for rival in rivals}


class Metronome:
    """Frames of a show, without one: those that were missed are left out."""

    def __init__(self, fps: float) -> None:
        self._clock = MonotonicClock()
        self._ticker, self._frame = Ticker(fps, start=self._clock.now_ns()), 0

    def wait(self) -> int:
        """Wait for the next frame; gives the moment, ns, at which the one after it is due."""
        self._frame = self._ticker.following(self._frame, self._clock.now_ns())
        self._clock.sleep_until_ns(self._ticker.deadline(self._frame))
        return self._ticker.deadline(self._frame + 1)


def alone(call: Callable[[], object], seconds: float, *, before: Callable[[], object] = lambda: None) -> list[int]:
    """Nanoseconds of a call that is made again and again for so long; what is called `before` each does not count."""
    before()
    call()
    taken: list[int] = []
    end = now() + seconds * 1e9
    while now() < end or len(taken) < FEWEST:
        before()
        begin = now()
        call()
        taken.append(now() - begin)
    return taken


def regularly(call: Callable[[], object], seconds: float, fps: float) -> list[int]:
    """As `alone`, at so many calls a second; the thread asks for what the frame thread of a show has."""
    claim()
    metronome, taken = Metronome(fps), list[int]()
    for _ in range(max(1, round(seconds * fps))):
        metronome.wait()
        begin = now()
        call()
        taken.append(now() - begin)
    return taken


def _length(rival: Rival, seconds: float) -> int:
    """Steps that fill a turn, by its quickest one of a few; the first may still compile."""
    rival.step()
    quickest = min(_timed(rival) for _ in range(FEWEST))
    return max(FEWEST, round(seconds * 1e9 / max(quickest, 1)))


def _timed(rival: Rival) -> int:
    step, begin = rival.step, now()
    step()
    return now() - begin


def _measured(rival: Rival, turns: Sequence[Sequence[int]]) -> Measured:
    every = np.concatenate([np.asarray(turn, np.float64) for turn in turns]) * (rival.scale / 1000.0)
    p50, p99 = np.percentile(every, [50, 99])
    return Measured(round(float(p50), 3), round(float(p99), 3), noise(turns), len(every))
