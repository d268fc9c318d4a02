"""The datagrams of a native frame: prepared once, then written by one kernel, in another space or ours.

A kernel, because a frame is three small arrays: NumPy takes longer over each call than over their numbers. One for all
bodies, because a kernel's call takes longer than the numbers of a body too.
"""

import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.contracts import MAX_DATAGRAM
from engine.kept import Kept
from engine.kernel import kernel
from engine.motion.spaces import View
from engine.outputs._body import LARGEST
from engine.schema.frame import F32, Pose
from engine.wire import osc

Words = NDArray[np.uint32]
I64 = NDArray[np.int64]
Flags = NDArray[np.bool_]

SWAPPED = sys.byteorder == "little"
"""Whether the bytes of a number stand the other way round in OSC."""

NO_TURNS = np.zeros((0, 0, 4), np.float32)

NOWHERE = -1
"""Stands for a place in datagrams that there is not."""

PARTS = 3
"""Of a body: positions, root and rotations; behind their places stand those of the frame's numbers."""


class Packet(NamedTuple):
    """The datagrams of one performer with positions, root and rotations, each led by the frame's number.

    Attributes:
        placed: the datagrams with positions and root.
        turned: the datagram with rotations; none where they do not fit one.
        places: where in their words, all datagrams after each other, positions, root and rotations begin and then the
            frame's numbers; `NOWHERE` for rotations that do not fit.
    """

    placed: list[bytearray]
    turned: list[bytearray]
    places: list[int]


