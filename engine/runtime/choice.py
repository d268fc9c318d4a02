"""The performers of a frame that one receiver gets."""

from collections.abc import Collection

import numpy as np

from engine.schema.frame import F32, Body, Frame, Pose

Rows = slice | list[int]


class Choice:
    """Frames with some of their performers alone; what that takes is made where those who play change.

    Args:
        wanted: numbers of performers; none: all of them.
    """

    def __init__(self, wanted: Collection[int]) -> None:
        self._wanted = frozenset(wanted)
        self._among: tuple[int, ...] = ()
        self._performers: tuple[int, ...] = ()
        self._rows: Rows = slice(0, 0)
        self._rooms: dict[str, F32] = {}

    def has(self, number: int) -> bool:
        """Whether a performer is one of them."""
        return not self._wanted or number in self._wanted

    def of(self, frame: Frame) -> Frame:
        """The frame with these performers alone, in arrays that the next call or the frame's own maker overwrites."""
        if not self._wanted:
            return frame
        if frame.performers != self._among:
            self._choose(frame.performers)
        if len(self._performers) == len(frame.performers):
            return frame
        positions, root, rotations, body = frame.pose
        pose = Pose(
            self._part("positions", positions),
            self._part("root", root),
            None if rotations is None else self._part("rotations", rotations),
            None if body is None else Body(self._part("joints", body.joints), self._part("bones", body.bones)),
        )
        rows = range(len(frame.performers))[self._rows] if isinstance(self._rows, slice) else self._rows
        quality = tuple([frame.quality[row] for row in rows])
        path = None if frame.path is None else self._part("path", frame.path)
        signals = frame.signals
        if signals:
            signals = tuple([signal for signal in signals if signal.performer == 0 or self.has(signal.performer)])
        return frame._replace(pose=pose, quality=quality, performers=self._performers, path=path, signals=signals)

    def _choose(self, performers: tuple[int, ...]) -> None:
        """Find those who are wanted; neighbours are a part of the frame's arrays, and need not be copied."""
        rows = [row for row, number in enumerate(performers) if self.has(number)]
        self._among, self._performers = performers, tuple(performers[row] for row in rows)
        self._rooms.clear()
        near = not rows or rows[-1] - rows[0] == len(rows) - 1
        self._rows = slice(rows[0], rows[-1] + 1) if rows and near else slice(0, 0) if near else rows

    def _part(self, name: str, part: F32) -> F32:
        """What these performers have of one of the arrays of a pose."""
        if isinstance(self._rows, slice):
            return part[self._rows]
        room = self._rooms.get(name)
        if room is None or room.shape[1:] != part.shape[1:]:
            room = self._rooms[name] = np.zeros((len(self._rows), *part.shape[1:]), np.float32)
        for to, row in enumerate(self._rows):
            room[to] = part[row]
        return room
