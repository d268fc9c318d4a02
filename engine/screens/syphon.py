"""Pictures to other programs of a Mac by Syphon, as a texture: TouchDesigner, VDMX, MadMapper, Resolume, OBS."""

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from engine import imagery
from engine.schema import show
from engine.schema.model import Size

if TYPE_CHECKING:
    import PIL.Image


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of Syphon: what can be asked of every screen."""

    named = True


class Texture:
    """What a Syphon client sees.

    Args:
        name: of the server.
        size: of the pictures.
        syphon: the module `syphon`.
        raw: the module `syphon.utils.raw`.
        arrays: the module `syphon.utils.numpy`.
    """

    def __init__(self, name: str, size: Size, *, syphon: ModuleType, raw: ModuleType, arrays: ModuleType) -> None:
        self._arrays, self._server = arrays, syphon.SyphonMetalServer(name)
        self._texture = raw.create_mtl_texture(self._server.device, size.width, size.height)

    def show(self, picture: "PIL.Image.Image") -> None:
        """Send a picture."""
        self._arrays.copy_image_to_mtl_texture(np.asarray(picture.convert("RGBA")), self._texture)
        self._server.publish_frame_texture(self._texture, is_flipped=True)  # our first row is the top one

    def close(self) -> None:
        """Be gone."""
        self._server.stop()


def create(
    screen: show.Screen,
    size: Size,
    *,
    fps: float,  # noqa: ARG001 (pictures leave as they come)
    name: str,  # noqa: ARG001 (the server has one of its own)
    say: Callable[[str], object],
) -> imagery.Screen:
    """A Syphon server.

    Raises:
        ConfigError: this is not macOS, syphon-python is not installed, or the pictures would be too large.
    """
    from engine.images.look import look
    from engine.screens._packages import bring
    from engine.screens._worker import Worker

    syphon, raw, arrays = (
        bring(module, str(screen), extra="syphon", system="darwin")
        for module in ("syphon", "syphon.utils.raw", "syphon.utils.numpy")
    )
    shown = look(screen, size)

    def make() -> Texture:
        return Texture(screen.host, shown.size, syphon=syphon, raw=raw, arrays=arrays)

    return Worker(str(screen), f"Syphon server '{screen.host}'", size=size, look=shown, make=make, say=say)
