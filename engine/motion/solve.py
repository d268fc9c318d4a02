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

from engine.kept import Kept
from engine.kernel import kernel
from engine.motion import markers
from engine.motion.plan import Plan, plan
from engine.motion.quaternion import Quaternion, inverse, product, unit
from engine.motion.rig import Rig, body, make_rig
from engine.motion.rows import Rows
from engine.motion.twist import direction, quaternion, turned
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Body
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


class Memory(NamedTuple):
    """What is kept of every performer, and room to work in.

    Attributes:
        local: (256, K, 4) rotations against the parent bone.
        bones: (256, K, 4) what was given out last.
        rotations: (256, J, 4) likewise.
        here: (256,) who was there.
        was: (256,) room: who was there before.
        world: (K, 4) room: rotations of one body in the world.
    """

    local: F64
    bones: F32
    rotations: F32
    here: NDArray[np.bool_]
    was: NDArray[np.bool_]
    world: F64


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
            np.zeros(MAX_PERFORMERS, np.bool_),
            np.zeros(MAX_PERFORMERS, np.bool_),
            np.zeros((bones, 4)),
        )
        self._rows, self._dt = Rows(), 1.0 / fps
        whole = Body(np.zeros((MAX_PERFORMERS, count, 3), np.float32), np.zeros_like(self._memory.bones))
        turns = np.zeros_like(self._memory.rotations)
        self._rooms = Kept(lambda size: (turns[:size], Body(whole.joints[:size], whole.bones[:size])))
        self.solve(np.zeros((1, len(skeleton.names), 3), np.float32), (1,))  # compiles
        self._memory.here[:] = False

    def solve(self, positions: F32, performers: Sequence[int]) -> tuple[F32 | None, Body]:
        """Rotations of bodies (P, J, 3), metres, of the performers with these numbers; who was not here starts anew.

        Returns:
            (P, J, 4) rotations among the skeleton's joints, None for markers, and the solved bodies; overwritten by the
            next call.
        """
        rotations, solved = self._rooms[len(positions)]
        if self._centres is None:
            np.copyto(solved.joints, positions)
        else:
            self._centres(positions, solved.joints)
        _solve(solved.joints, self._rows.of(performers), self._memory, self._plan, self._dt, solved.bones, rotations)
        return (rotations if self._centres is None else None), solved


@kernel
def _solve(bodies: F32, rows: I64, memory: Memory, plan: Plan, dt: float, bones: F32, rotations: F32) -> None:
    """Solve bodies (P, B, 3) of performers `rows` (P,) into `bones` (P, K, 4) and `rotations` (P, B, 4)."""
    here, was, world = memory.here, memory.was, memory.world
    was[:] = here
    here[:] = False
    for place in range(bodies.shape[0]):
        row = rows[place]
        here[row] = True
        if not was[row]:
            for past in (memory.bones[row], memory.rotations[row]):
                past[:] = 0.0
                past[:, 3] = 1.0
            memory.local[row] = 0.0
            memory.local[row, :, 3] = 1.0
        _body(bodies[place], memory.local[row], plan, dt if was[row] else math.inf, world)
        for bone in range(world.shape[0]):
            _give(quaternion(world, bone), bones[place, bone], memory.bones[row, bone])
        for joint in range(plan.own.shape[0]):
            q = quaternion(world, plan.own[joint])
            if plan.above[joint] >= 0:
                q = product(inverse(quaternion(world, plan.above[joint])), q)
            _give(q, rotations[place, joint], memory.rotations[row, joint])


@kernel
def _body(points: F32, local: F64, plan: Plan, dt: float, world: F64) -> None:
    """World rotations (K, 4) of one body (B, 3); `local` (K, 4) is the memory."""
    for bone in range(world.shape[0]):
        parent = plan.parents[bone]
        above = quaternion(world, parent) if parent >= 0 else (0.0, 0.0, 0.0, 1.0)
        back = inverse(above)
        q = quaternion(local, bone)
        links = plan.links[bone]
        away, length = direction(points, links[0], back)
        if length > 0.0:
            q = turned(points, links, plan.rests[bone], q, away, back, dt)
        full = unit(product(above, q))
        for axis in range(4):
            local[bone, axis] = q[axis]
            world[bone, axis] = full[axis]


@kernel
def _give(q: Quaternion, out: F32, last: F32) -> None:
    """Write a rotation with the sign that is nearer to the last one, and remember it."""
    near = q[0] * last[0] + q[1] * last[1] + q[2] * last[2] + q[3] * last[3]
    sign = -1.0 if near < 0.0 else 1.0
    for axis in range(4):
        out[axis] = last[axis] = sign * q[axis]
