"""Rotations of a rig's bones in the world and against their parents, and the positions that they make.

Quaternions x y z w; any leading axes; float64 out. The other way is `engine.motion.solve`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.motion.rig import Rig

F64 = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]


def forward(rig: Rig, bones: Floats, root: Floats) -> F64:
    """World positions (..., B, 3), metres, of a rig's joints.

    Args:
        rig: the bones at rest.
        bones: (..., K, 4) world rotations.
        root: (..., 3) world position of the root.
    """
    starts = np.zeros((*bones.shape[:-1], 3))
    starts[..., 0, :] = root
    for bone in range(1, len(rig.names)):
        parent = int(rig.parents[bone])
        starts[..., bone, :] = starts[..., parent, :] + rotate(bones[..., parent, :], rig.offsets[bone])
    return starts[..., rig.bones, :]


def local(rig: Rig, bones: Floats) -> F64:
    """Rotations (..., K, 4) against the parent bone, the root's against the world, from world rotations (..., K, 4)."""
    turned = product(conjugate(bones[..., rig.parents, :]), bones)
    turned[..., 0, :] = bones[..., 0, :]
    return turned


def world(rig: Rig, turned: Floats) -> F64:
    """World rotations (..., K, 4) from rotations against the parent bone: the inverse of `local`."""
    bones = np.array(turned, np.float64)
    for bone in range(1, len(rig.names)):
        bones[..., bone, :] = product(bones[..., int(rig.parents[bone]), :], bones[..., bone, :])
    return bones


def product(one: Floats, other: Floats) -> F64:
    """The rotations `other` (..., 4), then `one` (..., 4)."""
    a, b = np.asarray(one, np.float64), np.asarray(other, np.float64)
    vector = a[..., 3:] * b[..., :3] + b[..., 3:] * a[..., :3] + np.cross(a[..., :3], b[..., :3])
    scalar = a[..., 3:] * b[..., 3:] - (a[..., :3] * b[..., :3]).sum(-1, keepdims=True)
    return np.concatenate([vector, scalar], -1)


def conjugate(rotations: Floats) -> F64:
    """The rotations (..., 4) back."""
    return np.asarray(rotations * np.array((-1.0, -1.0, -1.0, 1.0)), np.float64)


def rotate(rotations: Floats, vectors: Floats) -> F64:
    """Vectors (..., 3) turned by rotations (..., 4)."""
    q, v = np.asarray(rotations, np.float64), np.asarray(vectors, np.float64)
    once = np.cross(q[..., :3], v)
    return v + 2.0 * (q[..., 3:] * once + np.cross(q[..., :3], once))
