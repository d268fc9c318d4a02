"""Frames of an act, kept in arrays that are made once, with what is solved of them."""

import numpy as np

from engine.motion.rig import Rig, make_rig
from engine.motion.solve import Solver
from engine.schema.frame import F32, Frame
from engine.schema.skeleton import Skeleton
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
        self.rig = make_rig(skeleton)
        self._solver = None if self.rig is None else Solver(skeleton, fps)
        joints, bodies, bones = _sizes(skeleton, self.rig)

        def room(*shape: int) -> F32:
            return np.zeros((performers, length, *shape), np.float32)

        self._positions, self._root, self._turns = room(joints, 3), room(7), room(joints, 4)
        self._joints, self._bones = room(bodies, 3), room(bones, 4)
        self._turned = False

    def take(self, at: int, frame: Frame) -> None:
        """Keep a frame as number `at`; solved frame by frame, so they come in order."""
        positions, root = frame.pose.positions, frame.pose.root
        self._positions[:, at], self._root[:, at] = positions, root
        if self._solver is not None:
            rotations, (joints, bones) = self._solver.solve(positions, frame.performers)
            self._joints[:, at], self._bones[:, at] = joints, bones
            if rotations is not None:
                self._turns[:, at], self._turned = rotations, True

    def performance(self, row: int, number: int) -> Performance:
        """What one performer did, under a number of its own."""
        present = np.ones(self._positions.shape[1], np.bool_)
        solved = self._solver is not None
        return Performance(
            number=number,
            present=present,
            positions=self._positions[row],
            root=self._root[row],
            rotations=self._turns[row] if self._turned else None,
            joints=self._joints[row] if solved else None,
            bones=self._bones[row] if solved else None,
        )


def frame_bytes(skeleton: Skeleton) -> int:
    """Bytes that one frame of one performer takes."""
    joints, bodies, bones = _sizes(skeleton, make_rig(skeleton))
    return 4 * (7 * joints + 7 + 3 * bodies + 4 * bones) + 1


def _sizes(skeleton: Skeleton, rig: Rig | None) -> tuple[int, int, int]:
    """J, B and K."""
    return len(skeleton.names), 0 if rig is None else len(rig.joints), 0 if rig is None else len(rig.names)
