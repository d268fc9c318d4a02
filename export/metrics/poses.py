"""How near generated poses stay to recorded ones, and how much of the recordings they visit.

Two poses are compared without where they stand and where they face: the root above the origin, the heading along +Z,
heights kept. Their distance is the root mean square over the joints, metres.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion.heading import canonical
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton
from export.metrics.dance import Floats, Motion, takes

Indices = NDArray[np.int64]

BLOCK = 1024
"""Poses compared at once: with 27 000 recorded ones the products take 110 MB."""

BIN = 10
"""Consecutive frames of a recording that count as one place to visit."""

LATE = 6
"""The last of so many equal parts of a run is held against the whole to find drift."""


class Nearest(NamedTuple):
    """For each of T poses: its distance to the nearest recorded one, metres, and which one that is."""

    distance: Floats
    frame: Indices


@dataclass(frozen=True, eq=False, kw_only=True)
class Poses:
    """N recorded poses to be found again.

    Attributes:
        skeleton: whose joints they are.
        centre: (3 J,) their mean; taken off before products are formed, which keeps float32 exact to 0.1 mm.
        points: (N, 3 J) float32 less the centre.
        keys: (N, 3 J + 1) float32: points and half their negative square, so that the nearest has the largest product.
        bins: (N,) which stretch of `BIN` frames a pose belongs to.
        labels: (N,) index of the take that a pose comes from.
    """

    skeleton: Skeleton
    centre: Floats
    points: F32
    keys: F32
    bins: Indices
    labels: Indices

    @classmethod
    def of(cls, motion: Motion, skeleton: Skeleton, mirrored: Sequence[Floats] = ()) -> "Poses":
        """The poses of all takes of a recording.

        Args:
            motion: the takes.
            skeleton: the body.
            mirrored: every take once more, left and right changed, where a model has learnt those too; a mirrored pose
                belongs to the bin and the take of its original.
        """
        recorded = takes(motion)
        rows = np.concatenate([_flat(take, skeleton) for take in (*recorded, *takes(mirrored))])
        centre = rows.mean(0)
        points = (rows - centre).astype(np.float32)
        keys = np.concatenate([points, -0.5 * np.square(points).sum(-1, keepdims=True)], -1)
        lengths = [len(take) for take in recorded]
        bins, labels = _bins(lengths), np.repeat(np.arange(len(recorded)), lengths)
        if mirrored:
            bins, labels = np.tile(bins, 2), np.tile(labels, 2)
        return cls(skeleton=skeleton, centre=centre, points=points, keys=keys, bins=bins, labels=labels)

    def nearest(self, take: Floats) -> Nearest:
        """The nearest recorded pose for every frame of one take (T, J, 3)."""
        rows = (_flat(np.asarray(take, np.float64), self.skeleton) - self.centre).astype(np.float32)
        asked = np.concatenate([rows, np.ones((len(rows), 1), np.float32)], -1)
        index = np.zeros(len(rows), np.int64)
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            index[part] = np.argmax(asked[part] @ self.keys.T, axis=-1)
        squares = np.square(rows - self.points[index]).sum(-1, dtype=np.float64)
        return Nearest(np.sqrt(squares / len(self.skeleton.names)), index)

    def coverage(self, found: Sequence[Nearest]) -> float:
        """Share of the recording's bins that hold the nearest pose of at least one frame."""
        if not found:
            return float("nan")
        visited = np.unique(self.bins[np.concatenate([near.frame for near in found])])
        return len(visited) / (int(self.bins.max()) + 1)


def drift(distance: Floats) -> float:
    """Mean distance (T,) in the last sixth of a run over that of the whole run; 1 is steady, 0 / 0 is steady too."""
    whole = float(distance.mean())
    return float(distance[-max(1, len(distance) // LATE) :].mean()) / whole if whole > 0 else 1.0


def genre_share(found: Nearest, genres: Sequence[str], poses: Poses, genre: str) -> float:
    """Share of the frames whose nearest pose is of a `genre`; `genres` names that of every take of `poses`."""
    belongs = np.array([name == genre for name in genres])
    return float(belongs[poses.labels[found.frame]].mean())


def _flat(take: Floats, skeleton: Skeleton) -> Floats:
    local, _ = canonical(take, skeleton)
    return np.asarray(local, np.float64).reshape(len(take), -1)


def _bins(lengths: Sequence[int]) -> Indices:
    """Numbers of the stretches; none reaches over the end of its take."""
    parts: list[Indices] = []
    first = 0
    for length in lengths:
        parts.append(first + np.arange(length, dtype=np.int64) // BIN)
        first = int(parts[-1][-1]) + 1 if length else first
    return np.concatenate(parts)
