"""Where a sign begins and where it ends, by how fast hands move.

The motion energy of a sample is how far some channels, each divided by its scale, have come within the last 50 ms, per
second. With S samples in 50 ms, 5 at 100 Hz, over the channels of `motion`:

    energy(t) = fps / S * || (x(t) - x(t - S)) / scale ||

Before the first sample hands lay where they were in it. So it is a speed in scales per second: a hand that trembles
comes nowhere, and a single wrong sample counts little.
"""

from collections.abc import Sequence
from enum import IntEnum
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.gestures._moving import F64, I64, advance
from engine.schema.errors import DataError
from engine.schema.frame import F32

SPAN = 0.05
"""Seconds over which speed is measured: long against a tremor, short against a sign."""

CALM = 0.14
"""Seconds that hands must have lain still before a jump counts: in 99 of 100 Auslan signs they never do so within."""


END = 0.1
"""Seconds at the end of a recording in which hands have come to rest."""

RARE = 0.005
"""Share of the recordings that may be otherwise."""

LEAST = 8.0
"""The least movement of a recording is so much faster than what counts as still at least: gloves that were made up do
not tremble, and yet somebody may."""

MARGIN = 1.2
"""By which what begins a sign is more than what is seen at rest, of speeds and of jumps."""

STILL = 1.5, 0.15, 0.4
"""Pauses within signs, by this factor, end a sign; at least and at most so many seconds."""

SHORTEST = 1 / 3, 0.08, 0.2
"""Share of the shortest sign that is a movement at all; at least and at most so many seconds. A single wrong sample
looks like a movement of `SPAN`."""

JUMP = 0.3
"""Scales of the shortest jump."""


class Phase(IntEnum):
    """What a sample means.

    Attributes:
        IDLE: nobody signs; or what began was too short to be a sign.
        BEGAN: a sign began.
        SIGNING: it goes on.
        ENDED: it is over.
        ANOTHER: it was over with the sample before, and another one began with this one.
    """

    IDLE = 0
    BEGAN = 1
    SIGNING = 2
    ENDED = 3
    ANOTHER = 4


class Thresholds(NamedTuple):
    """Where signs begin and end; what a model's settings say by these names.

    Attributes:
        start_speed: motion energy above which a sign begins.
        stop_speed: motion energy up to which hands lie still.
        still: seconds that they do so at the end of a sign.
        shortest: seconds; a movement that is shorter is none.
        jump: scales; a longer single step of hands that lay still begins another sign.
    """

    start_speed: float
    stop_speed: float
    still: float
    shortest: float
    jump: float


class Onset:
    """Finds signs in a stream of samples; pure.

    Args:
        motion: (M,) numbers of the channels whose movement counts.
        scale: (F,) of each channel, more than 0.
        fps: samples per second.
        thresholds: where signs begin and end.
    """

    def __init__(self, motion: I64, scale: F32, fps: float, thresholds: Thresholds) -> None:
        self._motion, self._scale = motion.astype(np.int64), scale[motion].astype(np.float64)
        span, calm = samples(SPAN, fps), samples(CALM, fps)
        still, shortest = samples(thresholds.still, fps), samples(thresholds.shortest, fps)
        self._limits = (thresholds.start_speed, thresholds.stop_speed, thresholds.jump, fps / span)
        self._counts = (calm, still, shortest)
        self._ring: F64 = np.zeros((span + 1, len(motion)))
        self._energy: F64 = np.zeros(1)
        self._state: I64 = np.zeros(4, np.int64)

    @property
    def energy(self) -> float:
        """Motion energy of the last sample."""
        return float(self._energy[0])

    @property
    def signing(self) -> bool:
        """Whether a sign goes on."""
        return bool(self._state[1])

    @property
    def moved(self) -> int:
        """Samples of the sign that goes on, without those for which hands have lain still at its end."""
        return int(self._state[2] - self._state[3])

    @property
    def stillness(self) -> int:
        """Samples for which hands have lain still in the sign that goes on; 0 while they move."""
        return int(self._state[3])

    @property
    def known(self) -> int:
        """Samples since the beginning, a rest, or a jump of hands that lay still."""
        return int(self._state[0])

    def sample(self, values: F32) -> Phase:
        """Take a sample (F,) float32, of finite numbers."""
        return Phase(
            advance(
                values,
                self._motion,
                self._scale,
                self._limits,
                self._counts,
                self._ring,
                self._energy,
                self._state,
            )
        )

    def rest(self) -> Phase:
        """There is nothing to hear any more: ENDED where a sign was going on that was long enough, else IDLE."""
        _, signing, moved, still = self._state
        self._state[:] = 0
        return Phase.ENDED if signing and moved - still >= self._counts[2] else Phase.IDLE

    def restart(self) -> None:
        """Forget all samples."""
        self._state[:] = 0
        self._energy[:] = 0.0


