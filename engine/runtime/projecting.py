"""Pictures that come with the frames, and are shown at their deadlines."""

from typing import Protocol

from engine.schema.frame import Frame, Image


class Shows(Protocol):
    """What shows pictures; nothing that happens to it is raised here."""

    def show(self, image: Image, sequence: int, milliseconds: int) -> None:
        """Show a picture, whose arrays live until the next one."""
        ...


class Projecting:
    """Shows what is in the frames; in the frame thread.

    Args:
        screens: where.

    Attributes:
        shown: pictures that were shown.
    """

    def __init__(self, screens: Shows) -> None:
        self._screens = screens
        self._frame: Frame | None = None
        self.shown = 0

    def frame(self, frame: Frame, *, hold: bool) -> Frame:  # noqa: ARG002 (a frame that is held has its picture)
        """The frame as it is."""
        self._frame = frame
        return frame

    def show(self) -> None:
        """Show the picture of the last frame; at its deadline."""
        frame = self._frame
        if frame is not None and frame.image is not None:
            self._screens.show(frame.image, frame.sequence, frame.milliseconds)
            self.shown += 1
