"""Bodies between two frames of a model: cubic, with bones and standing feet kept.

The curve is the cubic spline (least integral of the squared acceleration, de Boor 1978) as far as it can be known two
frames ahead: the velocity at a frame is that of the natural spline which goes on from the velocity before it through
this frame and the next one. What a frame says fades with -2/7 per frame, so nothing rings and nothing drifts.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.motion.feet import move_foot
from engine.schema.frame import F32

I64 = NDArray[np.int64]

STILL = 0.002
"""Metres over the floor from one frame to the next within which a toe stands; a held foot moves less than one."""

MOVING = 0.01
"""Metres from which on a toe is on its way; between `STILL` and this it is held by degrees."""

ALIKE = 0.9995
"""Cosine of half an angle from which on two rotations are mixed straight; the sine would be too small to divide by."""


@kernel
def velocity(before: F32, here: F32, after: F32, earlier: F32, out: F32) -> None:
    """Velocity (N, 3) at a frame, per frame, from its two neighbours and the velocity at the one before.

    It solves `v0 + 4 v1 + v2 = 3 (p2 - p0)` with the natural end `v1 + 2 v2 = 3 (p2 - p1)` for v1.
    """
    for point in range(here.shape[0]):
        for axis in range(3):
            gone, come = here[point, axis] - before[point, axis], after[point, axis] - here[point, axis]
            out[point, axis] = (6.0 * gone + 3.0 * come - 2.0 * earlier[point, axis]) / 7.0


@kernel
def last_velocity(before: F32, here: F32, earlier: F32, out: F32) -> None:
    """Velocity (N, 3) at a frame that nothing comes after: the natural end of the spline."""
    for point in range(here.shape[0]):
        for axis in range(3):
            out[point, axis] = 1.5 * (here[point, axis] - before[point, axis]) - 0.5 * earlier[point, axis]


@kernel
def cubic(here: F32, there: F32, leaving: F32, arriving: F32, share: float, out: F32) -> None:
    """Points (N, 3) at `share` of the way between two frames, and the velocities per frame that the curve has there."""
    for point in range(here.shape[0]):
        for axis in range(3):
            step = float(there[point, axis]) - float(here[point, axis])
            bend = 3.0 * step - 2.0 * leaving[point, axis] - arriving[point, axis]
            twist = leaving[point, axis] + arriving[point, axis] - 2.0 * step
            away = share * (leaving[point, axis] + share * (bend + share * twist))
            out[point, axis] = here[point, axis] + away


@kernel
def hold_feet(here: F32, there: F32, legs: I64, share: float, body: F32) -> None:
    """Keep each toe that stands in both frames on the straight way between them, the leg following; (J, 3) in place."""
    for leg in range(legs.shape[0]):
        toe = legs[leg, 3]
        step_x, step_z = float(there[toe, 0]) - here[toe, 0], float(there[toe, 2]) - here[toe, 2]
        free = (math.sqrt(step_x * step_x + step_z * step_z) - STILL) / (MOVING - STILL)
        free = min(max(free, 0.0), 1.0)
        hold = 1.0 - free * free * (3.0 - 2.0 * free)
        if hold > 0.0:
            shift_x = here[toe, 0] + share * step_x - body[toe, 0]
            shift_z = here[toe, 2] + share * step_z - body[toe, 2]
            move_foot(body, legs[leg], hold * shift_x, hold * shift_z)


@kernel
def slerp(here: F32, there: F32, share: float, out: F32) -> None:
    """Rotation (4,) at `share` of the shorter way from one to another; `out` may be one of the two."""
    cosine = 0.0
    for axis in range(4):
        cosine += float(here[axis]) * there[axis]
    sign = -1.0 if cosine < 0.0 else 1.0
    cosine *= sign
    mine, other = 1.0 - share, share
    if cosine < ALIKE:
        angle = math.acos(cosine)
        mine, other = math.sin(mine * angle) / math.sin(angle), math.sin(share * angle) / math.sin(angle)
    x, y = mine * here[0] + sign * other * there[0], mine * here[1] + sign * other * there[1]
    z, w = mine * here[2] + sign * other * there[2], mine * here[3] + sign * other * there[3]
    length = math.sqrt(x * x + y * y + z * z + w * w)
    out[0], out[1], out[2], out[3] = x / length, y / length, z / length, w / length
