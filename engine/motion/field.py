"""A field of recorded motion that leads a sampled one back among the recordings (after Lee et al. 2010, Motion Fields).

The recorded moments nearest to where a body is, and to how it moves, tell where bodies went from there. A sample is led
a share of the way to that. A pull to recorded *poses* would hold the body back, as the nearest pose is the one that it
is leaving; this one goes along.
"""

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32

NEIGHBOURS = 4
"""Recorded moments that lead together; one alone would be followed, and a sample would be a copy."""

CHANGE_WEIGHT = 4.0
"""How much a metre per frame counts against a metre: four frames of difference in speed make one in place."""


@kernel
def lead(z: F32, dz: F32, bank: F32, kinds: NDArray[np.int64], kind: int, strength: float, sample: F32) -> None:
    """Lead a sample towards what followed the recorded moments nearest to (z, dz).

    Args:
        z: (d,) pose, metres.
        dz: (d,) its last change.
        bank: (N, 3 d + r) pose, last change, next change, and r more numbers of the next step, such as the root's.
        kinds: (N,) genre of each.
        kind: the genre that may lead; -1 for every one.
        strength: 0-1, share of the way.
        sample: (d + r,) next change of the pose and those numbers; changed in place.
    """
    dims = z.shape[0]
    best = np.full(NEIGHBOURS, np.float32(np.inf))
    index = np.zeros(NEIGHBOURS, np.int64)
    for moment in range(bank.shape[0]):
        if kind < 0 or kinds[moment] == kind:
            insert(best, index, gap(z, dz, bank[moment]), moment)
    if not np.isfinite(best[NEIGHBOURS - 1]):
        return
    weights = 1.0 / (np.sqrt(best) + 1e-3)
    weights *= strength / weights.sum()
    more = sample.shape[0] - dims
    for dim in range(dims + more):
        sample[dim] *= 1.0 - strength
    for slot in range(NEIGHBOURS):
        row = bank[index[slot]]
        for dim in range(dims):
            sample[dim] += weights[slot] * (row[dim] + row[2 * dims + dim] - z[dim])
        for dim in range(more):
            sample[dims + dim] += weights[slot] * row[3 * dims + dim]


@kernel
def gap(z: F32, dz: F32, moment: F32) -> np.float32:
    """Squared distance of a pose and its change from a recorded moment."""
    dims = z.shape[0]
    place, change = np.float32(0.0), np.float32(0.0)
    for dim in range(dims):
        away, faster = z[dim] - moment[dim], dz[dim] - moment[dims + dim]
        place += away * away
        change += faster * faster
    return place + np.float32(CHANGE_WEIGHT * CHANGE_WEIGHT) * change


@kernel
def insert(best: F32, index: NDArray[np.int64], value: np.float32, name: int) -> None:
    """Keep the smallest values in `best`, in order, and their names in `index`."""
    if not value < best[-1]:
        return
    slot = len(best) - 1
    while slot > 0 and value < best[slot - 1]:
        best[slot], index[slot] = best[slot - 1], index[slot - 1]
        slot -= 1
    best[slot], index[slot] = value, name