def packet(address: str, joints: int) -> Packet:
    """What is prepared for the performer at an address.

    Raises:
        WireError: the positions do not fit a datagram.
    """
    frame = osc.encode(f"{address}/frame", 0, 0)
    pose = [osc.encode(f"{address}/pos", *[0.0] * 3 * joints), osc.encode(f"{address}/root", *[0.0] * 7)]
    turns = [frame, osc.encode(f"{address}/rot", *[0.0] * 4 * joints)]
    placed = [osc.PreparedDatagram(group) for group in osc.split(pose, first=frame)]
    turned = [osc.PreparedDatagram(turns)] if osc.size(turns) <= MAX_DATAGRAM else []
    datagrams = [*placed, *turned]
    starts = np.cumsum([0, *(len(each.data) // 4 for each in datagrams)]).tolist()
    last = len(placed) - 1
    places = [placed[0].place(f"{address}/pos"), starts[last] + placed[last].place(f"{address}/root")]
    places.append(starts[last + 1] + turned[0].place(f"{address}/rot") if turned else NOWHERE)
    places += [start + each.place(f"{address}/frame") for start, each in zip(starts, datagrams, strict=False)]
    return Packet([each.data for each in placed], [each.data for each in turned], places)


class Cast:
    """The datagrams of some performers, one after the other in one block of memory.

    Args:
        packets: of the performers, in their order.

    Attributes:
        placed: by row, the datagrams with positions and root.
        turned: by row, those and the one with rotations, where they fit one.
        all_placed: all of `placed`, in order.
        all_turned: all of `turned`.
        unfit: performers whose rotations do not fit.
        sound: (P,) which bodies were sound in the last frame.
    """

    def __init__(self, packets: Sequence[Packet]) -> None:
        data = bytearray(b"".join(part for one in packets for part in (*one.placed, *one.turned)))
        self._words: Words = np.frombuffer(data, np.uint32)
        width = max((len(one.places) for one in packets), default=PARTS)
        self._places: I64 = np.full((len(packets), width), NOWHERE, np.int64)
        self.sound: Flags = np.zeros(len(packets), np.bool_)
        self.placed: list[list[memoryview]] = []
        self.turned: list[list[memoryview]] = []
        self.unfit = sum(not one.turned for one in packets)
        start, block = 0, memoryview(data)
        for row, one in enumerate(packets):
            places = [NOWHERE if place == NOWHERE else start // 4 + place for place in one.places]
            self._places[row, : len(places)] = places
            found = []
            for part in (*one.placed, *one.turned):
                found.append(block[start : start + len(part)])
                start += len(part)
            self.placed.append(found[: len(one.placed)])
            self.turned.append(found)
        self.all_placed = [part for own in self.placed for part in own]
        self.all_turned = [part for own in self.turned for part in own]

    def put(self, sequence: int, milliseconds: int, pose: Pose, view: View) -> bool:
        """Write a pose of these performers in the space of a view; whether all bodies are sound.

        Those that are not, as `sound` tells, are not to be sent. The arrays have the shapes that `Pose` promises;
        nothing here checks them.
        """
        positions, root, rotations, _ = pose
        return write_bodies(
            positions, root, NO_TURNS if rotations is None else rotations, sequence, milliseconds,
            view.same, view.order, view.factors, self._places, self._words, self.sound,
        )  # fmt: skip


class Packets:
    """What is prepared for whoever plays.

    Args:
        root: of the addresses.
        joints: J.
        performers: numbers of those who are prepared now.

    Raises:
        WireError: the positions of one do not fit a datagram.
    """

    def __init__(self, root: str, joints: int, performers: Sequence[int]) -> None:
        self._packets = Kept(lambda number: packet(f"{root}/p{number}", joints), performers)
        self._performers = tuple(performers)
        self._cast = Cast([self._packets[number] for number in performers])

    def of(self, performers: tuple[int, ...]) -> Cast:
        """The datagrams of these performers; made anew where they are others than the last time."""
        if performers != self._performers:
            self._cast = Cast([self._packets[number] for number in performers])
            self._performers = performers
        return self._cast


@kernel
def write_bodies(
    positions: F32,
    root: F32,
    rotations: F32,
    sequence: int,
    milliseconds: int,
    same: bool,  # noqa: FBT001 (kernels take no keywords)
    order: I64,
    factors: F32,
    places: I64,
    words: Words,
    sound: Flags,
) -> bool:
    """Write bodies (P, J, 3), (P, 7) and (P, J, 4) as OSC has them.

    Args:
        positions: metres.
        root: place and heading.
        rotations: none where there are none.
        sequence: of the frame.
        milliseconds: likewise.
        same: whether the space is our own.
        order: see `View`.
        factors: see `View`.
        places: (P, PARTS + N) where everything begins in `words`; see `Packet`.
        words: of all datagrams.
        sound: (P,) becomes whether a body is sound, as `Gate` has it.

    Returns:
        Whether all are.
    """
    everybody = True
    floats = words.view(np.float32)
    for row in range(positions.shape[0]):
        for place in places[row, PARTS:]:
            if place != NOWHERE:
                words[place] = turned(sequence & 0xFFFFFFFF)
                words[place + 1] = turned(milliseconds & 0xFFFFFFFF)
        good = write(positions[row], 0, same, order, factors, words, floats, places[row, 0]) < LARGEST
        good = write(root[row : row + 1], 0, same, order, factors, words, floats, places[row, 1]) < LARGEST and good
        if rotations.shape[0] > 0:
            good = write(rotations[row], 3, same, order, factors, words, floats, places[row, 2]) < LARGEST and good
        sound[row] = good
        everybody = everybody and good
    return everybody


@kernel
def write(
    items: F32,
    first: int,
    same: bool,  # noqa: FBT001 (kernels take no keywords)
    order: I64,
    factors: F32,
    words: Words,
    floats: F32,
    start: int,
) -> float:
    """Write points, quaternions or both (N, n), seen in the space of a `View`, into datagrams.

    Args:
        items: of our own space.
        first: place of their first number in a point and a quaternion (7,).
        same: whether the space is our own.
        order: see `View`.
        factors: see `View`.
        words: of the datagrams.
        floats: the same memory.
        start: where in it; `NOWHERE` writes nothing.

    Returns:
        The sum of their squares.
    """
    width, total = items.shape[1], 0.0
    for item in range(items.shape[0]):
        for axis in range(width):
            value = items[item, order[first + axis] - first]
            total += float(value) * float(value)
            if start != NOWHERE:
                place = start + item * width + axis
                floats[place] = value if same else value * factors[first + axis] + np.float32(0.0)
                words[place] = turned(words[place])
    return total


@kernel
def turned(word: int) -> int:
    """A number's four bytes (uint32) as OSC has them."""
    if not SWAPPED:
        return word
    return (word >> 24) | ((word >> 8) & 0xFF00) | ((word << 8) & 0xFF0000) | ((word << 24) & 0xFF000000)
