"""The aims of a rig's bones as arrays, for kernels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion.aims import Aim, Body, aims
from engine.motion.rig import Rig
from engine.schema.skeleton import Skeleton

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


class Plan(NamedTuple):
    """The aims of K bones as the kernel takes them; joints are -1 where a bone has no such thing.

    Attributes:
        parents: (K,) bones.
        exact: (K, 2) joints from, to; with `rest` (K, 3), that direction at rest.
        side: (K, 2) likewise; with `aside` (K, 3), that direction at rest, across `rest`.
        hinge: (K, 2) likewise; with `axis` (K, 3) at rest, across `rest`.
        soft: (K,) whether the side is a hint.
        own: (B,) the joints' own bones; `above` (B,) those of their parents, -1 for the root.
    """

    parents: I64
    exact: I64
    rest: F64
    side: I64
    aside: F64
    hinge: I64
    axis: F64
    soft: NDArray[np.bool_]
    own: I64
    above: I64


def plan(skeleton: Skeleton, rig: Rig) -> Plan:
    """The aims of a rig's bones as arrays."""
    rest = Body(skeleton)
    own = aims(skeleton)
    found = [
        own[joint] if child < 0 else Aim(exact=(joint, child))
        for joint, child in zip(rig.joint.tolist(), rig.helper.tolist(), strict=True)
    ]
    exact = np.array([rest.away(aim.exact) if aim.exact else np.zeros(3) for aim in found])
    side = np.array([rest.away(aim.side) if aim.side else np.zeros(3) for aim in found])
    bones = rig.bones
    parents = np.array(skeleton.parents)
    return Plan(
        rig.parents,
        np.array([aim.exact or (-1, -1) for aim in found], np.int64),
        exact,
        np.array([aim.side or (-1, -1) for aim in found], np.int64),
        _across(side, exact),
        np.array([aim.hinge or (-1, -1) for aim in found], np.int64),
        _across(np.array([aim.axis for aim in found]), exact),
        np.array([aim.soft for aim in found]),
        bones,
        np.where(parents >= 0, bones[parents], -1),
    )


def _across(vectors: F64, units: F64) -> F64:
    """The parts of vectors (K, 3) across units (K, 3), of length 1; zeros stay."""
    flat = vectors - (vectors * units).sum(-1, keepdims=True) * units
    lengths = np.linalg.norm(flat, axis=-1, keepdims=True)
    return np.asarray(flat / np.where(lengths > 0, lengths, 1))
