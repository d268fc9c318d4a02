"""What is done to a frame between the acts and the receivers."""

from collections.abc import Sequence
from typing import Protocol

from engine.runtime.posture import Posture
from engine.runtime.smoothing import Smoothing
from engine.runtime.wishes import Wishes
from engine.schema.frame import F32, Body, Frame
from engine.schema.skeleton import Skeleton


class Solves(Protocol):
    """What finds the rotations of bodies."""

    def solve(self, positions: F32, performers: Sequence[int]) -> tuple[F32 | None, Body]:
        """Rotations (P, J, 4) and solved bodies for positions (P, J, 3), metres, of these performers."""
        ...


class Finish:
    """Smooths bodies, blends them with their neutral pose and solves their rotations.

    Args:
        skeleton: of the bodies.
        fps: frames per second.
        solver: finds rotations, where a receiver wants some.
    """

    def __init__(self, skeleton: Skeleton, fps: float, solver: Solves | None = None) -> None:
        self._smoothing, self._posture, self._solver = Smoothing(skeleton, fps), Posture(skeleton), solver

    def apply(self, frame: Frame, wishes: Wishes) -> Frame:
        """The frame as it is sent; its arrays may be overwritten by the next call."""
        frame = self._posture.apply(self._smoothing.apply(frame, wishes.smooth), wishes.shares)
        if self._solver is None:
            return frame
        rotations, body = self._solver.solve(frame.pose.positions, frame.performers)
        return frame._replace(pose=frame.pose._replace(rotations=rotations, body=body))
