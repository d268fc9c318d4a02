"""A body's rig in the place of its skeleton: more joints, from whose rotations all positions follow."""

import numpy as np

from engine.motion.rig import make_rig
from engine.outputs._turns import unchain
from engine.schema.errors import ConfigError
from engine.schema.frame import Frame, Pose
from engine.schema.skeleton import Skeleton


class Rigged:
    """Turns frames of a skeleton's J joints, or markers, into frames of its rig's K bones.

    Args:
        skeleton: of the frames.
        place: for the error.

    Attributes:
        skeleton: the bones as joints, in a T-pose.

    Raises:
        ConfigError: the skeleton's rotations cannot be solved.
    """

    def __init__(self, skeleton: Skeleton, place: str) -> None:
        rig = make_rig(skeleton)
        if rig is None:
            raise ConfigError(f"{place}: rig", "points whose rotations cannot be solved", "joints or known markers")
        self._rig = rig
        self._every = np.arange(len(rig.names))
        self._bones, self._turns = np.zeros((2, len(rig.names), 4), np.float32)
        self._turn()
        offsets = tuple((x, y, z) for x, y, z in rig.offsets.tolist())
        self.skeleton = Skeleton(names=rig.names, parents=tuple(rig.parents.tolist()), offsets=offsets, facing=())

    def frame(self, frame: Frame) -> Frame:
        """The frame with (P, K, 3) positions and (P, K, 4) rotations; nobody is in it where nothing was solved."""
        body, bones = frame.pose.body, len(self._rig.names)
        if body is None:
            nobody = Pose(np.zeros((0, bones, 3), np.float32), np.zeros((0, 7), np.float32))
            return frame._replace(pose=nobody, quality=(), performers=())
        positions = np.ascontiguousarray(body.joints[:, self._rig.joint])
        turns = np.empty_like(body.bones)
        for row, world in enumerate(body.bones):
            self._bones[...] = world
            self._turn()
            turns[row] = self._turns
        return frame._replace(pose=Pose(positions, frame.pose.root, turns))

    def _turn(self) -> None:
        unchain(self._bones, self._every, self._rig.parents, self._turns)
