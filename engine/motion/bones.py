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
        for body in np.ndindex(points.shape[:-2]):
            keep_lengths(points[body], self.order, self.parents, self.lengths)


@kernel
def keep_lengths(points: F32, order: I64, parents: I64, lengths: F32) -> None:
    """Give every bone of one body (J, 3) its rest length, in place, from the root outwards.

    Each direction is taken before its parent moves; a bone without a direction points up.
    """
    joints = points.shape[0]
    away = np.empty((joints, 3), np.float32)
    for joint in range(joints):
        for axis in range(3):
            away[joint, axis] = points[joint, axis] - points[max(parents[joint], 0), axis]
    for place in range(1, joints):
        joint = order[place]
        parent = parents[joint]
        length = np.sqrt(away[joint, 0] ** 2 + away[joint, 1] ** 2 + away[joint, 2] ** 2)
        if length < 1e-6:
            away[joint, 0], away[joint, 1], away[joint, 2] = 0.0, 1.0, 0.0
            length = np.float32(1.0)
        for axis in range(3):
            points[joint, axis] = points[parent, axis] + away[joint, axis] * (lengths[joint] / length)
