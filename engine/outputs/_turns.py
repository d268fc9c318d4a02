"""Rotations as other protocols want them: against another parent, in the world, in degrees. Quaternions are x y z w.

Kernels compute in float64 and are given arrays of the outputs' own only: for those of another layout they would be
compiled again, in the show.
"""

import numpy as np

from engine.kernel import kernel
from engine.motion.bones import I64
from engine.outputs._gltf import F64
from engine.schema.frame import F32

POLE = 0.999999
"""Sine of the angle about Y from which on X and Z are taken for one axis: within 0.08 degrees."""


@kernel
def multiply(first: F32 | F64, second: F32, sense: float, product: F32 | F64) -> None:
    """Write `second`, then `first` (4,), into `product` (4,); with `sense` -1, `first` is undone."""
    ax, ay, az = sense * np.float64(first[0]), sense * np.float64(first[1]), sense * np.float64(first[2])
    bx, by, bz = np.float64(second[0]), np.float64(second[1]), np.float64(second[2])
    aw, bw = np.float64(first[3]), np.float64(second[3])
    product[0] = aw * bx + ax * bw + ay * bz - az * by
    product[1] = aw * by - ax * bz + ay * bw + az * bx
    product[2] = aw * bz + ax * by - ay * bx + az * bw
    product[3] = aw * bw - ax * bx - ay * by - az * bz


@kernel
def chain(local: F32, order: I64, parents: I64, world: F64) -> None:
    """Write rotations of joints against their parents (J, 4) as those in the world (J, 4), each of length 1."""
    for joint in order:
        if parents[joint] < 0:
            world[joint] = local[joint]
        else:
            multiply(world[parents[joint]], local[joint], 1.0, world[joint])
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
            multiply(world[bones[parents[bone]]], world[bones[bone]], -1.0, local[bone])


@kernel
def hang(rotation: F32, middle: F64, offset: F64, scale: float, place: F64) -> None:
    """Write the place (3,) from which the rotated `offset` (3,) leads to `scale` times the `middle` (3,)."""
    w = np.float64(rotation[3])
    once, twice = np.empty(3), np.empty(3)
    cross(rotation, offset, once)
    cross(rotation, once, twice)
    for axis in range(3):
        place[axis] = scale * middle[axis] - (offset[axis] + 2.0 * (w * once[axis] + twice[axis]))


@kernel
def cross(rotation: F32, vector: F64, product: F64) -> None:
    """Write the vector part of a rotation (4,), crossed with a vector (3,), into `product` (3,)."""
    x, y, z = np.float64(rotation[0]), np.float64(rotation[1]), np.float64(rotation[2])
    product[0] = y * vector[2] - z * vector[1]
    product[1] = z * vector[0] - x * vector[2]
    product[2] = x * vector[1] - y * vector[0]


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
