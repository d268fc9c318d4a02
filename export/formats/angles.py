"""Rotations as three angles that go on from frame to frame, as people edit them and programs interpolate them."""

import warnings
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

F64 = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]

Order = Literal["ZXY", "ZYX"]
"""Axes from the outermost to the innermost: ZXY stands for the matrix Rz Rx Ry."""


def degrees(rotations: Floats, order: Order, last: F64 | None = None) -> F64:
    """Angles (T, K, 3) about the axes of `order`, degrees, of rotations (T, K, 4).

    Each frame takes of all angles that say its rotation the nearest to those of the frame before, so that whole turns
    add up and nothing flips.

    Args:
        rotations: quaternions x y z w.
        order: of the axes.
        last: (K, 3) the angles of the frame before the first; None where there is none.
    """
    with warnings.catch_warnings():
        # where the middle angle is a right one, the outer two share an axis; scipy then gives all of it to the first
        warnings.filterwarnings("ignore", message="Gimbal lock", category=UserWarning)
        found = Rotation.from_quat(rotations.reshape(-1, 4)).as_euler(order, degrees=True)
    angles = found.reshape(*rotations.shape[:-1], 3)
    if last is None:
        return continuous(angles)
    return continuous(np.concatenate([last[None], angles]))[1:]


def continuous(angles: F64) -> F64:
    """The same rotations (T, K, 3) without jumps; the first frame stays as it is.

    Angles a, b, c say the same rotation as a + 180, 180 - b, c + 180. Which of both is nearer to the frame before does
    not depend on the one that was chosen there, so all frames are decided at once.
    """
    other = np.stack([angles[..., 0] + 180, 180 - angles[..., 1], angles[..., 2] + 180], -1)
    switches = _apart(angles[:-1], other[1:]) < _apart(angles[:-1], angles[1:])
    chosen = np.zeros(angles.shape[:-1], np.bool_)
    chosen[1:] = np.cumsum(switches, axis=0) % 2
    return np.unwrap(np.where(chosen[..., None], other, angles), period=360, axis=0)


def _apart(one: F64, other: F64) -> F64:
    """Sum (...,) of how far angles (..., 3) are apart, each by the shorter way round."""
    return np.asarray(np.abs((one - other + 180) % 360 - 180).sum(-1))
