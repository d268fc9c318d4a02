"""A body that stands calmly: what is shown where nobody dances."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.kept import Kept
from engine.kernel import kernel
from engine.motion.core20 import CORE20
from engine.schema.frame import F32, Pose
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton, Vector

F64 = NDArray[np.float64]

ABDUCTION = math.radians(10)
"""How far a hanging arm stands off: hands then clear the thighs of a person with flesh, which joints have not."""

FLEXION = math.radians(15)
"""How far a relaxed elbow bends; a straight arm would leave the upper arm's twist open."""


def neutral(skeleton: Skeleton) -> F32:
    """A calm body (J, 3) on the floor, metres, root above the origin, facing +Z.

    The rest pose, with its arms lowered in the body of 20 joints; of no other one is it known which joints are arms.
    """
    away = np.array(skeleton.offsets, np.float64)
    if (skeleton.names, skeleton.parents) == (CORE20.names, CORE20.parents):
        for name, direction in _hanging().items():
            bone = away[skeleton.names.index(name)]
            bone[:] = np.linalg.norm(bone) * np.array(direction)
    body = np.zeros_like(away)
    for joint in skeleton.order[1:]:
        body[joint] = body[skeleton.parents[joint]] + away[joint]
    lowest = int(body[:, 1].argmin())
    heights = {contact.joint: contact.height for contact in skeleton.contacts}
    body[:, 1] += heights.get(lowest, 0.0) - body[lowest, 1]
    return body.astype(np.float32)


def _hanging() -> dict[str, Vector]:
    """Directions of the bones to these joints, in an arm that hangs."""
    found: dict[str, Vector] = {}
    for side, sign in (("l", 1.0), ("r", -1.0)):
        out, down = sign * math.sin(ABDUCTION), -math.cos(ABDUCTION)
        found[f"{side}_elbow"] = out, down, 0.0
        fore = out * math.cos(FLEXION), down * math.cos(FLEXION), math.sin(FLEXION)
        found[f"{side}_wrist"] = found[f"{side}_hand"] = fore
    return found


class Stand:
    """Bodies of one skeleton that stand calmly wherever they are to stand."""

    def __init__(self, skeleton: Skeleton) -> None:
        self._body = neutral(skeleton)
        places = np.zeros((MAX_PERFORMERS, *self._body.shape), np.float32)
        roots = np.zeros((MAX_PERFORMERS, 7), np.float32)
        self._rooms = Kept(lambda count: Pose(places[:count], roots[:count]))
        self.pose(np.zeros((1, 7), np.float32))  # compiled now

    def pose(self, roots: F32) -> Pose:
        """P bodies at their roots (P, 7), in arrays that the next call overwrites."""
        pose = self._rooms[len(roots)]
        put_at(self._body, roots, pose.positions)
        np.copyto(pose.root, roots)
        return pose


@kernel
def put_at(body: F32, roots: F32, positions: F32) -> None:
    """Put a body (J, 3) that faces +Z at floor positions and headings (P, 7), into `positions` (P, J, 3)."""
    for row in range(roots.shape[0]):
        x, y, z = roots[row, 0], roots[row, 1], roots[row, 2]
        yaw = 2.0 * math.atan2(roots[row, 4], roots[row, 6])
        cos, sin = math.cos(yaw), math.sin(yaw)
        for joint in range(body.shape[0]):
            positions[row, joint, 0] = x + body[joint, 0] * cos + body[joint, 2] * sin
            positions[row, joint, 1] = y + body[joint, 1]
            positions[row, joint, 2] = z + body[joint, 2] * cos - body[joint, 0] * sin
