"""Rotations as other protocols want them: against another parent, in the world, in degrees. Quaternions are x y z w.

Kernels compute in float64 and are given arrays of the outputs' own only: for those of another layout they would be
compiled again, in the show.
"""

import numpy as np

from engine.kernel import kernel
from engine.motion.bones import I64
from engine.motion.quaternion import Quaternion, inverse, product, rotate, taken
from engine.outputs._gltf import F64
from engine.schema.frame import F32

POLE = 0.999999
"""Sine of the angle about Y from which on X and Z are taken for one axis: within 0.08 degrees."""


@kernel
def chain(local: F32, order: I64, parents: I64, world: F64) -> None:
    """Write rotations of joints against their parents (J, 4) as those in the world (J, 4), each of length 1."""
    for joint in order:
        if parents[joint] < 0:
            world[joint] = local[joint]
        else:
            write(product(taken(world[parents[joint]]), taken(local[joint])), world[joint])
        length = np.sqrt((world[joint] ** 2).sum())
        if length > 0:
            world[joint] /= length


@kernel
def unchain(world: F32, bones: I64, parents: I64, local: F32) -> None:
    """Write rotations in the world (K, 4) as those of H of these bones against their parents among the H (H, 4)."""
    for bone in range(bones.shape[0]):
        if parents[bone] < 0:
            local[bone] = world[bones[bone]]
        else:
            write(product(inverse(taken(world[bones[parents[bone]]])), taken(world[bones[bone]])), local[bone])


@kernel
def write(rotation: Quaternion, out: F32 | F64) -> None:
    """Write a rotation into a row (4,)."""
    out[0], out[1], out[2], out[3] = rotation


@kernel
def hang(rotation: F32, middle: F64, offset: F64, scale: float, place: F64) -> None:
    """Write the place (3,) from which the rotated `offset` (3,) leads to `scale` times the `middle` (3,)."""
    led = rotate(taken(rotation), (offset[0], offset[1], offset[2]))
    for axis in range(3):
        place[axis] = scale * middle[axis] - led[axis]


@kernel
def halfway(points: F32, two: I64, middle: F64) -> None:
    """Write the middle (3,) between two of the points (J, 3)."""
    for axis in range(3):
        middle[axis] = (np.float64(points[two[0], axis]) + np.float64(points[two[1], axis])) * 0.5


@kernel
def write_bones(place: F64, turns: F32, order: I64, factors: F32, bones: F32) -> None:
    """Write the first bone's place (3,) and all bones' rotations (H, 4), seen in the space of a `View`, into (H, 7).

    The other bones' places stay; no zero is negative.
    """
    for axis in range(3):
        bones[0, axis] = place[order[axis]] * factors[axis] + 0.0
    for bone in range(turns.shape[0]):
        for axis in range(3, 7):
            bones[bone, axis] = turns[bone, order[axis] - 3] * factors[axis] + np.float32(0.0)


@kernel
def angles(rotations: F32, degrees: F32) -> None:
    """Write rotations (J, 4) as degrees (J, 3) about X, then Y, then Z: their matrix is Rz Ry Rx.

    Where Y is at 90 degrees, X and Z turn about the same axis; all of it is then said by X.
    """
    for joint in range(rotations.shape[0]):
        x, y = np.float64(rotations[joint, 0]), np.float64(rotations[joint, 1])
        z, w = np.float64(rotations[joint, 2]), np.float64(rotations[joint, 3])
        twice = 2.0 / max(x * x + y * y + z * z + w * w, 1e-9)  # a rotation's float32 is not quite of length 1
        sine = min(max(twice * (w * y - x * z), -1.0), 1.0)
        if abs(sine) > POLE:
            about_x, about_z = 2.0 * np.arctan2(x, w), 0.0
        else:
            about_x = np.arctan2(twice * (w * x + y * z), 1.0 - twice * (x * x + y * y))
            about_z = np.arctan2(twice * (w * z + x * y), 1.0 - twice * (y * y + z * z))
        degrees[joint, 0] = np.degrees(about_x)
        degrees[joint, 1] = np.degrees(np.arcsin(sine))
        degrees[joint, 2] = np.degrees(about_z)
