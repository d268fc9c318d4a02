"""What waits to be written to a take: put there by the threads of a show, taken by the one that writes."""

import math
from collections import deque
from typing import NamedTuple

from engine.schema.model import Size
from engine.takes.values import Asked, Entry, Reported, Struck

MOST = 32_768
"""Other records than frames that wait at most: 2 s of 256 performers whose knobs move would be as many."""


MOST_BYTES = 64 << 20
"""Of pictures that are held at a time: 2 s of 60 a second may have 750 x 750 pixels; of larger ones fewer are held."""


def room(seconds: float, fps: float, size: Size | None) -> int:
    """Frames that last for so long, or as many as pictures of this size leave room for; two or more."""
    most = math.inf if size is None else MOST_BYTES // (size.height * size.width)
    return int(max(min(round(seconds * fps), most), 2))


class Shot(NamedTuple):
    """A frame that was sent.

    Attributes:
        run: how often recording had begun, this time included.
        at: nanoseconds since the show began.
        sequence: its number.
        data: its bytes, without their CRC.
    """

    run: int
    at: int
    sequence: int
    data: bytes


class Line(NamedTuple):
    """Something else.

    Attributes:
        at: nanoseconds since the show began.
        sequence: number of the frame that shows it first.
        record: what happened.
        place: of an entry, in the journal; else -1.
    """

    at: int
    sequence: int
    record: Struck | Asked | Entry | Reported
    place: int = -1


class Reel:
    """Frames and what else is recorded, for one thread that writes; neither side ever waits.

    Args:
        frames: that wait at most; one more drops the oldest.

    Attributes:
        shots: frames that wait; the frame thread alone adds.
        lines: what else does; any thread adds.
        dropped: frames that were dropped, or that nobody could write.
        torn: whether something else than a frame was dropped, such as a line of the journal.
    """

    def __init__(self, frames: int) -> None:
        self.shots: deque[Shot] = deque()
        self.lines: deque[Line] = deque()
        self.dropped = 0
        self.torn = False
        self._frames = frames

    def add(self, shot: Shot) -> None:
        """Have a frame written; in the frame thread."""
        if len(self.shots) >= self._frames:
            self.dropped += self.take() is not None
        self.shots.append(shot)

    def tell(self, line: Line) -> None:
        """Have something else written."""
        if len(self.lines) >= MOST:
            self.torn = True
        else:
            self.lines.append(line)

    def take(self) -> Shot | None:
        """The oldest frame, if any; the frame thread may take it too, to drop it."""
        try:
            return self.shots.popleft()
        except IndexError:
            return None

    def clear(self) -> None:
        """Drop what waits."""
        self.lines.clear()
        while self.take() is not None:
            self.dropped += 1
