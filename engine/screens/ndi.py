"""Pictures to the network by NDI, found by its name in media servers, mixers and OBS.

NDI tells the whole network of itself, and whoever is there may look.
"""

from collections.abc import Callable
from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING

from engine import imagery
from engine.schema import show
from engine.schema.model import Size

if TYPE_CHECKING:
    import PIL.Image

SMOOTHEST = 1001
"""Largest denominator of a rate: that of 30000/1001, which televisions know."""


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of NDI: what can be asked of every screen."""

    named = True


class Source:
    """What an NDI receiver sees.

    Args:
        name: of the source.
        size: of the pictures.
        fps: pictures per second, which receivers are told.
        sender: the module `cyndilib.sender`.
        frames: the module `cyndilib.video_frame`.
        structs: the module `cyndilib.wrapper.ndi_structs`.
    """

    def __init__(
        self, name: str, size: Size, fps: float, *, sender: ModuleType, frames: ModuleType, structs: ModuleType
    ) -> None:
        frame = frames.VideoSendFrame()
        frame.set_resolution(size.width, size.height)
        frame.set_frame_rate(Fraction(fps).limit_denominator(SMOOTHEST))
        frame.set_fourcc(structs.FourCC.RGBX)
        self._sender = sender.Sender(name, clock_video=False)  # the show has a clock of its own
        self._sender.set_video_frame(frame)
        self._sender.open()

    def show(self, picture: "PIL.Image.Image") -> None:
        """Send a picture."""
        self._sender.write_video(bytearray(picture.convert("RGBA").tobytes()))

    def close(self) -> None:
        """Be gone from the network."""
        self._sender.close()


def create(
    screen: show.Screen,
    size: Size,
    *,
    fps: float,
    name: str,  # noqa: ARG001 (the source has one of its own)
    say: Callable[[str], object],
) -> imagery.Screen:
    """An NDI source.

    Raises:
        ConfigError: cyndilib is not installed, or the pictures would be too large.
    """
    from engine.images.look import look
    from engine.screens._packages import bring
    from engine.screens._worker import Worker

    sender, frames, structs = (
        bring(f"cyndilib.{module}", str(screen), extra="ndi")
        for module in ("sender", "video_frame", "wrapper.ndi_structs")
    )
    shown = look(screen, size)

    def make() -> Source:
        return Source(screen.host, shown.size, fps, sender=sender, frames=frames, structs=structs)

    return Worker(str(screen), f"NDI source '{screen.host}'", size=size, look=shown, make=make, say=say)
