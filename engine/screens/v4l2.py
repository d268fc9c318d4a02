"""Pictures as a camera of a Linux machine, through a device of v4l2loopback: OBS, browsers, video calls, VLC."""

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from engine import imagery
from engine.schema import show
from engine.schema.errors import DeviceError
from engine.schema.model import Size

if TYPE_CHECKING:
    import PIL.Image

HINT = "'sudo modprobe v4l2loopback video_nr=10 exclusive_caps=1' makes /dev/video10"


class Options(show.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be asked of a camera: what can be asked of every screen."""

    named = True


class Camera:
    """What a program that looks at cameras sees.

    Args:
        device: its file.
        size: of the pictures.
        fps: pictures per second, which programs are told.
        package: the module `pyvirtualcam`.

    Raises:
        DeviceError: there is no such device, or it is none of v4l2loopback.
    """

    def __init__(self, device: str, size: Size, fps: float, *, package: ModuleType) -> None:
        try:
            self._camera = package.Camera(
                size.width, size.height, fps, fmt=package.PixelFormat.RGB, device=device, backend="v4l2loopback"
            )
        except RuntimeError as error:
            raise DeviceError(device, str(error), "a device of v4l2loopback", HINT) from error

    def show(self, picture: "PIL.Image.Image") -> None:
        """Send a picture."""
        self._camera.send(np.asarray(picture.convert("RGB")))

    def close(self) -> None:
        """Let go of the device."""
        self._camera.close()


def create(
    screen: show.Screen,
    size: Size,
    *,
    fps: float,
    name: str,  # noqa: ARG001 (the device has a name)
    say: Callable[[str], object],
) -> imagery.Screen:
    """A camera.

    Raises:
        ConfigError: this is not Linux, pyvirtualcam is not installed, or the pictures would be too large.
        DeviceError: as `Camera` says.
    """
    from engine.images.look import look
    from engine.screens._packages import bring
    from engine.screens._worker import Worker

    package = bring("pyvirtualcam", str(screen), extra="v4l2", system="linux")
    shown = look(screen, size)

    def make() -> Camera:
        return Camera(screen.host, shown.size, fps, package=package)

    return Worker(str(screen), f"camera {screen.host}", size=size, look=shown, make=make, say=say)
