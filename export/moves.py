"""What bodies do over some frames, in arrays that are made once."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion.rig import body, make_rig
from engine.schema.frame import F32, Body
from engine.schema.skeleton import Skeleton
from export.recording import Performance

MOST = 2 << 30
"""Bytes that the arrays of a recording may take: twenty hours of a dancer at 30 frames per second."""

FARTHEST = 1e5
"""Metres from the middle of the stage beyond which nobody dances: float32 has no millimetres left from 16 km on."""

SMALLEST = 1e-3
"""Length of a quaternion below which it is no rotation."""


class Moves(NamedTuple):
    """Arrays as a `Performance` has them, for any number of bodies and frames (...).

    Attributes:
        positions: (..., J, 3) metres.
        root: (..., 7).
        rotations: (..., J, 4); None for markers.
        joints: (..., B, 3) metres, the positions themselves unless these are of markers; None where there is no rig.
        bones: (..., K, 4); likewise.
    """

    positions: F32
    root: F32
    rotations: F32 | None
    joints: F32 | None
    bones: F32 | None

    def put(self, where: Any, positions: F32, root: F32) -> None:  # noqa: ANN401 (whatever NumPy takes as an index)
        """Keep bodies as they were given."""
        self.positions[where], self.root[where] = positions, root

    def solve(self, where: Any, rotations: F32 | None, solved: Body) -> None:  # noqa: ANN401
        """Keep what was solved of bodies that were put there."""
        if self.rotations is not None and rotations is not None:
            self.rotations[where] = rotations
        if self.joints is not None and self.joints is not self.positions:
            self.joints[where] = solved.joints
        if self.bones is not None:
            self.bones[where] = solved.bones

    def of(self, row: int) -> "Moves":
        """One of the first axis' bodies."""
        positions = self.positions[row]
        joints = positions if self.joints is self.positions else _at(self.joints, row)
        return Moves(positions, self.root[row], _at(self.rotations, row), joints, _at(self.bones, row))

    def arrays(self) -> Iterator[F32]:
        """All arrays, each once."""
        yield from (self.positions, self.root)
        if self.joints is not None and self.joints is not self.positions:
            yield self.joints
        yield from (each for each in (self.rotations, self.bones) if each is not None)

    def sound(self) -> NDArray[np.bool_]:
        """Which of the bodies (...) are somewhere, with bones that are turned somehow."""
        found = np.ones(self.root.shape[:-1], np.bool_)
        for places in (self.positions, self.joints):
            if places is not None:
                found &= (np.abs(places) < FARTHEST).all((-2, -1))
        for turns in (self.rotations, self.bones):
            if turns is not None:
                found &= (np.isfinite(turns).all(-1) & (np.abs(turns).max(-1) > SMALLEST)).all(-1)
        return found & np.isfinite(self.root).all(-1)

    def performance(self, number: int, present: NDArray[np.bool_]) -> Performance:
        """What a performer did of whom this is all, and who was there in the frames `present` (T,)."""
        return Performance(number=number, present=present, **self._asdict())


def _at(array: F32 | None, row: int) -> F32 | None:
    return None if array is None else array[row]


def room(skeleton: Skeleton, *shape: int) -> Moves:
    """Room for so many bodies and frames of a skeleton; zeros."""
    rig, own = make_rig(skeleton), body(skeleton) is skeleton
    points = len(skeleton.names)

    def zeros(*each: int) -> F32:
        return np.zeros((*shape, *each), np.float32)

    positions, root = zeros(points, 3), zeros(7)
    if rig is None:
        return Moves(positions, root, None, None, None)
    joints = positions if own else zeros(len(rig.joints), 3)
    return Moves(positions, root, zeros(points, 4) if own else None, joints, zeros(len(rig.names), 4))


def frame_bytes(skeleton: Skeleton) -> int:
    """Bytes that one frame of one performer takes, and whether it was there."""
    return sum(array.nbytes for array in room(skeleton, 1).arrays()) + 1
