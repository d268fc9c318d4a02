"""What is done to a frame between what plays and the receivers."""

from collections.abc import Sequence
from typing import Protocol

from engine.runtime.posture import Posture
from engine.schema.frame import F32, Body, Frame
from engine.schema.skeleton import Skeleton


class Solves(Protocol):
    """What finds the rotations of bodies."""

    def solve(self, positions: F32, performers: Sequence[int]) -> tuple[F32 | None, Body]:
        """Rotations (P, J, 4) and solved bodies for positions (P, J, 3), metres, of these performers."""
        ...


class Finish:
    """Blends bodies with their neutral pose and solves their rotations.

    Args:
        skeleton: of the bodies; None where there are none.
        solver: finds rotations, where a receiver wants some.
    """

    def __init__(self, skeleton: Skeleton | None, solver: Solves | None = None) -> None:
        self._posture = None if skeleton is None else Posture(skeleton)
        self._solver = solver

    def apply(self, frame: Frame, shares: F32) -> Frame:
        """The frame as it is sent; of the movement of each, `shares` (256,) by performer number - 1 are shown."""
        if self._posture is None:
            return frame
        frame = self._posture.apply(frame, shares)
        if self._solver is None:
            return frame
        rotations, body = self._solver.solve(frame.pose.positions, frame.performers)
        return frame._replace(pose=frame.pose._replace(rotations=rotations, body=body))