def samples(seconds: float, fps: float) -> int:
    """As a whole number of samples, at least one."""
    return max(1, round(seconds * fps))


def thresholds(streams: Sequence[F32], fps: float, motion: I64, scale: F32) -> Thresholds:
    """Find where signs begin and end.

    Hands are still up to the speed that the ends of nearly all recordings stay below; a sign ends after longer pauses
    than those within nearly all of them.

    Args:
        streams: recorded signs (T, F), each with hands that come to rest at its end.
        fps: samples per second.
        motion: (M,) numbers of the channels whose movement counts.
        scale: (F,) of each channel, more than 0.

    Raises:
        DataError: nothing moves in some of them.
    """
    speeds = [energies(stream, fps, motion, scale) for stream in streams]
    resting = np.quantile([speed[-samples(END, fps) :].max() for speed in speeds], 1.0 - RARE)
    least = float(np.quantile([speed.max() for speed in speeds], RARE))
    if least <= 0.0:
        raise DataError("signs", "some in which no hand moves", "channels that move in every sign")
    stop = min(max(float(resting), least / LEAST), least / (2.0 * MARGIN))
    moving = [np.flatnonzero(speed > stop) for speed in speeds]
    found = [
        (stream, speed, at[0], at[-1] + 1) for stream, speed, at in zip(streams, speeds, moving, strict=True) if len(at)
    ]
    pauses = [_longest(speed[first:last] <= stop) / fps for _, speed, first, last in found]
    lengths = [(last - first) / fps for _, _, first, last in found]
    leaps = [_leap(stream[first:], speed[first:] <= stop, fps, motion, scale) for stream, speed, first, _ in found]
    return Thresholds(
        start_speed=round(MARGIN * stop, 2),
        stop_speed=round(stop, 2),
        still=_bounded(float(np.quantile(pauses, 1.0 - RARE)), STILL),
        shortest=_bounded(float(np.quantile(lengths, RARE)), SHORTEST),
        jump=round(max(JUMP, MARGIN * float(np.quantile(leaps, 1.0 - RARE))), 2),
    )


def energies(stream: F32, fps: float, motion: I64, scale: F32) -> F64:
    """Motion energy (T,) of each sample of a stream (T, F), as `Onset` has it."""
    points: F64 = stream[:, motion].astype(np.float64) / scale[motion]
    span = samples(SPAN, fps)
    before = np.concatenate([np.repeat(points[:1], span, axis=0), points])[: len(points)]
    found: F64 = np.linalg.norm(points - before, axis=1) * (fps / span)
    return found


def _longest(flags: NDArray[np.bool_]) -> int:
    """How many in a row are set at most."""
    return max((len(list(run)) for flag, run in groupby(flags.tolist()) if flag), default=0)


def _leap(stream: F32, still: NDArray[np.bool_], fps: float, motion: I64, scale: F32) -> float:
    """The longest step (scales) of hands that lay still."""
    calm = samples(CALM, fps)
    steps = np.linalg.norm(np.diff(stream[:, motion].astype(np.float64) / scale[motion], axis=0), axis=1)
    quiet = np.convolve(still, np.ones(calm), "full")[: len(still)] >= calm
    return float(steps[quiet[:-1]].max(initial=0.0))


def _bounded(value: float, factor: tuple[float, float, float]) -> float:
    """A value times a factor, between two others, in hundredths."""
    times, low, high = factor
    return round(min(max(times * value, low), high), 2)
