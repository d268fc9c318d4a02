"""The datagrams of one performer's native frame: prepared once, then written by one kernel, in another space or ours.

A kernel, because a frame is three small arrays: NumPy takes longer over each call than over their numbers.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from engine.contracts import MAX_DATAGRAM
from engine.kernel import kernel
from engine.motion.spaces import View
from engine.outputs._body import LARGEST
from engine.schema.frame import F32, Pose
from engine.wire import osc

Words = NDArray[np.uint32]

SWAPPED = sys.byteorder == "little"
"""Whether the bytes of a number stand the other way round in OSC."""

NO_TURNS = np.zeros((0, 0, 4), np.float32)


class Packet:
    """Positions, root and rotations of one performer as datagrams, each led by the frame's number.

    Args:
        address: of the performer.
        joints: J.
        view: of the space that the numbers are turned into.

    Attributes:
        placed: the datagrams with positions and root.
        turned: the datagram with rotations; none where they do not fit one.

    Raises:
        WireError: the positions do not fit a datagram.
    """

    def __init__(self, address: str, joints: int, view: View) -> None:
        frame = osc.encode(f"{address}/frame", 0, 0)
        pose = [osc.encode(f"{address}/pos", *[0.0] * 3 * joints), osc.encode(f"{address}/root", *[0.0] * 7)]
        turns = [frame, osc.encode(f"{address}/rot", *[0.0] * 4 * joints)]
        placed = [osc.PreparedDatagram(group) for group in osc.split(pose, first=frame)]
        turned = [osc.PreparedDatagram(turns)] if osc.size(turns) <= MAX_DATAGRAM else []
        self.placed, self.turned = ([datagram.data for datagram in part] for part in (placed, turned))
        self._frames = [datagram.ints(f"{address}/frame") for datagram in (*placed, *turned)]
        rotations = turned[0].floats(f"{address}/rot") if turned else np.zeros(0, np.float32)
        floats = (placed[0].floats(f"{address}/pos"), placed[-1].floats(f"{address}/root"), rotations)
        self._positions, self._root, self._rotations = (each.view(np.uint32) for each in floats)
        self._view = view

    def put(self, sequence: int, milliseconds: int, pose: Pose, row: int) -> bool:
        """Write a row of a pose; where it is no sound body the datagrams are not to be sent, which False tells.

        The arrays have the shapes that `Pose` promises; nothing here checks them.
        """
        for frame in self._frames:
            frame[0], frame[1] = sequence, milliseconds
        view, rotations = self._view, NO_TURNS if pose.rotations is None else pose.rotations
        return write_body(
            pose.positions, pose.root, rotations, row,
            view.same, view.order, view.factors,
            self._positions, self._root, self._rotations,
        )  # fmt: skip


@kernel
def write_body(
    positions: F32,
    root: F32,
    rotations: F32,
    row: int,
    same: bool,  # noqa: FBT001 (kernels take no keywords)
    order: NDArray[np.int64],
    factors: F32,
    out: Words,
    out_root: Words,
    out_turns: Words,
) -> bool:
    """Write body `row` of (P, J, 3), (P, 7) and (P, J, 4) as OSC has it; tell whether it is sound, as `Gate` does."""
    sound = write(positions[row], 0, same, order, factors, out) < LARGEST
    sound = write(root[row : row + 1], 0, same, order, factors, out_root) < LARGEST and sound
    if rotations.shape[0] > 0:
        sound = write(rotations[row], 3, same, order, factors, out_turns) < LARGEST and sound
    return sound


@kernel
def write(
    items: F32,
    first: int,
    same: bool,  # noqa: FBT001 (kernels take no keywords)
    order: NDArray[np.int64],
    factors: F32,
    out: Words,
) -> float:
    """Write points, quaternions or both (N, n), seen in the space of a `View`, into `out`, where that has room.

    Args:
        items: of our own space.
        first: place of their first number in a point and a quaternion (7,).
        same: whether the space is our own.
        order: see `View`.
        factors: see `View`.
        out: (N * n,) words of a datagram, or none.

    Returns:
        The sum of their squares.
    """
    floats, width, total = out.view(np.float32), items.shape[1], 0.0
    for item in range(items.shape[0]):
        for axis in range(width):
            value = items[item, order[first + axis] - first]
            total += float(value) * float(value)
            place = item * width + axis
            if place < out.shape[0]:
                floats[place] = value if same else value * factors[first + axis] + np.float32(0.0)
                out[place] = swapped(out[place]) if SWAPPED else out[place]
    return total


@kernel
def swapped(word: int) -> int:
    """Four bytes (uint32) the other way round."""
    return (word >> 24) | ((word >> 8) & 0xFF00) | ((word << 8) & 0xFF0000) | ((word << 24) & 0xFF000000)
