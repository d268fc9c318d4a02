"""Forward kinematics of a BVH file."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from export.data.bvh_text import Bvh, Node

F64 = NDArray[np.float64]

Translation = Literal["auto", "add", "replace"]
"""What position channels do to a joint's OFFSET."""


class _Placed(NamedTuple):
    """World positions (T, 3), file units, and world rotations (T, 3, 3) of one node."""

    position: F64
    rotation: F64


def world(bvh: Bvh, wanted: Sequence[int], translation: Translation = "auto") -> dict[int, F64]:
    """World positions (T, 3) in file units of the nodes `wanted`; inf or NaN where numbers of the file are too large.

    Rotations apply in the order in which the channels stand: the first is the outermost.

    Args:
        bvh: the file.
        wanted: indices of nodes.
        translation: whether position channels 'add' to OFFSET or 'replace' it. 'auto' lets them replace it where their
            median reaches more than half-way along OFFSET: files differ, often between root and other joints.
    """
    columns = np.cumsum([0, *(len(node.channels) for node in bvh.nodes)])
    placed: dict[int, _Placed] = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for index in _with_ancestors(bvh.nodes, wanted):
            node = bvh.nodes[index]
            values = bvh.values[:, columns[index] : columns[index + 1]]
            here = _Placed(_offset(node, values, translation), _rotation(node, values))
            placed[index] = here if node.parent < 0 else _below(placed[node.parent], here)
    return {index: placed[index].position for index in wanted}


def _below(parent: _Placed, local: _Placed) -> _Placed:
    position = parent.position + np.einsum("tij,tj->ti", parent.rotation, local.position)
    return _Placed(position, parent.rotation @ local.rotation)


def _with_ancestors(nodes: Sequence[Node], wanted: Sequence[int]) -> list[int]:
    needed: set[int] = set()
    for index in wanted:
        at = index
        while at >= 0 and at not in needed:
            needed.add(at)
            at = nodes[at].parent
    return sorted(needed)


def _offset(node: Node, values: F64, translation: Translation) -> F64:
    moves = np.zeros((len(values), 3))
    moving = np.zeros(3, np.bool_)
    for column, channel in enumerate(node.channels):
        if channel.endswith("position"):
            axis = "XYZ".index(channel[0])
            moves[:, axis], moving[axis] = values[:, column], True
    offset = np.array(node.offset)
    shared = np.where(moving, offset, 0.0)
    reach = float(np.median(moves, axis=0) @ shared)
    replaces = translation == "replace" or (translation == "auto" and reach > shared @ shared / 2)
    moves += offset - shared if replaces else offset
    return moves


def _rotation(node: Node, values: F64) -> F64:
    rotation = np.broadcast_to(np.eye(3), (len(values), 3, 3))
    for column, channel in enumerate(node.channels):
        if channel.endswith("rotation"):
            rotation = rotation @ _turn("XYZ".index(channel[0]), np.deg2rad(values[:, column]))
    return rotation


def _turn(axis: int, angle: F64) -> F64:
    """Matrices (T, 3, 3) that turn by `angle` (T,) radians about x, y or z, right-handed."""
    after, last = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.zeros((len(angle), 3, 3))
    matrix[:, axis, axis] = 1.0
    matrix[:, after, after] = matrix[:, last, last] = np.cos(angle)
    matrix[:, last, after] = np.sin(angle)
    matrix[:, after, last] = -matrix[:, last, after]
    return matrix
