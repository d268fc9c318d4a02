"""Bones that keep their length."""

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton

I64 = NDArray[np.int64]


class Bones:
    """A skeleton as kernels take it: `order` (J,) parents first, `parents` (J,), `lengths` (J,) metres."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.order: I64 = np.array(skeleton.order, np.int64)
        self.parents: I64 = np.array(skeleton.parents, np.int64)
        self.lengths: F32 = np.linalg.norm(np.array(skeleton.offsets, np.float64), axis=-1).astype(np.float32)

    def fit(self, points: F32) -> None:
        """Give every bone of bodies (..., J, 3) its rest length, in place; directions stay, the root stays."""
        if points.ndim > 3:
            for part in points:
                self.fit(part)
        else:
            bodies = points if points.ndim == 3 else points[None]
            keep_all(bodies, self.order, self.parents, self.lengths)


@kernel
def keep_all(bodies: F32, order: I64, parents: I64, lengths: F32) -> None:
    """`keep_lengths` for bodies (P, J, 3)."""
    for row in range(bodies.shape[0]):
        keep_lengths(bodies[row], order, parents, lengths)


@kernel
def keep_lengths(points: F32, order: I64, parents: I64, lengths: F32) -> None:
    """Give every bone of one body (J, 3) its rest length, in place, from the root outwards.

    Each direction is taken before its parent moves, from the ends inwards; a bone without a direction points up.
    """
    for place in range(order.shape[0] - 1, 0, -1):
        joint = order[place]
        for axis in range(3):
            points[joint, axis] -= points[parents[joint], axis]
    for place in range(1, order.shape[0]):
        joint = order[place]
        away, start = points[joint], points[parents[joint]]
        length = np.sqrt(away[0] ** 2 + away[1] ** 2 + away[2] ** 2)
        if length < 1e-6:
            away[0], away[1], away[2] = 0.0, 1.0, 0.0
            length = np.float32(1.0)
        scale = lengths[joint] / length
        for axis in range(3):
            away[axis] = start[axis] + away[axis] * scale
