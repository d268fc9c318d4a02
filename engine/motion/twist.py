"""How one bone turns: its direction is hit exactly, and the twist about it is carried along and corrected.

The time `dt` since the last frame is in seconds, infinite for a body that is new: nothing is then slow or limited.
Vectors are in the frame of the parent bone, `back` is the rotation from the world into it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.motion.quaternion import Quaternion, about, aside, between, cross, dot, product, rotate, unit
from engine.schema.frame import F32
from engine.schema.skeleton import Vector

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

BENT = (math.radians(5.0), math.radians(20.0))
"""Between these angles at a hinge its plane begins to count, and counts alone: nearer to straight it is noise."""

BACKWARD = (math.radians(20.0), math.radians(40.0))
"""The same where a hinge seems to bend the wrong way: elbows do so by 10 degrees, and markers add some."""

ASKEW = (0.1, 0.3)
"""Sines between which a side direction begins to tell a twist, and tells it fully."""

OPPOSITE = (math.cos(math.radians(160.0)), math.cos(math.radians(140.0)))
"""Cosines of the swing from the T-pose between which the shortest way there loses its say: at 180 it is any way."""

AT_ONCE, FOLLOW, RETURN = 1.0 / 30.0, 0.15, 10.0
"""Seconds in which a limb turns as the plane of its hinge asks, a straight leg as its foot does, and a straight limb
the shortest way from the T-pose: that one only keeps an arm that is straight for long from drifting."""

STEP = math.radians(25.0) * 30.0
"""Radians per second that a bone may turn in all when its twist is corrected: 25 degrees in a frame at 30 fps."""

TWIST = math.radians(12.0) * 30.0
"""Radians per second that a correction turns a limb at most: the joints after it have to make up for it."""

LEAST, MOST = 1e-9, 1e9
"""Metres between which a distance has a direction."""


@kernel
def turned(
    points: F32, links: I64, rests: F64, old: Quaternion, away: Vector, back: Quaternion, dt: float
) -> Quaternion:
    """A bone's rotation against its parent: swung from where it was to `away`, then twisted.

    `links` (3, 2) and `rests` (3, 3) are the bone's rows of a `Plan`, `points` (B, 3) the body.
    """
    before = rotate(old, vector(rests, 0))
    q = product(between(before, away), old)
    angle, limited = _twist(points, links, rests, q, away, back, dt)
    if limited and dt < math.inf:
        most = min(_left(dot(before, away), STEP * dt), TWIST * dt)
        angle = min(max(angle, -most), most)
    return unit(product(about(away, angle), q))


@kernel
def _twist(
    points: F32, links: I64, rests: F64, q: Quaternion, away: Vector, back: Quaternion, dt: float
) -> tuple[float, bool]:
    """Angle in radians to turn about `away`, and whether its speed is limited."""
    side, length = direction(points, links[1], back)
    askew, turn = 0.0, 0.0
    if length > 0.0:
        across = cross(away, side)
        askew = _smooth(math.sqrt(dot(across, across)), ASKEW[0], ASKEW[1])
        turn = _angle(rotate(q, vector(rests, 1)), side, away)
    if links[1, 0] >= 0 and links[2, 0] < 0:
        return turn * askew, False
    rest = vector(rests, 0)
    habit = _smooth(dot(rest, away), OPPOSITE[0], OPPOSITE[1])
    mark = aside(rest)
    home = _angle(rotate(q, mark), rotate(between(rest, away), mark), away)
    if links[2, 0] < 0:
        return home * habit, True
    weight, bend = _hinge(points, links[2], vector(rests, 2), q, away, back, dt)
    plane = weight / AT_ONCE
    foot = (1.0 - weight) * askew / FOLLOW
    start = (1.0 - weight) * (1.0 - askew) * habit / RETURN
    x = plane * math.cos(bend) + foot * math.cos(turn) + start * math.cos(home)
    y = plane * math.sin(bend) + foot * math.sin(turn) + start * math.sin(home)
    slow = math.exp(-dt * (foot + start)) if foot + start > 0.0 else 1.0
    return math.atan2(y, x) * (1.0 - (1.0 - weight) ** (dt / AT_ONCE) * slow), True


@kernel
def _hinge(
    points: F32, link: I64, rest: Vector, q: Quaternion, away: Vector, back: Quaternion, dt: float
) -> tuple[float, float]:
    """How much the plane of the hinge at a bone's end counts, 0-1, and the twist in radians that it asks for."""
    after, length = direction(points, link, back)
    if length == 0.0:
        return 0.0, 0.0
    normal = cross(away, after)
    bent = math.atan2(math.sqrt(dot(normal, normal)), dot(away, after))
    axis = rotate(q, rest)
    low, high = BACKWARD if dt < math.inf and dot(normal, axis) < 0.0 else BENT
    return _smooth(bent, low, high), _angle(axis, normal, away)


@kernel
def _left(cosine: float, most: float) -> float:
    """Angle that a twist may take, radians, after a swing of this cosine, so that both together stay under `most`."""
    half = math.sqrt(max(0.0, (1.0 + cosine) / 2))  # cosine of half the swing; a twist is across it
    if half <= math.cos(most / 2):
        return 0.0
    return 2.0 * math.acos(min(1.0, math.cos(most / 2) / half))


@kernel
def _angle(start: Vector, end: Vector, axis: Vector) -> float:
    """Angle from one vector to another as seen along a unit axis; the first lies across it."""
    return math.atan2(dot(axis, cross(start, end)), dot(start, end))


@kernel
def _smooth(value: float, low: float, high: float) -> float:
    """0 below `low`, 1 above `high`, and smooth between."""
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


@kernel
def direction(points: F32, link: I64, back: Quaternion) -> tuple[Vector, float]:
    """Unit vector of a link in the parent's frame and its length; 0 where it has no direction."""
    if link[0] < 0:
        return (0.0, 0.0, 0.0), 0.0
    x = float(points[link[1], 0]) - float(points[link[0], 0])
    y = float(points[link[1], 1]) - float(points[link[0], 1])
    z = float(points[link[1], 2]) - float(points[link[0], 2])
    length = math.sqrt(x * x + y * y + z * z)
    if not LEAST < length < MOST:  # a NaN is not either
        return (0.0, 0.0, 0.0), 0.0
    return rotate(back, (x / length, y / length, z / length)), length


@kernel
def quaternion(rows: F64, row: int) -> Quaternion:
    """A row of (N, 4)."""
    return (rows[row, 0], rows[row, 1], rows[row, 2], rows[row, 3])


@kernel
def vector(rows: F64, row: int) -> Vector:
    """A row of (N, 3)."""
    return (rows[row, 0], rows[row, 1], rows[row, 2])
