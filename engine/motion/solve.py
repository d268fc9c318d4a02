"""Rotations of a rig's bones from the positions of its joints, frame by frame.

Each bone's direction is hit exactly, so that forward kinematics gives the positions back. What is left is the twist
about that direction: it is first carried along (parallel transport, which knows no antipode), then pulled to what tells
it: the shoulder line, the plane of a bent elbow or knee, the foot of a straight leg, or the shortest way from the
T-pose. Pulls grow smoothly with their evidence and are limited in speed, so nothing flips.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.motion import markers
from engine.motion.aims import Aim, aims
from engine.motion.aims import Body as Rest
from engine.motion.quaternion import Quaternion, about, aside, between, cross, dot, inverse, product, rotate, unit
from engine.motion.rig import Rig, body, make_rig
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Body
from engine.schema.show import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton, Vector

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

HABIT = 0.05
"""Weight of the shortest way from the T-pose where hinge and foot are silent, so that a straight arm does not drift."""

PATIENCE = 0.15
"""Seconds in which foot and habit turn a straight limb."""

STEP = math.radians(25.0) * 30.0
"""Radians per second that a bone may turn in all when its twist is corrected: 25 degrees in a frame at 30 fps."""

TWIST = math.radians(12.0) * 30.0
"""Radians per second that a correction turns a limb at most: the joints after it have to make up for it."""

LEAST, MOST = 1e-9, 1e9
"""Metres between which a distance has a direction."""


class Plan(NamedTuple):
    """The aims of K bones as the kernel takes them; joints are -1 where a bone has no such thing.

    Attributes:
        parents: (K,) bones.
        exact: (K, 2) joints from, to; with `rest` (K, 3), that direction at rest.
        side: (K, 2) likewise; with `aside` (K, 3), that direction at rest, across `rest`.
        hinge: (K, 2) likewise; with `axis` (K, 3) at rest, across `rest`.
        soft: (K,) whether the side is a hint.
        own: (B,) the joints' own bones; `above` (B,) those of their parents, -1 for the root.
    """

    parents: I64
    exact: I64
    rest: F64
    side: I64
    aside: F64
    hinge: I64
    axis: F64
    soft: NDArray[np.bool_]
    own: I64
    above: I64


class Memory(NamedTuple):
    """What is kept of every performer: rotations against the parent bone, and what was given out last."""

    local: F64
    bones: F32
    rotations: F32


class Solver:
    """Solves bodies of one skeleton, each performer with a memory of its own.

    Args:
        skeleton: of joints, or of markers that are known.
        fps: frames per second at which bodies will come.

    Raises:
        ModelError: the skeleton's rotations cannot be solved; `make_rig` gives None for it.
    """

    def __init__(self, skeleton: Skeleton, fps: float) -> None:
        rig, joints = make_rig(skeleton), body(skeleton)
        if rig is None or joints is None:
            raise ModelError("skeleton", "points that are neither joints nor known markers", "a rigid skeleton")
        self.rig: Rig = rig
        self._centres = markers.centres(skeleton)
        self._plan = plan(joints, rig)
        bones, count = len(rig.names), len(rig.joints)
        self._memory = Memory(
            np.zeros((MAX_PERFORMERS, bones, 4)),
            np.zeros((MAX_PERFORMERS, bones, 4), np.float32),
            np.zeros((MAX_PERFORMERS, count, 4), np.float32),
        )
        self._here = np.zeros(MAX_PERFORMERS, np.bool_)
        self._dt = 1.0 / fps
        self.solve(np.zeros((1, len(skeleton.names), 3), np.float32), (1,))  # compiles
        self._here[:] = False

    def solve(self, positions: F32, performers: Sequence[int]) -> tuple[F32 | None, Body]:
        """Rotations of bodies (P, J, 3), metres, of the performers with these numbers; who was not here starts anew.

        Returns:
            (P, J, 4) rotations among the skeleton's joints, None for markers, and the solved bodies; fresh arrays.
        """
        joints = positions.copy() if self._centres is None else self._centres(positions)
        bones = np.empty((len(joints), len(self.rig.names), 4), np.float32)
        rotations = np.empty((len(joints), len(self.rig.joints), 4), np.float32)
        rows = np.array(performers, np.int64) - 1
        _solve(joints, rows, self._here, self._memory, self._plan, self._dt, bones, rotations)
        return (rotations if self._centres is None else None), Body(joints, bones)


def plan(skeleton: Skeleton, rig: Rig) -> Plan:
    """The aims of a rig's bones as arrays."""
    rest = Rest(skeleton)
    own = aims(skeleton)
    found = [
        own[joint] if child < 0 else Aim(exact=(joint, child))
        for joint, child in zip(rig.joint.tolist(), rig.helper.tolist(), strict=True)
    ]
    exact = np.array([rest.away(aim.exact) if aim.exact else np.zeros(3) for aim in found])
    side = np.array([rest.away(aim.side) if aim.side else np.zeros(3) for aim in found])
    bones = rig.bones
    parents = np.array(skeleton.parents)
    return Plan(
        rig.parents,
        np.array([aim.exact or (-1, -1) for aim in found], np.int64),
        exact,
        np.array([aim.side or (-1, -1) for aim in found], np.int64),
        _across(side, exact),
        np.array([aim.hinge or (-1, -1) for aim in found], np.int64),
        _across(np.array([aim.axis for aim in found]), exact),
        np.array([aim.soft for aim in found]),
        bones,
        np.where(parents >= 0, bones[parents], -1),
    )


def _across(vectors: F64, units: F64) -> F64:
    """The parts of vectors (K, 3) across units (K, 3), of length 1; zeros stay."""
    flat = vectors - (vectors * units).sum(-1, keepdims=True) * units
    lengths = np.linalg.norm(flat, axis=-1, keepdims=True)
    return np.asarray(flat / np.where(lengths > 0, lengths, 1))


