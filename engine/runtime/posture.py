"""How much of the movement is shown: from the dance to bodies that stand calmly where they are."""

import numpy as np

from engine.kernel import kernel
from engine.motion.mix import Mix
from engine.motion.neutral import Stand
from engine.schema.frame import F32, Frame
from engine.schema.skeleton import Skeleton


@kernel
def whole(shares: F32) -> bool:
    """Whether everybody's movement is shown as it is."""
    for share in shares:  # noqa: SIM110 (Numba compiles no generators)
        if share < 1.0:
            return False
    return True


class Posture:
    """Blends bodies with neutral ones in the same place.

    Args:
        skeleton: of the bodies.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._mix, self._stand = Mix(skeleton), Stand(skeleton)
        whole(np.ones(1, np.float32))  # compiled now

    def apply(self, frame: Frame, shares: F32) -> Frame:
        """The frame with this much of its movement.

        Args:
            frame: not solved yet.
            shares: (256,) by performer number - 1; 1 is all of the movement, 0 the neutral pose.

        Returns:
            The frame itself where all of it is shown, else one with arrays of its own.
        """
        if whole(shares):
            return frame
        own = shares[np.array(frame.performers, np.intp) - 1]
        if (own >= 1.0).all():
            return frame
        standing = self._stand.pose(frame.pose.root)
        self._mix.blend(standing, frame.pose, own, standing)
        return frame._replace(pose=standing)
