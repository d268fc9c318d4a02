"""Bodies between two others, blended as each body sees itself, so that nobody melts or shrinks on the way.

The place is linear and the heading takes the shorter way round. Between them each bone goes along the arc from its one
direction to the other at an even pace (slerp; Shoemake: Animating Rotation with Quaternion Curves; SIGGRAPH 1985).
Linear points with their bones' lengths kept would take the same arcs, but an arm that is held up would whip down in the
middle of its way to one that hangs.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.motion.floor import lowest
from engine.schema.frame import F32, Pose
from engine.schema.skeleton import Skeleton

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Vector = tuple[float, float, float]

LEAST = 1e-6
"""Sine of the angle between two bones under which they span no plane; metres under which a bone has no direction."""


class Mix:
    """Blends two poses of the same bodies, for any number of performers.

    Args:
        skeleton: of the bodies; where it is not rigid, points are linear, as each body sees them.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        joints = len(skeleton.names)
        self._order: I64 = np.array(skeleton.order, np.int64)
        self._parents: I64 = np.array(skeleton.parents, np.int64)
        self._rigid = skeleton.rigid
        self._body: F64 = np.zeros((joints, 3))
        blank = Pose(np.zeros((1, joints, 3), np.float32), np.zeros((1, 7), np.float32))
        self.blend(blank, blank, np.full(1, 0.5, np.float32), blank)  # compiled now

    def blend(self, one: Pose, two: Pose, shares: F32, out: Pose) -> None:
        """Write what lies between two poses of P bodies into the positions and roots of `out`.

        Args:
            one: positions (P, J, 3) and roots (P, 7), C-contiguous.
            two: likewise.
            shares: (P,) of `two`, 0-1; at 0 comes `one` bit for bit, at 1 `two`.
            out: likewise; may be one of them.
        """
        blend_bodies(
            one.positions, one.root, two.positions, two.root, shares, out.positions, out.root,
            self._order, self._parents, self._rigid, self._body,
        )  # fmt: skip


@kernel
def blend_bodies(
    one: F32,
    one_root: F32,
    two: F32,
    two_root: F32,
    shares: F32,
    out: F32,
    out_root: F32,
    order: I64,
    parents: I64,
    rigid: bool,  # noqa: FBT001 (a kernel's arguments have no names)
    body: F64,
) -> None:
    """Blend bodies (P, J, 3) with roots (P, 7) by shares (P,); `body` (J, 3) is room to work in."""
    for row in range(shares.shape[0]):
        share = float(shares[row])
        if not share > 0.0:
            out[row], out_root[row] = one[row], one_root[row]
        elif share >= 1.0:
            out[row], out_root[row] = two[row], two_root[row]
        else:
            floor = (1.0 - share) * lowest(one[row]) + share * lowest(two[row])
            blend_body(one[row], one_root[row], two[row], two_root[row], share, order, parents, rigid, body)
            blend_root(one_root[row], two_root[row], share, out_root[row])
            lift = max(floor - lowest(body), 0.0)  # bent limbs that stretch would go through the floor
            for joint in range(body.shape[0]):
                out[row, joint, 0] = body[joint, 0]
                out[row, joint, 1] = body[joint, 1] + lift
                out[row, joint, 2] = body[joint, 2]


@kernel
def blend_body(
    one: F32,
    one_root: F32,
    two: F32,
    two_root: F32,
    share: float,
    order: I64,
    parents: I64,
    rigid: bool,  # noqa: FBT001
    body: F64,
) -> None:
    """Blend two bodies (J, 3) into `body`, world metres, both turned to the heading between theirs."""
    turn = shorter(one_root, two_root)
    ahead, back = share * turn, (share - 1.0) * turn
    for place in range(order.shape[0]):
        joint = order[place]
        if place == 0:
            first = turned(one[joint], one_root, ahead)
            second = turned(two[joint], two_root, back)
            x, y, z = linear(first, second, share)
            body[joint, 0] = x + (1.0 - share) * one_root[0] + share * two_root[0]
            body[joint, 1] = y + (1.0 - share) * one_root[1] + share * two_root[1]
            body[joint, 2] = z + (1.0 - share) * one_root[2] + share * two_root[2]
        else:
            parent = parents[joint]
            first = turned(one[joint], one[parent], ahead)
            second = turned(two[joint], two[parent], back)
            x, y, z = arc(first, second, share) if rigid else linear(first, second, share)
            body[joint, 0] = body[parent, 0] + x
            body[joint, 1] = body[parent, 1] + y
            body[joint, 2] = body[parent, 2] + z


@kernel
def blend_root(one: F32, two: F32, share: float, out: F32) -> None:
    """Blend two roots (7,) into `out`, which may be one of them."""
    half = math.atan2(one[4], one[6]) + share * shorter(one, two) / 2.0
    for axis in range(3):
        out[axis] = (1.0 - share) * one[axis] + share * two[axis]
    out[3], out[4], out[5], out[6] = 0.0, math.sin(half), 0.0, math.cos(half)


@kernel
def shorter(one: F32, two: F32) -> float:
    """Radians, -pi to pi, from the heading of one root (7,) to that of another."""
    away = 2.0 * (math.atan2(two[4], two[6]) - math.atan2(one[4], one[6]))
    return float((away + math.pi) % (2.0 * math.pi) - math.pi)


@kernel
def turned(point: F32, origin: F32, yaw: float) -> Vector:
    """The way from `origin` to `point`, turned about the vertical by radians."""
    x, y, z = float(point[0]) - origin[0], float(point[1]) - origin[1], float(point[2]) - origin[2]
    cos, sin = math.cos(yaw), math.sin(yaw)
    return x * cos + z * sin, y, z * cos - x * sin


@kernel
def linear(one: Vector, two: Vector, share: float) -> Vector:
    """The point between two others."""
    rest = 1.0 - share
    return rest * one[0] + share * two[0], rest * one[1] + share * two[1], rest * one[2] + share * two[2]


@kernel
def arc(one: Vector, two: Vector, share: float) -> Vector:
    """The bone between two others, on the arc from one direction to the other; its length is linear.

    Of two that are opposite, the one leaves along the axis that it is farthest from.
    """
    long_one, long_two = size(one), size(two)
    if long_one < LEAST or long_two < LEAST:
        return linear(one, two, share)
    length = (1.0 - share) * long_one + share * long_two
    one = one[0] / long_one, one[1] / long_one, one[2] / long_one
    two = two[0] / long_two, two[1] / long_two, two[2] / long_two
    cos = one[0] * two[0] + one[1] * two[1] + one[2] * two[2]
    aside = two[0] - cos * one[0], two[1] - cos * one[1], two[2] - cos * one[2]
    sin = size(aside)
    if sin < LEAST:
        aside = across(one)
        sin = size(aside)
        angle = 0.0 if cos > 0.0 else math.pi
    else:
        angle = math.atan2(sin, cos)
    along, out = length * math.cos(share * angle), length * math.sin(share * angle) / sin
    return along * one[0] + out * aside[0], along * one[1] + out * aside[1], along * one[2] + out * aside[2]


@kernel
def across(unit: Vector) -> Vector:
    """What lies across a unit vector in the axis that it is farthest from."""
    x, y, z = unit
    if abs(z) <= abs(x) and abs(z) <= abs(y):
        return -z * x, -z * y, 1.0 - z * z
    if abs(x) <= abs(y):
        return 1.0 - x * x, -x * y, -x * z
    return -y * x, 1.0 - y * y, -y * z


@kernel
def size(vector: Vector) -> float:
    """Length."""
    return float(math.sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]))
