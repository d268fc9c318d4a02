"""Steps of latent numbers, compiled: who is near, what is shown, and when nothing moves any more."""

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32

WINDOW = 1.0
"""Seconds over which stillness is measured, as for bodies."""

NUDGE_AFTER = 2.0
"""Seconds of stillness before the temperature is raised."""

PRIME_AFTER = 4.0
"""Seconds of stillness before the model begins again."""


class Stillness:
    """Notices a model whose picture does not change: the mean speed of the last second is below a floor.

    Args:
        fps: frames per second of the model.
        floor: standard deviations per second, of the length of the change.

    Attributes:
        nudged: whether the temperature is to be raised.
        stuck: whether the model is to begin again.
    """

    def __init__(self, fps: float, floor: float) -> None:
        self._fps, self._floor = fps, floor
        self._speeds = [0.0] * max(1, round(WINDOW * fps))
        self._seen = self._still = 0
        self.nudged = self.stuck = False

    def watch(self, change: F32) -> None:
        """Take in the change (D,) of a frame."""
        self._speeds[self._seen % len(self._speeds)] = length(change) * self._fps
        self._seen += 1
        still = self._seen >= len(self._speeds) and sum(self._speeds) < self._floor * len(self._speeds)
        self._still = self._still + 1 if still else 0
        self.nudged = self._still >= NUDGE_AFTER * self._fps
        self.stuck = self._still >= PRIME_AFTER * self._fps

    def forget(self) -> None:
        """Begin anew, as the model did."""
        self._seen = self._still = 0
        self.nudged = self.stuck = False


@kernel
def length(vector: F32) -> float:
    """Of a vector (D,)."""
    total = 0.0
    for dim in range(vector.shape[0]):
        total += float(vector[dim]) * float(vector[dim])
    return float(np.sqrt(total))


@kernel
def nearest(z: F32, bank: F32) -> float:
    """Distance from z (D,) to the nearest of the recorded moments (N, D or more), not below any if it is no number."""
    best = np.inf
    for moment in range(bank.shape[0]):
        total = 0.0
        for dim in range(z.shape[0]):
            away = float(z[dim]) - float(bank[moment, dim])
            total += away * away
        best = min(best, total)
    return float(np.sqrt(best))


@kernel
def between(one: F32, two: F32, share: float, out: F32) -> None:
    """Write the way from one vector (D,) to another into `out`, exactly either one at its ends."""
    for dim in range(out.shape[0]):
        out[dim] = (1.0 - share) * one[dim] + share * two[dim]


@kernel
def add(vector: F32, share: float, out: F32) -> None:
    """Add a share of a vector (D,) to `out`."""
    for dim in range(out.shape[0]):
        out[dim] += np.float32(share) * vector[dim]


@kernel
def same(one: NDArray[np.generic], two: NDArray[np.generic]) -> bool:
    """Whether two arrays hold the same numbers."""
    first, second = one.reshape(-1), two.reshape(-1)
    if first.shape[0] != second.shape[0]:
        return False
    for place in range(first.shape[0]):  # noqa: SIM110 (Numba compiles no generators)
        if first[place] != second[place]:
            return False
    return True
