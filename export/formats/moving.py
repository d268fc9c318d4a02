"""How the bones of a rig move, as 3-D formats have it: each against its parent, and never the long way round."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion import kinematics
from engine.motion.rig import Rig
from engine.schema.frame import F32, Body
from export.recording import Performance

STILL = 1e-6
"""What a quaternion of a bone that does not move may change by: that is 2 um at the end of a limb."""


class Motion(NamedTuple):
    """How a rig moves, frame by frame.

    Attributes:
        rotations: (T, K, 4) float32 against the parent bone, the root's against the world; of unit length, and
            without a change of sign from one frame to the next, so that they can be interpolated.
        root: (T, 3) float32 world positions of the root, metres.
        joints: (T, B, 3) float32 world positions of the rig's joints, metres.
    """

    rotations: F32
    root: F32
    joints: F32

    @property
    def moving(self) -> NDArray[np.bool_]:
        """(K,) which bones turn at all."""
        return np.asarray((np.abs(self.rotations - self.rotations[:1]) > STILL).any((0, 2)))


def label(performance: Performance) -> str:
    """What a performer is called in files that name it."""
    return f"p{performance.number}"


def motion(rig: Rig, body: Body) -> Motion:
    """How a performer's bones move: joints (T, B, 3) and world rotations (T, K, 4), seen from bone to bone."""
    turned = kinematics.local(rig, body.bones)
    turned /= np.linalg.norm(turned, axis=-1, keepdims=True)
    flips = np.where((turned[1:] * turned[:-1]).sum(-1) < 0, -1.0, 1.0)
    turned[1:] *= np.cumprod(flips, axis=0)[..., None]
    return Motion(turned.astype(np.float32), body.joints[:, rig.joint[0]], body.joints)


def at_rest(rig: Rig) -> NDArray[np.float64]:
    """World positions (K, 3) of a rig's bones in its T-pose, metres."""
    places = rig.offsets.copy()
    for bone in range(1, len(rig.names)):
        places[bone] += places[rig.parents[bone]]
    return places
