"""How many dancers one core can play: the time of a whole tick against their number, and the most without a late frame.

A tick is input, noise, step, sample, decoding, guard, encoding and sending, in one thread.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial

import numpy as np

from engine.bench.dancers import Cast, Dancers
from engine.bench.results import Crowd
from engine.bench.times import Times
from engine.bench.turns import Metronome, alone, now
from engine.runtime.realtime import apart, claim, undisturbed

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Crowds of the curve."""

PACES = ("30", "60")
"""Frames per second for which the largest crowd is looked for."""

CLOSE = 0.07
"""The search ends where the crowd that fits and the one that does not are this near to each other."""

LARGEST = 4096
"""Dancers."""

Paced = Callable[[int], Crowd]


def measure(port: int, seconds: float, sizes: Sequence[int] = SIZES) -> Iterator[Crowd]:
    """The curve, hot and at 30 fps, then the search; `seconds` for each crowd. `port` is of somebody who reads."""
    cast = Cast()
    for size in sizes:
        with ExitStack() as opened:
            dancers = Dancers(cast, size, port, opened)
            with undisturbed():
                yield hot(dancers, size, seconds)
                yield paced(dancers, size, PACES[0], seconds)


def search(port: int, seconds: float, pace: str, curve: Sequence[Crowd]) -> Iterator[Crowd]:
    """Crowds on the way to the largest that a core can play without a late frame, beginning where the curve says."""
    cast = Cast()

    def play(size: int) -> Crowd:
        with ExitStack() as opened:
            dancers = Dancers(cast, size, port, opened)
            with undisturbed():
                return paced(dancers, size, pace, seconds)

    yield from narrow(play, guess(curve, float(pace)))


def narrow(play: Paced, first: int) -> Iterator[Crowd]:
    """Play crowds, larger ones after one that fits and smaller ones after one that does not, until that is settled.

    One that does not fit has a second try: a frame may be late because of what else the machine does.
    """
    fits, fails, size, stride = 0, LARGEST + 1, first, max(1, round(2 * CLOSE * first))
    while True:
        tries = [play(size)]
        if tries[0].late:
            tries.append(play(size))
        yield from tries
        if tries[-1].late:
            fails = size
        else:
            fits = size
        if fails - fits <= max(1, round(CLOSE * fails)):
            return
        if fits and fails <= LARGEST:
            size = (fits + fails) // 2
        else:
            size, stride = _beyond(fits, fails, stride), 2 * stride


def _beyond(fits: int, fails: int, stride: int) -> int:
    """A crowd further on the side where the end has not been found."""
    return min(LARGEST, fits + stride) if fits else max(1, fails - stride)


def guess(curve: Sequence[Crowd], fps: float) -> int:
    """The crowd whose tick should just fill a frame, between the points of the hot curve."""
    rising = sorted((found.median_us, found.performers) for found in curve if found.pace == "hot")
    if not rising:
        return 1
    times, sizes = zip(*rising, strict=True)
    room = 1e6 / fps
    if room > times[-1]:
        return min(LARGEST, max(1, int(sizes[-1] * room / times[-1])))
    return max(1, int(np.interp(room, times, sizes)))


def most(found: Sequence[Crowd], pace: str) -> int:
    """The largest crowd that had no late frame, by its last try, and under which none had; 0 where there is none."""
    largest = 0
    last = {each.performers: each.late for each in found if each.pace == pace}
    for size in sorted(last):
        if last[size]:
            return largest
        largest = size
    return largest


def hot(dancers: Callable[[], object], size: int, seconds: float) -> Crowd:
    """Frame after frame without a pause."""
    taken = alone(dancers, seconds)
    return _crowd(size, "hot", taken, late=0)


def paced(dancers: Callable[[], object], size: int, pace: str, seconds: float) -> Crowd:
    """As in a show."""
    return apart(partial(_paced, dancers, size, pace, seconds))


def _paced(dancers: Callable[[], object], size: int, pace: str, seconds: float) -> Crowd:
    claim()
    fps = float(pace)
    metronome, taken, late = Metronome(fps), list[int](), 0
    dancers()
    for _ in range(max(1, round(seconds * fps))):
        due = metronome.wait()
        begin = now()
        dancers()
        end = now()
        taken.append(end - begin)
        late += end > due
    return _crowd(size, pace, taken, late=late)


def _crowd(size: int, pace: str, taken: Sequence[int], *, late: int) -> Crowd:
    times = Times.of(taken)
    return Crowd(performers=size, pace=pace, median_us=times.p50, p99_us=times.p99, frames=len(taken), late=late)
