"""The straight way between the points of a map that performers' memories stood at in two frames of a model."""

import numpy as np

from engine.kept import Kept
from engine.kernel import kernel
from engine.schema.frame import F32, Frame

Rooms = Kept[tuple[F32, ...]]


class Line:
    """Finds points between two frames, in step with the bodies that are shown between them."""

    def __init__(self) -> None:
        nowhere: F32 = np.zeros((0, 2), np.float32)
        go_straight(nowhere, nowhere, 0.5, nowhere)  # compiled now: a show would stop for it
        self._kinds: dict[int, Rooms] = {}

    def between(self, here: Frame, there: Frame, performers: tuple[int, ...], share: float) -> F32 | None:
        """Points (P, D) of performers who are in both frames, at `share` (0-1) of the way; None where there are none.

        The array is overwritten by the next call.
        """
        if here.path is None or there.path is None:
            return None
        found, other = self._rooms(here.path.shape[1])[len(performers)]
        _take(here.path, here.performers, performers, found)
        _take(there.path, there.performers, performers, other)
        go_straight(found, other, share, found)
        return found

    def _rooms(self, dims: int) -> Rooms:
        if dims not in self._kinds:
            self._kinds[dims] = Kept(lambda count: tuple(np.zeros((2, count, dims), np.float32)))
        return self._kinds[dims]


def _take(points: F32, among: tuple[int, ...], performers: tuple[int, ...], out: F32) -> None:
    """Write the points of some performers."""
    if among == performers:
        np.copyto(out, points)
        return
    for row, number in enumerate(performers):
        out[row] = points[among.index(number)]


@kernel
def go_straight(start: F32, end: F32, share: float, out: F32) -> None:
    """Write what lies at `share` of the way between points (N, D); `out` may be one of them."""
    for row in range(start.shape[0]):
        for axis in range(start.shape[1]):
            out[row, axis] = start[row, axis] + (end[row, axis] - start[row, axis]) * np.float32(share)
