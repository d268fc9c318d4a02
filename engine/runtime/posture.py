"""How much of the movement is shown: from the dance to bodies that stand calmly where they are."""

import numpy as np

from engine.kept import Kept
from engine.kernel import kernel
from engine.motion.mix import Mix
from engine.motion.neutral import Stand
from engine.motion.rows import I64, Rows
from engine.schema.frame import F32, Frame
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.skeleton import Skeleton


@kernel
def pick(shares: F32, rows: I64, out: F32) -> bool:
    """Pick the shares of these rows (P,); whether all movement of theirs is shown as it is."""
    whole = True
    for index in range(rows.shape[0]):
        out[index] = shares[rows[index]]
        whole = whole and out[index] >= 1.0
    return whole


class Posture:
    """Blends bodies with neutral ones in the same place.

    Args:
        skeleton: of the bodies.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self._mix, self._stand, self._rows = Mix(skeleton), Stand(skeleton), Rows()
        every = np.ones(MAX_PERFORMERS, np.float32)
        self._shares = Kept(lambda count: every[:count])
        pick(every, self._rows.of((1,)), self._shares[1])  # compiled now

    def apply(self, frame: Frame, shares: F32) -> Frame:
        """The frame with this much of its movement.

        Args:
            frame: not solved yet.
            shares: (256,) by performer number - 1; 1 is all of the movement, 0 the neutral pose.

        Returns:
            The frame itself where all of it is shown, else one whose arrays are overwritten by the next call.
        """
        own = self._shares[len(frame.performers)]
        if pick(shares, self._rows.of(frame.performers), own):
            return frame
        standing = self._stand.pose(frame.pose.root)
        self._mix.blend(standing, frame.pose, own, standing)
        return frame._replace(pose=standing)
