"""A body goes where its standing feet let it: the root's step is corrected until they slip less.

What a model predicts for the root and for the legs has errors, and where they differ a foot slips. A foot that is low
and slow is taken at its word, so the root gives way. Inverse kinematics (`engine.motion.feet`) only has to hold what is
left: where two standing feet contradict each other.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton

LOW = 0.05
"""Metres above its standing height at which a toe or heel no longer carries the body."""

FAST = 1.6
"""Metres per second at which a low toe no longer stands; nineteen of twenty recorded low toes are slower."""


class Stance:
    """The contacts of a skeleton as kernels take them: `joints` (N,), `heights` (N,) metres when standing."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.joints: NDArray[np.int64] = np.array([contact.joint for contact in skeleton.contacts], np.int64)
        self.heights: F32 = np.array([contact.height for contact in skeleton.contacts], np.float32)


@kernel
def plant(
    before: F32, now: F32, way: F32, joints: NDArray[np.int64], heights: F32, limit: float, strength: float
) -> None:
    """Correct the root's step so that joints that stand on the floor stay where they are.

    Args:
        before: (J, 3) the body seen from where it stood, metres.
        now: (J, 3) the body seen from where it will stand.
        way: (3,) the root's step: x and z in metres from the earlier heading, and the turn; x and z change in place.
        joints: (N,) that may touch the floor.
        heights: (N,) their standing heights.
        limit: metres per frame at which a joint no longer counts as standing.
        strength: 0-1.
    """
    cos, sin = math.cos(way[2]), math.sin(way[2])
    total, slip_x, slip_z = 0.0, 0.0, 0.0
    for index in range(joints.shape[0]):
        joint = joints[index]
        away_x = now[joint, 0] * cos + now[joint, 2] * sin + way[0] - before[joint, 0]
        away_z = now[joint, 2] * cos - now[joint, 0] * sin + way[1] - before[joint, 2]
        height = max(before[joint, 1], now[joint, 1]) - heights[index]
        stands = min(max(1.0 - height / LOW, 0.0), 1.0)
        stands *= max(1.0 - (away_x * away_x + away_z * away_z) / (limit * limit), 0.0)
        total += stands
        slip_x += stands * away_x
        slip_z += stands * away_z
    share = strength / max(total, 1.0)
    way[0] -= share * slip_x
    way[1] -= share * slip_z