@kernel
def _solve(
    bodies: F32, rows: I64, here: NDArray[np.bool_], memory: Memory, plan: Plan, dt: float, bones: F32, rotations: F32
) -> None:
    """Solve bodies (P, B, 3) of performers `rows` (P,) into `bones` (P, K, 4) and `rotations` (P, B, 4)."""
    was = here.copy()
    here[:] = False
    world = np.empty((plan.parents.shape[0], 4))
    for place in range(bodies.shape[0]):
        row = rows[place]
        here[row] = True
        _body(bodies[place], memory.local[row], was[row], plan, dt, world)
        for bone in range(world.shape[0]):
            _give(_quaternion(world, bone), bones[place, bone], memory.bones[row, bone], was[row])
        for joint in range(plan.own.shape[0]):
            q = _quaternion(world, plan.own[joint])
            if plan.above[joint] >= 0:
                q = product(inverse(_quaternion(world, plan.above[joint])), q)
            _give(q, rotations[place, joint], memory.rotations[row, joint], was[row])


@kernel
def _body(points: F32, local: F64, known: bool, plan: Plan, dt: float, world: F64) -> None:
    """World rotations (K, 4) of one body (B, 3); `local` (K, 4) is the memory."""
    for bone in range(world.shape[0]):
        parent = plan.parents[bone]
        above = _quaternion(world, parent) if parent >= 0 else (0.0, 0.0, 0.0, 1.0)
        back = inverse(above)
        old = _quaternion(local, bone) if known else (0.0, 0.0, 0.0, 1.0)
        away, length = _direction(points, plan.exact[bone], back)
        q = _turned(points, bone, old, away, back, known, plan, dt) if length > 0.0 else old
        full = unit(product(above, q))
        for axis in range(4):
            local[bone, axis] = q[axis]
            world[bone, axis] = full[axis]


@kernel
def _turned(
    points: F32,
    bone: int,
    old: Quaternion,
    away: Vector,
    back: Quaternion,
    known: bool,
    plan: Plan,
    dt: float,
) -> Quaternion:
    """A bone's rotation against its parent: swung from where it was to `away`, then twisted."""
    rest = _vector(plan.rest, bone)
    before = rotate(old, rest)
    q = product(between(before, away), old)
    angle, gain, limited = _twist(points, bone, q, away, back, known, plan, dt)
    if known:
        angle *= gain
        if limited:
            most = min(_left(dot(before, away), STEP * dt), TWIST * dt)
            angle = min(max(angle, -most), most)
    return unit(product(about(away, angle), q))


@kernel
def _twist(
    points: F32,
    bone: int,
    q: Quaternion,
    away: Vector,
    back: Quaternion,
    known: bool,
    plan: Plan,
    dt: float,
) -> tuple[float, float, bool]:
    """Angle in radians that is missing about `away`, which share of it to turn, and whether its speed is limited."""
    rest = _vector(plan.rest, bone)
    side, length = _direction(points, plan.side[bone], back)
    askew, turn = 0.0, 0.0
    if length > 0.0:
        across = cross(away, side)
        askew = _smooth(math.sqrt(dot(across, across)), ASKEW[0], ASKEW[1])
        turn = _angle(rotate(q, _vector(plan.aside, bone)), side, away)
        if not plan.soft[bone]:
            return turn, askew, False
    habit = _smooth(dot(rest, away), OPPOSITE[0], OPPOSITE[1])
    start = aside(rest)
    home = _angle(rotate(q, start), rotate(between(rest, away), start), away)
    if plan.hinge[bone, 0] < 0:
        return home, habit, True
    weight, bend = _hinge(points, bone, q, away, back, known, plan)
    hint, habit = (1.0 - weight) * askew, (1.0 - weight) * habit * HABIT
    x = weight * math.cos(bend) + hint * math.cos(turn) + habit * math.cos(home)
    y = weight * math.sin(bend) + hint * math.sin(turn) + habit * math.sin(home)
    slow = 1.0 - math.exp(-dt / PATIENCE)
    return math.atan2(y, x), 1.0 - ((1.0 - weight) ** (30.0 * dt)) * (1.0 - slow), True


@kernel
def _hinge(
    points: F32,
    bone: int,
    q: Quaternion,
    away: Vector,
    back: Quaternion,
    known: bool,
    plan: Plan,
) -> tuple[float, float]:
    """How much the plane of the hinge at a bone's end counts, 0-1, and the twist in radians that it asks for."""
    after, length = _direction(points, plan.hinge[bone], back)
    if length == 0.0:
        return 0.0, 0.0
    normal = cross(away, after)
    bent = math.atan2(math.sqrt(dot(normal, normal)), dot(away, after))
    axis = rotate(q, _vector(plan.axis, bone))
    low, high = BACKWARD if known and dot(normal, axis) < 0.0 else BENT
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
def _direction(points: F32, link: I64, back: Quaternion) -> tuple[Vector, float]:
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
def _give(q: Quaternion, out: F32, last: F32, known: bool) -> None:
    """Write a rotation with the sign that is nearer to the last one, and remember it."""
    near = q[0] * last[0] + q[1] * last[1] + q[2] * last[2] + q[3] * last[3] if known else q[3]
    sign = -1.0 if near < 0.0 else 1.0
    for axis in range(4):
        out[axis] = last[axis] = sign * q[axis]


@kernel
def _quaternion(rows: F64, row: int) -> Quaternion:
    return (rows[row, 0], rows[row, 1], rows[row, 2], rows[row, 3])


@kernel
def _vector(rows: F64, row: int) -> Vector:
    return (rows[row, 0], rows[row, 1], rows[row, 2])
