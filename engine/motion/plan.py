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
        links: (K, 3, 2) joints from, to: what is hit exactly, the side, and the bone after the hinge; -1 for none.
        rests: (K, 3, 3) unit vectors at rest: what is hit exactly; across it the side, and the hinge's axis.
        own: (B,) the joints' own bones.
        above: (B,) those of their parents, -1 for the root.
    """

    parents: I64
    links: I64
    rests: F64
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
    links = np.array([[link or (-1, -1) for link in (aim.exact, aim.side, aim.hinge)] for aim in found], np.int64)
    exact = np.array([rest.away(aim.exact) if aim.exact else np.zeros(3) for aim in found])
    side = np.array([rest.away(aim.side) if aim.side else np.zeros(3) for aim in found])
    axis = np.array([aim.axis for aim in found])
    rests = np.stack([exact, _across(side, exact), _across(axis, exact)], 1)
    parents = np.array(skeleton.parents)
    above = np.where(parents >= 0, rig.bones[parents], -1)
    return Plan(rig.parents, links, rests, rig.bones, above)


def _across(vectors: F64, units: F64) -> F64:
    """The parts of vectors (K, 3) across units (K, 3), of length 1; zeros stay."""
    flat = vectors - (vectors * units).sum(-1, keepdims=True) * units
    lengths = np.linalg.norm(flat, axis=-1, keepdims=True)
    return np.asarray(flat / np.where(lengths > 0, lengths, 1))
