"""Puppets with a memory that is somewhere on a map."""

import numpy as np
from runtime.rig import START, Puppet

from engine.runtime.clock import VirtualClock
from engine.schema.frame import F32, Frame

STEP = 0.01
"""By which each point moves along the first axis with each frame."""


def point(number: int, count: float, dims: int = 2) -> F32:
    """Where performer `number` is after `count` frames."""
    return np.array([STEP * count, number / 10, 0.5][:dims], np.float32)


class Mapped(Puppet):
    """Sways, and moves on a map of `dims` axes, of which there is none if it is 0."""

    def __init__(self, *performers: int, dims: int = 2) -> None:
        super().__init__(VirtualClock(START), performers=performers or (1,))
        self.dims = dims

    def tick(self) -> Frame:
        count, frame = self._count, super().tick()
        points = [point(number, count, self.dims) for number in frame.performers]
        path = np.array(points, np.float32).reshape(-1, self.dims) if self.dims else None
        self.frames[-1] = frame = frame._replace(path=path)
        return frame
