"""How a body moves: bones, jerk, speed, standing still, sliding feet.

Pure functions over motion: positions (T, J, 3) in metres, Y up, or several such takes, which are never joined across
their borders. A take that is too short for a measure adds nothing to it; where nothing is left the answer is nan.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.schema.skeleton import Skeleton

Floats = NDArray[np.floating]
Motion = Floats | Sequence[Floats]
Edges = Sequence[tuple[int, int]]

WINDOW_S = 1.0
"""Seconds over which a body is asked whether it moves at all."""

FROZEN = 0.15
"""Share of the reference's median window speed under which a window counts as frozen."""

STIFF = 0.04
"""Mean relative error under which the distance of two skin markers counts as a bone; two thirds of the seed's do."""

CLEARANCE_M = 0.025
"""A joint touches the floor while it is lower than its standing height and this; a toe at 2.5 cm counts up to 5 cm."""


class Bones(NamedTuple):
    """Relative error of bone lengths, 0.01 = 1 %.

    Attributes:
        mean: over frames and bones.
        worst: of the bone whose mean over the frames is the largest.
        peak: of any bone in any frame.
    """

    mean: float
    worst: float
    peak: float


def takes(motion: Motion) -> list[Floats]:
    """The takes of a motion, float64; one array is one take."""
    several = [motion] if isinstance(motion, np.ndarray) else motion
    return [np.asarray(take, np.float64) for take in several]


def bones(motion: Motion, edges: Edges) -> Bones:
    """|length - median| / median of the bones `edges`, (parent, child), the median being that bone's over the take.

    A take is one body: lengths are never compared between takes, which may be of several people.
    """
    error = _bone_errors(motion, edges)
    if not error.size:
        return Bones(float("nan"), float("nan"), float("nan"))
    return Bones(float(error.mean()), float(error.mean(0).max()), float(error.max()))


def rigid_edges(skeleton: Skeleton, reference: Motion) -> Edges:
    """The bones that keep their length: all of a skeleton of joints, the stiff ones among skin markers."""
    if skeleton.rigid:
        return skeleton.edges
    error = _bone_errors(reference, skeleton.edges).mean(0)
    return tuple(edge for edge, bends in zip(skeleton.edges, error, strict=True) if bends < STIFF)


def jerk(motion: Motion, fps: float) -> float:
    """Third derivative, m/s3: the median over time of the mean over the joints."""
    return _median([_norms(take, 3).mean(-1) * fps**3 for take in takes(motion) if len(take) > 3])


def speed(motion: Motion, fps: float) -> float:
    """Mean speed of the joints, m/s, travel included."""
    return _mean([_norms(take, 1).mean(-1) * fps for take in takes(motion) if len(take) > 1])


def root_speed(motion: Motion, fps: float, skeleton: Skeleton) -> float:
    """Mean speed of the root over the floor, m/s."""
    return _mean([_norms(take[:, skeleton.root, [0, 2]], 1) * fps for take in takes(motion) if len(take) > 1])


def window_speeds(motion: Motion, fps: float) -> Floats:
    """Mean joint speed (N,), m/s, of every window of one second, one beginning at each frame."""
    width = max(1, round(WINDOW_S * fps))
    found = [np.zeros(0)]
    for take in takes(motion):
        speeds = _norms(take, 1).mean(-1) * fps
        if len(speeds) >= width:
            found.append(np.convolve(speeds, np.full(width, 1 / width), "valid"))
    return np.concatenate(found)


def frozen_below(reference: Motion, fps: float) -> float:
    """Window speed in m/s under which a body stands still, judged by the median of a `reference`."""
    return FROZEN * _median([window_speeds(reference, fps)])


def freeze(motion: Motion, fps: float, below: float) -> float:
    """Share of the one-second windows that are slower than `below` m/s, of `frozen_below`; 1 is a statue."""
    return _mean([window_speeds(motion, fps) < below])


def skate(motion: Motion, fps: float, skeleton: Skeleton, clearance: float = CLEARANCE_M) -> float:
    """Mean speed over the floor, m/s, of the skeleton's contact joints while they touch it.

    A joint touches in the step between two frames in both of which it is lower than its standing height + `clearance`.
    """
    joints = [contact.joint for contact in skeleton.contacts]
    limits = np.array([contact.height for contact in skeleton.contacts]) + clearance
    found: list[Floats] = []
    for take in takes(motion):
        feet = take[:, joints]
        low = feet[..., 1] < limits
        found.append((_norms(feet[..., [0, 2]], 1) * fps)[low[1:] & low[:-1]])
    return _mean(found)


def _bone_errors(motion: Motion, edges: Edges) -> Floats:
    """(T, E) over all takes."""
    parents, children = ([edge[side] for edge in edges] for side in (0, 1))
    errors = [np.zeros((0, len(edges)))]
    for take in takes(motion):
        lengths = np.linalg.norm(take[:, children] - take[:, parents], axis=-1)
        median = np.median(lengths, axis=0)
        errors.append(np.abs(lengths - median) / median)
    return np.concatenate(errors)


def _norms(points: Floats, order: int) -> Floats:
    """Length of the `order`-th difference over time."""
    lengths: Floats = np.linalg.norm(np.diff(points, order, axis=0), axis=-1)
    return lengths


def _mean(parts: Sequence[NDArray[np.generic]]) -> float:
    joined = np.concatenate(parts) if parts else np.zeros(0)
    return float(joined.mean(dtype=np.float64)) if joined.size else float("nan")


def _median(parts: Sequence[Floats]) -> float:
    joined = np.concatenate(parts) if parts else np.zeros(0)
    return float(np.median(joined)) if joined.size else float("nan")
