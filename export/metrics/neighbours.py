"""How well a map of memories keeps what lies near what, and how quietly one moves on it.

Memories are rows (N, H), places on the map (N, D). Of more than `MOST` rows some are taken, evenly spread: ranks of all
distances are compared, N x N of them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn import manifold
from sklearn.neighbors import KNeighborsClassifier

from engine.schema.frame import F32

NEAREST = 10
"""Neighbours that trustworthiness and continuity look at."""

MOST = 2000

VOTES = 5
"""Neighbours that say which sign a place is."""

ENDS = (0.005, 0.995)
"""Quantiles between which the map's span is measured: a few strays would stretch it."""


class Ended(NamedTuple):
    """Where signs ended: places (N, D) and what they were."""

    places: F32
    labels: Sequence[str]


def trustworthiness(memories: F32, places: F32, nearest: int = NEAREST) -> float:
    """Whether what is near on the map was near in memory, 0 to 1 (Venna and Kaski 2001)."""
    return _ranked(memories, places, nearest)


def continuity(memories: F32, places: F32, nearest: int = NEAREST) -> float:
    """Whether what was near in memory is near on the map, 0 to 1: trustworthiness the other way."""
    return _ranked(places, memories, nearest)


def recognised(known: Ended, held: Ended) -> float:
    """Share of held-out ends whose sign most of their `VOTES` nearest known ends have."""
    judge = KNeighborsClassifier(min(VOTES, len(known.labels))).fit(known.places, list(known.labels))
    return float(judge.score(held.places, list(held.labels)))


def span(places: F32) -> float:
    """The longer side of the map, between the `ENDS` of what is on it."""
    low, high = np.quantile(places, ENDS, axis=0)
    return float((high - low).max())


def mean_step(streams: Sequence[F32], unit: float) -> float:
    """Mean length of a step along streams (T, D), in units of `unit`."""
    steps = [np.linalg.norm(np.diff(stream, axis=0), axis=1) for stream in streams]
    return float(np.concatenate(steps).mean() / unit)


def moved(places: F32, others: F32, unit: float) -> float:
    """Mean distance of what two maps say of the same memories, in units of `unit`."""
    return float(np.linalg.norm(places - others, axis=1).mean() / unit)


def _ranked(near: F32, told: F32, nearest: int) -> float:
    rows = _spread(len(near))
    # Fewer than twice the neighbours leave no ranks to compare.
    kept = min(nearest, (len(rows) - 1) // 2)
    return float(manifold.trustworthiness(near[rows], told[rows], n_neighbors=kept))


def _spread(count: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, count - 1, min(count, MOST)).astype(np.int64))
