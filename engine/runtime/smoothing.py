"""The filter on all that a stream shows, turned up and down while the show plays."""

from engine.motion.one_euro import OneEuro
from engine.schema.frame import Frame
from engine.schema.skeleton import Skeleton

BETA = 1.0
"""Hertz for each metre per second."""

OPEN = 100.0
"""Hertz at which hardly anything is held back any more: a frame at 30 fps shows 95 % of the way."""

OCTAVES = 8.0
"""By how many the cutoff rises in a second at most: what the filter still holds back, 8 cm at 1 Hz and 1 m/s, is then
not seen as a jump."""


class Smoothing:
    """A One-Euro filter whose cutoff may change with any frame; lower at once, higher within a second.

    Args:
        skeleton: of the bodies.
        fps: frames per second.
    """

    def __init__(self, skeleton: Skeleton, fps: float) -> None:
        self._filter = OneEuro(skeleton, fps=fps, cutoff=OPEN, beta=BETA)
        self._rise = 2.0 ** (OCTAVES / fps)
        self._cutoff = OPEN

    def restart(self) -> None:
        """Take everybody as they come in the next frame."""
        self._cutoff = OPEN

    def apply(self, frame: Frame, cutoff: float) -> Frame:
        """The frame, filtered at `cutoff` hertz, 0 for not at all; its arrays are overwritten by the next call."""
        if self._cutoff >= OPEN:
            if cutoff == 0:
                return frame
            self._filter.forget()
            self._cutoff = cutoff
        self._cutoff = min(cutoff or OPEN, self._cutoff * self._rise)
        self._filter.tune(self._cutoff)
        self._filter.watch(frame)
        return self._filter.smooth(frame)
