"""Stand-ins for packages that this machine may not have, with the calls of the real ones that the screens make.

They are written after the packages themselves: cyndilib 0.1.3, SpoutGL 0.1.1, syphon-python 0.1.1, pyvirtualcam 0.15.0.
What they show that these do not, such as a graphics card that is missing, stays unknown here.
"""

import enum
import sys
import types
from fractions import Fraction
from typing import Any

import numpy as np
import pytest


class Heard:
    """What the stand-ins were given: shape and pixels of each picture, and what else was said."""

    def __init__(self) -> None:
        self.pictures: list[np.ndarray] = []
        self.said: list[Any] = []
        self.trouble: Exception | None = None
        self.refuses = False


def install(monkeypatch: pytest.MonkeyPatch, modules: dict[str, dict[str, Any]], system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for name, content in modules.items():
        module = types.ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)


def cyndilib(monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    class FourCC(enum.IntEnum):
        RGBX = 1480738642

    class VideoSendFrame:
        def set_resolution(self, xres: int, yres: int) -> None:
            self.shape = (yres, xres, 4)

        def set_frame_rate(self, value: Fraction) -> None:
            heard.said.append(value)

        def set_fourcc(self, value: FourCC) -> None:
            assert value is FourCC.RGBX

    class Sender:
        def __init__(self, ndi_name: str, ndi_groups: str = "", *, clock_video: bool = True) -> None:
            heard.said.append((ndi_name, ndi_groups, clock_video))

        def set_video_frame(self, vf: VideoSendFrame) -> None:
            self.frame = vf

        def open(self) -> None:
            heard.said.append("open")

        def write_video(self, data: bytearray) -> bool:
            flat = memoryview(data)
            assert not flat.readonly  # as the real one's `cnp.uint8_t[:]` demands
            if heard.trouble is not None:
                raise heard.trouble
            heard.pictures.append(np.frombuffer(flat, np.uint8).reshape(self.frame.shape)[..., :3].copy())
            return True

        def close(self) -> None:
            heard.said.append("close")

    modules: dict[str, dict[str, Any]] = {
        "cyndilib": {},
        "cyndilib.sender": {"Sender": Sender},
        "cyndilib.video_frame": {"VideoSendFrame": VideoSendFrame},
        "cyndilib.wrapper": {},
        "cyndilib.wrapper.ndi_structs": {"FourCC": FourCC},
    }
    install(monkeypatch, modules, sys.platform)


def spout(monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    class SpoutSender:
        def setSenderName(self, name: str) -> None:  # noqa: N802 (its own name)
            heard.said.append(name)

        def sendImage(self, data: bytes, width: int, height: int, kind: int, invert: bool, host: int) -> bool:  # noqa: FBT001, N802
            assert (kind, invert, host) == (0x1908, False, 0)
            if heard.trouble is not None:
                raise heard.trouble
            if not heard.refuses:
                heard.pictures.append(np.frombuffer(data, np.uint8).reshape(height, width, 4)[..., :3])
            return not heard.refuses

        def setFrameSync(self, name: str) -> None:  # noqa: N802
            heard.said.append(name)

        def releaseSender(self) -> None:  # noqa: N802
            heard.said.append("close")

    modules: dict[str, dict[str, Any]] = {"SpoutGL": {"SpoutSender": SpoutSender}, "SpoutGL.enums": {"GL_RGBA": 0x1908}}
    install(monkeypatch, modules, "win32")


def syphon(monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    class SyphonMetalServer:
        def __init__(self, name: str) -> None:
            self.device = "a device"
            heard.said.append(name)

        def publish_frame_texture(self, texture: list[np.ndarray], *, is_flipped: bool = False) -> None:
            assert is_flipped  # else it is upside down, as its own example with a video shows
            if heard.trouble is not None:
                raise heard.trouble
            heard.pictures.append(texture[0][..., :3])

        def stop(self) -> None:
            heard.said.append("close")

    def create_mtl_texture(device: str, width: int, height: int) -> list[np.ndarray]:
        assert device == "a device"
        return [np.zeros((height, width, 4), np.uint8)]

    def copy_image_to_mtl_texture(image: np.ndarray, texture: list[np.ndarray]) -> None:
        assert image.shape == texture[0].shape
        texture[0] = image.copy()

    modules: dict[str, dict[str, Any]] = {
        "syphon": {"SyphonMetalServer": SyphonMetalServer},
        "syphon.utils": {},
        "syphon.utils.raw": {"create_mtl_texture": create_mtl_texture},
        "syphon.utils.numpy": {"copy_image_to_mtl_texture": copy_image_to_mtl_texture},
    }
    install(monkeypatch, modules, "darwin")


def pyvirtualcam(monkeypatch: pytest.MonkeyPatch, heard: Heard) -> None:
    class PixelFormat(enum.Enum):
        RGB = "raw "

    class Camera:
        def __init__(self, width: int, height: int, fps: float, *, fmt: PixelFormat, device: str, backend: str) -> None:
            assert (fmt, backend) == (PixelFormat.RGB, "v4l2loopback")
            if heard.refuses:
                raise RuntimeError(f"'v4l2loopback' backend: Device {device} does not exist.")
            self.shape = (height, width, 3)
            heard.said += [device, fps]

        def send(self, frame: np.ndarray) -> None:
            assert frame.shape == self.shape
            assert frame.dtype == np.uint8
            if heard.trouble is not None:
                raise heard.trouble
            heard.pictures.append(frame.copy())

        def close(self) -> None:
            heard.said.append("close")

    install(monkeypatch, {"pyvirtualcam": {"Camera": Camera, "PixelFormat": PixelFormat}}, "linux")


INSTALL = {"ndi": cyndilib, "spout": spout, "syphon": syphon, "v4l2": pyvirtualcam}
"""By the kind of screen that needs it."""
