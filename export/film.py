"""Frames of an act in which nobody comes or goes, with what is solved of them."""

import numpy as np

from engine.motion.rig import Rig, make_rig
from engine.motion.solve import Solver
from engine.schema.frame import Frame
from engine.schema.skeleton import Skeleton
from export.moves import room
from export.recording import Performance


class Film:
    """T frames of P performers with the numbers from 1 on, all of them there all the time.

    Args:
        skeleton: of the bodies.
        fps: frames per second.
        performers: P.
        length: T.

    Attributes:
        rig: bones that rotate; None where rotations are not solved.
    """

    def __init__(self, skeleton: Skeleton, fps: float, performers: int, length: int) -> None:
        self.rig: Rig | None = make_rig(skeleton)
        self._solver = None if self.rig is None else Solver(skeleton, fps)
        self._moves = room(skeleton, performers, length)
        self._present = np.ones(length, np.bool_)

    def take(self, at: int, frame: Frame) -> None:
        """Keep a frame as number `at`; solved frame by frame, so they come in order."""
        where = (slice(None), at)
        self._moves.put(where, frame.pose.positions, frame.pose.root)
        if self._solver is not None:
            self._moves.solve(where, *self._solver.solve(frame.pose.positions, frame.performers))

    def performance(self, row: int, number: int) -> Performance:
        """What one performer did, under a number of its own."""
        return self._moves.of(row).performance(number, self._present)
