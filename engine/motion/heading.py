"""Where a body stands and faces, and the same body seen from there.

Right-handed, Y up, metres. A heading yaw turns +Z to the facing direction; left is +X at yaw 0. All functions take any
leading axes and give float64 where they measure, the dtype they got where they transform.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.schema.skeleton import Skeleton

Floats = NDArray[np.floating[Any]]


def heading(positions: Floats, skeleton: Skeleton) -> Floats:
    """Yaw (...,) in radians, -pi to pi, of bodies (..., J, 3): across the left-right axis of hips and shoulders."""
    left = [pair[0] for pair in skeleton.facing]
    right = [pair[1] for pair in skeleton.facing]
    axis = positions[..., left, :].sum(-2, dtype=np.float64) - positions[..., right, :].sum(-2, dtype=np.float64)
    yaw: Floats = np.arctan2(-axis[..., 2], axis[..., 0])
    return yaw


def turn(points: Floats, yaw: Floats) -> Floats:
    """Points (..., J, 3) turned about the vertical by `yaw` (...,)."""
    cos, sin = np.cos(yaw)[..., None], np.sin(yaw)[..., None]
    out = np.empty_like(points)
    out[..., 0] = points[..., 0] * cos + points[..., 2] * sin
    out[..., 1] = points[..., 1]
    out[..., 2] = points[..., 2] * cos - points[..., 0] * sin
    return out


def canonical(positions: Floats, skeleton: Skeleton) -> tuple[Floats, Floats]:
    """Bodies seen from where they stand.

    Args:
        positions: (..., J, 3) world positions.
        skeleton: names the root and the pairs that give the heading.

    Returns:
        The bodies (..., J, 3) with the root above the origin, facing +Z, heights kept; and (..., 3) float64
        x, z and yaw of where they stood.
    """
    yaw = heading(positions, skeleton)
    root = np.stack([positions[..., skeleton.root, 0], positions[..., skeleton.root, 2], yaw], -1).astype(np.float64)
    local = positions.copy()
    local[..., 0] -= positions[..., skeleton.root, 0, None]
    local[..., 2] -= positions[..., skeleton.root, 2, None]
    return turn(local, -yaw), root


def world(local: Floats, root: Floats) -> Floats:
    """Inverse of `canonical`: bodies (..., J, 3) put where `root` (..., 3) x, z, yaw says."""
    out = turn(local, root[..., 2])
    out[..., 0] += root[..., 0, None]
    out[..., 2] += root[..., 1, None]
    return out


def wrap(angle: Floats) -> Floats:
    """Angles in radians brought to -pi to pi."""
    return (angle + np.pi) % (2 * np.pi) - np.pi


def root_deltas(root: Floats) -> Floats:
    """Steps (T - 1, 3) between the places (T, 3) of a body: x and z as seen from the earlier heading, and the turn."""
    step = np.diff(root, axis=0)
    yaw = root[:-1, 2]
    cos, sin = np.cos(yaw), np.sin(yaw)
    return np.stack([step[:, 0] * cos - step[:, 1] * sin, step[:, 0] * sin + step[:, 1] * cos, wrap(step[:, 2])], -1)
