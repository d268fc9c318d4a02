"""Joint centres of the body of 20 joints, from 55 optical markers on the skin.

Knees, elbows, wrists, hands: the middle of the inner and the outer marker. Hips: the regression of Harrington et al.,
"Prediction of the hip joint centre in adults, children, and patients with cerebral palsy", J Biomech 40 (2007). The
pelvis lies between them, as in `CORE20`. Shoulders: from the marked ones by shares of their distance, as Rab et al., "A
method for determination of upper extremity kinematics", Gait Posture 15 (2002). Ankles have an outer marker only: half
their breadth inwards, along the foot's. Chest and neck: between front and back of the thorax at both ends.
"""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.motion.core20 import CORE20, NAMES
from engine.motion.quaternion import cross, dot
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton, Vector


class Centres(Protocol):
    """Finds the joints of bodies."""

    def __call__(self, markers: F32, out: F32 | None = None) -> F32:
        """Joints (..., 20, 3) for markers (..., J, 3), float32, in `out` or in an array of their own."""
        ...


I64 = NDArray[np.int64]

WAIST = ("lfwt", "rfwt", "lbwt", "rbwt")
"""Front and back of the waist: over the anterior and posterior superior iliac spines."""

DEPTH, HEIGHT, BREADTH = (-0.24, -0.0099), (-0.30, -0.0109), (0.33, 0.0073)
"""Harrington et al.: how far a hip lies forward, up and outwards of the middle of the front markers, metres: a share of
the pelvis' depth (forward) or breadth (up, outwards), and a constant."""

ANKLE = 0.42
"""Half the ankle's breadth as a share of the distance between the outer markers at the ball of the foot."""

HEEL = 0.3
"""Weight of the heel in the ankle: the one marker at the ankle wanders by 2 cm, and the heel steadies it."""

DROP, OUT = 0.075, 0.1
"""How far the shoulder's centre lies below and outside the middle of its front and back marker, as shares of the
distance between both shoulders. Rab's 0.17 below is from one marker on top; the middle of two lies deeper already. Here
the upper arm's length varies least in the dance that is known with these markers."""

RISE = CORE20.offsets[NAMES.index("l_hip")][1] / CORE20.offsets[NAMES.index("l_hip")][0]
"""Height of the hips over the pelvis as a share of half their distance."""

_ONE = {
    "chest": ("strn", "t10"),
    "neck": ("c7", "clav"),
    "head": ("ariel", "lfhd", "rfhd", "lbhd", "rbhd"),
}
_EACH = {
    "shoulder": ("fsh", "bsh"),
    "elbow": ("elb", "iel"),
    "wrist": ("iwr", "owr"),
    "hand": ("ihand", "ohand"),
    "knee": ("kne", "kni"),
    "toe": ("mt1", "mt5", "toe"),
}
MIDDLES: dict[str, tuple[str, ...]] = _ONE | {
    f"{side}_{joint}": tuple(side + marker for marker in group) for side in "lr" for joint, group in _EACH.items()
}
"""Joints that lie in the middle of markers, the shoulders before they are moved."""

MARKERS: frozenset[str] = frozenset(
    {marker for group in MIDDLES.values() for marker in group}
    | {side + marker for side in "lr" for marker in ("ank", "hel", "mt1", "mt5")}
    | set(WAIST)
)
"""All that are needed, in small letters."""


def centres(skeleton: Skeleton) -> Centres | None:
    """What finds joints from these markers; None where some are not there."""
    names = [name.lower() for name in skeleton.names]
    if not set(names) >= MARKERS:
        return None
    weights = _weights(names)
    waist = np.array([names.index(marker) for marker in WAIST], np.int64)

    def joints(markers: F32, out: F32 | None = None) -> F32:
        own = np.ascontiguousarray(markers, np.float32)  # one layout, so that nothing is compiled in a show
        found: F32 = np.matmul(weights, own, out=out)
        _complete(own.reshape(-1, *own.shape[-2:]), waist, found.reshape(-1, *found.shape[-2:]), _PLACES)
        return found

    joints(np.zeros((1, len(names), 3), np.float32))  # compiles
    return joints


def _weights(names: list[str]) -> F32:
    """(20, J) what each marker counts for a joint that is a weighted sum of markers."""
    weights = np.zeros((len(NAMES), len(names)), np.float32)
    for joint, group in MIDDLES.items():
        for marker in group:
            weights[NAMES.index(joint), names.index(marker)] += 1 / len(group)
    for side in "lr":
        for marker, share in (("ank", 1 - HEEL), ("hel", HEEL), ("mt1", ANKLE), ("mt5", -ANKLE)):
            weights[NAMES.index(f"{side}_ankle"), names.index(side + marker)] += share
    return weights


_PLACES: I64 = np.array(
    [NAMES.index(name) for name in ("pelvis", "l_hip", "r_hip", "chest", "neck", "l_shoulder", "r_shoulder")]
)


@kernel
def _complete(markers: F32, waist: I64, joints: F32, places: I64) -> None:
    """Put pelvis and hips into joints (N, 20, 3) and move the shoulders down and out."""
    for body in range(markers.shape[0]):
        _hips(markers[body], waist, joints[body], places)
        left, right = places[5], places[6]
        down = _unit(_away(_point(joints[body], places[4]), _point(joints[body], places[3])))
        width = _away(_point(joints[body], right), _point(joints[body], left))
        drop = DROP * math.sqrt(dot(width, width))
        for axis in range(3):
            joints[body, left, axis] += drop * down[axis] + OUT * width[axis]
            joints[body, right, axis] += drop * down[axis] - OUT * width[axis]


@kernel
def _hips(markers: F32, waist: I64, joints: F32, places: I64) -> None:
    """The hips in the frame of the pelvis, and the pelvis between them."""
    left, right = _point(markers, waist[0]), _point(markers, waist[1])
    front = _middle(left, right)
    across = _away(right, left)
    forward = _away(_middle(_point(markers, waist[2]), _point(markers, waist[3])), front)
    breadth, depth = math.sqrt(dot(across, across)), math.sqrt(dot(forward, forward))
    x = _unit(across)
    y = _unit(cross(forward, across))
    z = cross(x, y)
    out = BREADTH[0] * breadth + BREADTH[1]
    up = HEIGHT[0] * breadth + HEIGHT[1]
    ahead = DEPTH[0] * depth + DEPTH[1]
    for axis in range(3):
        middle = front[axis] + up * y[axis] + ahead * z[axis]
        joints[places[0], axis] = middle - RISE * out * y[axis]
        joints[places[1], axis] = middle + out * x[axis]
        joints[places[2], axis] = middle - out * x[axis]


@kernel
def _point(points: F32, row: int) -> Vector:
    return (float(points[row, 0]), float(points[row, 1]), float(points[row, 2]))


@kernel
def _away(start: Vector, end: Vector) -> Vector:
    return (end[0] - start[0], end[1] - start[1], end[2] - start[2])


@kernel
def _middle(a: Vector, b: Vector) -> Vector:
    return ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2)


@kernel
def _unit(a: Vector) -> Vector:
    length = max(math.sqrt(dot(a, a)), 1e-9)  # a pelvis without breadth has no axes; zeros keep its hips in its middle
    return (a[0] / length, a[1] / length, a[2] / length)
