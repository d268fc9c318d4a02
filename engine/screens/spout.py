"""Pictures to other programs of a Windows machine by Spout, as a texture: TouchDesigner, Resolume, OBS, Unity."""

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from engine import imagery
from engine.schema import show
from engine.schema.errors import DeviceError
from engine.schema.model import Size

if TYPE_CHECKING:
    import PIL.Image


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of Spout: what can be asked of every screen."""

    named = True


class Texture:
    """What a Spout receiver sees.

    Args:
        name: of the sender.
        spout: the module `SpoutGL`.
        enums: the module `SpoutGL.enums`.
    """

    def __init__(self, name: str, *, spout: ModuleType, enums: ModuleType) -> None:
        self._name, self._format = name, enums.GL_RGBA
        self._sender = spout.SpoutSender()
        self._sender.setSenderName(name)

    def show(self, picture: "PIL.Image.Image") -> None:
        """Send a picture.

        Raises:
            DeviceError: the graphics card does not take it.
        """
        pixels = picture.convert("RGBA").tobytes()
        if not self._sender.sendImage(pixels, picture.width, picture.height, self._format, False, 0):
            raise DeviceError(
                self._name, "Spout does not take the picture", "a graphics card with OpenGL and DirectX 11"
            )
        self._sender.setFrameSync(self._name)

    def close(self) -> None:
        """Be gone."""
        self._sender.releaseSender()


def create(
    screen: show.Screen,
    size: Size,
    *,
    fps: float,  # noqa: ARG001 (pictures leave as they come)
    name: str,  # noqa: ARG001 (the sender has one of its own)
    say: Callable[[str], object],
) -> imagery.Screen:
    """A Spout sender.

    Raises:
        ConfigError: this is not Windows, SpoutGL is not installed, or the pictures would be too large.
    """
    from engine.images.look import look
    from engine.screens._packages import bring
    from engine.screens._worker import Worker

    spout, enums = (
        bring(module, str(screen), extra="spout", system="win32") for module in ("SpoutGL", "SpoutGL.enums")
    )

    def make() -> Texture:
        return Texture(screen.host, spout=spout, enums=enums)

    place = f"Spout sender '{screen.host}'"
    return Worker(str(screen), place, size=size, look=look(screen, size), make=make, say=say)
