"""Where bodies stand on the stage: rigid moves about the vertical, as each dances around an origin of its own."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.kept import Kept
from engine.kernel import kernel
from engine.schema.frame import F32, Pose
from engine.schema.show import Place

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

LASTING = 7
"""Frames that outlive a frame's own arrays: a curve through the frames keeps four."""


class Places:
    """The places of P performers.

    Args:
        performers: P.
        root_joint: the joint whose rotation, where there are some, is against the world.
    """

    def __init__(self, performers: int, root_joint: int) -> None:
        self._places = np.zeros((performers, 3), np.float64)
        self._root_joint = root_joint
        self._kinds: dict[tuple[int, bool], Kept[list[Pose]]] = {}
        self._turn = 0
        # compiled now: the first frame may be one of nobody, and somebody may be stood somewhere in mid-show
        nobody = Pose(np.zeros((1, 1, 3), np.float32), np.zeros((1, 7), np.float32))
        self.taken(nobody, np.zeros(0, np.int64))
        self.returned(0, nobody.root[0])

    def put(self, row: int, place: Place) -> None:
        """Give a performer a place."""
        self._places[row] = place.x, place.z, math.radians(place.heading)

    def returned(self, row: int, root: F32) -> F32:
        """A floor position and heading (7,) on the stage, as seen from a performer's own origin."""
        x, z, yaw = self._places[row]
        cos, sin = math.cos(yaw), math.sin(yaw)
        away_x, away_z = root[0] - x, root[2] - z
        own = root.copy()
        own[0], own[2] = away_x * cos - away_z * sin, away_x * sin + away_z * cos
        turn(own[3:], -yaw)
        return own

    def taken(self, pose: Pose, rows: I64) -> Pose:
        """The bodies (N,) of a pose whose rows are given, each in its place.

        Its arrays stay as they are for the next `LASTING` calls: they go round, as a tick is to make none.
        """
        self._turn = (self._turn + 1) % (LASTING + 1)
        positions, root, rotations, _ = found = self._rooms(pose)[len(rows)][self._turn]
        put_in_place(pose.positions, pose.root, rows, self._places, positions, root)
        if pose.rotations is not None and rotations is not None:
            put_turns(pose.rotations, rows, self._places, self._root_joint, rotations)
        return found

    def _rooms(self, pose: Pose) -> Kept[list[Pose]]:
        """Where bodies of this kind go, by their number, turn by turn."""
        kind = (pose.positions.shape[1], pose.rotations is not None)
        if kind not in self._kinds:
            whole = [_room(len(self._places), *kind) for _ in range(LASTING + 1)]
            self._kinds[kind] = Kept(lambda count: [room.first(count) for room in whole])
        return self._kinds[kind]


def _room(performers: int, joints: int, turns: bool) -> Pose:  # noqa: FBT001 (of a kind of pose)
    """Arrays for as many bodies as there may be."""
    positions, root = np.zeros((performers, joints, 3), np.float32), np.zeros((performers, 7), np.float32)
    return Pose(positions, root, np.zeros((performers, joints, 4), np.float32) if turns else None)


@kernel
def put_in_place(positions: F32, root: F32, rows: I64, places: F64, out: F32, out_root: F32) -> None:
    """Turn and move some rows of bodies (B, J, 3) and roots (B, 7) to their places (P, 3) x, z, yaw."""
    for index in range(rows.shape[0]):
        row = rows[index]
        x, z, yaw = places[row, 0], places[row, 1], places[row, 2]
        cos, sin = np.cos(yaw), np.sin(yaw)
        for joint in range(positions.shape[1]):
            body = positions[row, joint]
            out[index, joint, 0] = x + body[0] * cos + body[2] * sin
            out[index, joint, 1] = body[1]
            out[index, joint, 2] = z + body[2] * cos - body[0] * sin
        out_root[index] = root[row]
        out_root[index, 0] = x + root[row, 0] * cos + root[row, 2] * sin
        out_root[index, 2] = z + root[row, 2] * cos - root[row, 0] * sin
        turn(out_root[index, 3:], yaw)


@kernel
def put_turns(rotations: F32, rows: I64, places: F64, root_joint: int, out: F32) -> None:
    """Take rotations (B, J, 4) of some rows over, their roots' turned to their places (P, 3)."""
    for index in range(rows.shape[0]):
        out[index] = rotations[rows[index]]
        turn(out[index, root_joint], places[rows[index], 2])


@kernel
def turn(quaternion: F32, yaw: float) -> None:
    """Turn a rotation (4,) x y z w about the vertical by radians, seen from the world, in place."""
    cos, sin = np.cos(yaw / 2.0), np.sin(yaw / 2.0)
    x, y, z, w = quaternion[0], quaternion[1], quaternion[2], quaternion[3]
    quaternion[0], quaternion[1] = cos * x + sin * z, cos * y + sin * w
    quaternion[2], quaternion[3] = cos * z - sin * x, cos * w - sin * y
