"""Bones that rotate: what a skeleton's joints become so that rotations alone give back every position.

A joint's rotation turns the bones that leave it. Where several leave one joint a body is not rigid: shoulders move
against the neck. There a helper bone without length stands between the joint and each child that the joint's own
rotation does not hit, named after the child: `l_shoulder_base` is the collar, `chest_base` the lower spine.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion import markers
from engine.motion.aims import aims
from engine.motion.core20 import CORE20
from engine.schema.skeleton import Skeleton

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]


class Rig(NamedTuple):
    """K bones at the B joints of a body, in a T-pose.

    Attributes:
        names: K unique names: those of the joints, and of helpers `<child>_base`.
        parents: (K,) index of each bone's parent, parents before children, -1 for the root.
        offsets: (K, 3) float64 metres from the parent at rest; zeros for helpers. The root's is its place.
        joint: (K,) index of the joint that each bone sits at.
        joints: B names.
        helper: (K,) the child that a helper leads to; -1 for the bones that are joints.
    """

    names: tuple[str, ...]
    parents: I64
    offsets: F64
    joint: I64
    joints: tuple[str, ...]
    helper: I64

    @property
    def bones(self) -> I64:
        """(B,) index of each joint's own bone."""
        own = np.flatnonzero(self.helper < 0)
        return own[np.argsort(self.joint[own])]


def body(skeleton: Skeleton) -> Skeleton | None:
    """The skeleton of joints that a skeleton stands for: itself, that of known markers, or None."""
    if markers.centres(skeleton) is not None:
        return CORE20
    return skeleton if skeleton.rigid and len(skeleton.names) > 1 else None


def make_rig(skeleton: Skeleton) -> Rig | None:
    """The rig of a skeleton of joints or of known markers; None where its rotations cannot be solved."""
    joints = body(skeleton)
    return None if joints is None else _rig(joints)


def _rig(skeleton: Skeleton) -> Rig:
    bones: list[tuple[str, int, int, int]] = []  # name, parent, joint, helper
    own: dict[int, int] = {}
    exact = [aim.exact for aim in aims(skeleton)]
    for joint in skeleton.order:
        parent = skeleton.parents[joint]
        above = own.get(parent, -1)
        if parent >= 0 and exact[parent] not in (None, (parent, joint)) and any(skeleton.offsets[joint]):
            bones.append((_free(skeleton, f"{skeleton.names[joint]}_base"), above, parent, joint))
            above = len(bones) - 1
        own[joint] = len(bones)
        bones.append((skeleton.names[joint], above, joint, -1))
    names, parents, at, helper = zip(*bones, strict=True)
    offsets = np.array([skeleton.offsets[joint] if child < 0 else (0.0,) * 3 for _, _, joint, child in bones])
    return Rig(names, np.array(parents, np.int64), offsets, np.array(at, np.int64), skeleton.names, np.array(helper))


def _free(skeleton: Skeleton, name: str) -> str:
    while name in skeleton.names:
        name += "_base"
    return name
