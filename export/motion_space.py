"""From clips to what the dance network sees: principal components of canonical poses, and the way of the root.

The principal components are measured on the training part only and are not scaled: their unit is the metre.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.motion.heading import canonical, root_deltas
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton
from export.data.clip import Clip

F64 = NDArray[np.float64]

LEAST = 1e-5
"""Metres of standard deviation under which a component is rounding, such as the root's own place: it would be divided
by."""


@dataclass(frozen=True, eq=False)
class MotionSpace:
    """A linear space of poses for one skeleton: `mean` (J * 3,) and orthonormal `basis` (J * 3, d), metres."""

    skeleton: Skeleton
    mean: F32
    basis: F32

    @property
    def dims(self) -> int:
        """Number of components, d."""
        return int(self.basis.shape[1])

    def poses(self, positions: F32) -> F64:
        """Components (T, d) of world positions (T, J, 3)."""
        local, _ = canonical(positions.astype(np.float64), self.skeleton)
        return np.asarray((local.reshape(len(local), -1) - self.mean) @ self.basis, np.float64)

    def track(self, positions: F32) -> "Track":
        """The motion of a clip (T, J, 3), from its second frame on."""
        local, root = canonical(positions.astype(np.float64), self.skeleton)
        z = (local.reshape(len(local), -1) - self.mean) @ self.basis
        return Track(z=z[1:], dz=np.diff(z, axis=0), way=np.asarray(root_deltas(root), np.float64))


@dataclass(frozen=True, eq=False)
class Track:
    """A clip in a motion space: `z` (T, d) metres, its change `dz` (T, d), the root's `way` (T, 3) m, m, rad."""

    z: F64
    dz: F64
    way: F64

    @property
    def inputs(self) -> F64:
        """`[z, dz, way]` (T, 2 d + 3)."""
        return np.hstack([self.z, self.dz, self.way])

    @property
    def targets(self) -> F64:
        """`[dz, way]` (T, d + 3): what a model that has seen the frame before should have given."""
        return np.hstack([self.dz, self.way])


def fit(clips: Sequence[Clip], dims: int) -> MotionSpace:
    """Principal components of the canonical poses of all valid frames of `clips`, which share a skeleton.

    There are `dims` of them, or as many as the poses have: 57 for 20 joints, less where joints only move together.
    """
    skeleton = clips[0].skeleton
    frames = np.concatenate([clip.positions[clip.valid] for clip in clips]).astype(np.float64)
    flat = canonical(frames, skeleton)[0].reshape(len(frames), -1)
    mean = flat.mean(0)
    _, sizes, rows = np.linalg.svd(flat - mean, full_matrices=False)
    rows = rows[sizes > LEAST * np.sqrt(len(flat))]
    signs = np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(1)])
    basis = (rows * signs[:, None])[:dims].T
    return MotionSpace(skeleton, mean.astype(np.float32), np.ascontiguousarray(basis, np.float32))
