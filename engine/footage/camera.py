"""Cameras of this machine, by PyAV: v4l2 on Linux, AVFoundation on macOS, DirectShow on Windows."""

import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import av

from engine.footage.video import BROKEN, grey
from engine.schema.errors import ConfigError
from engine.schema.frame import U8

AGAIN = 1.0
"""Seconds between two tries to open a camera that is gone."""

OPENING, READING = 5.0, 2.0
"""Seconds that a camera has to open, and to give a picture."""

SOON = 0.005
"""Seconds after which a camera is asked again that has no picture yet, as AVFoundation's does not wait."""

PATIENCE = READING + 0.5
"""Seconds that the thread has to end after it was asked."""

SYSTEM = Path("/sys/class/video4linux")
"""Where Linux says which cameras there are."""


class Device(NamedTuple):
    """A camera as FFmpeg opens it.

    Attributes:
        label: for a person to read.
        format: of FFmpeg.
        address: within the format.
        options: of the format.
    """

    label: str
    format: str
    address: str
    options: Mapping[str, str] = {}


class CameraFeed:
    """A `Feed` of the newest picture; None while there is none, as before the first one and while it is unplugged.

    Args:
        device: the camera.
        prepare: makes of each picture what is given.
        say: tells a person, once each time, that it is gone and that it is back.
    """

    def __init__(self, device: Device, prepare: Callable[[U8], U8], say: Callable[[str], None]) -> None:
        self.place = device.label
        self._device, self._prepare, self._say = device, prepare, say
        self._newest: U8 | None = None
        self._failure: Exception | None = None
        self._stop, self._ready = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._read, name="camera", daemon=True)

    def start(self) -> None:
        """Read, and come back when the first picture is there.

        Raises:
            ConfigError: there is no such camera, or it gives no pictures.
            EngineError: its pictures cannot be prepared as asked.
        """
        self._thread.start()
        self._ready.wait(OPENING + READING)
        failure = self._failure
        if failure is None and self._newest is not None:
            return
        self.close()
        if isinstance(failure, BROKEN) or failure is None:
            raise ConfigError(self.place, _why(failure), "a camera that gives pictures") from failure
        raise failure

    def take(self, frame: int) -> U8 | None:  # noqa: ARG002 (a camera has no beginning from which to count)
        """As `Feed` has it."""
        return self._newest

    def close(self) -> None:
        """Stop reading; harmless twice."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)

    def _read(self) -> None:
        gone = False
        while not self._stop.is_set():
            failure: Exception | None = None
            try:
                for picture in _pictures(self._device, self._stop):
                    self._newest = self._prepare(picture)
                    self._ready.set()
                    if gone:
                        self._say(f"{self.place} is back")
                    gone = False
            except Exception as error:  # noqa: BLE001 (the first one is raised by `start`, later ones are told)
                failure = error
            self._newest = None
            if not self._ready.is_set():
                self._failure = failure
                self._ready.set()
                return
            if not gone and not self._stop.is_set():
                self._say(f"{self.place} gives no pictures ({_why(failure)}); it is tried again until it does")
            gone = True
            self._stop.wait(AGAIN)


def find(name: str, platform: str = sys.platform) -> Device:
    """The camera of a name, a part of one or a number; the first one without.

    Raises:
        ConfigError: there is none.
    """
    if platform == "darwin":
        return Device(f"camera {name or 0}", "avfoundation", f"{name or 0}:none", {"framerate": "30"})
    if platform == "win32":
        return Device(f"camera {name or _first()}", "dshow", f"video={name or _first()}")
    return _linux(name, SYSTEM)


def _linux(name: str, system: Path) -> Device:
    if name.startswith("/dev/"):
        return Device(f"camera {name}", "v4l2", name)
    found = {int(re.sub(r"\D", "", entry.name) or 0): _called(entry) for entry in system.glob("video[0-9]*")}
    numbers = [
        number
        for number, called in sorted(found.items())
        if not name or (number == int(name) if name.isdecimal() else name.lower() in called.lower())
    ]
    if not numbers:
        there = ", ".join(f"{called} ({number})" for number, called in sorted(found.items()))
        raise ConfigError(
            f"camera:{name}" if name else "camera", "no such camera", "one that is there", there or "none"
        )
    number = numbers[0]
    return Device(f"camera {found[number]} (/dev/video{number})", "v4l2", f"/dev/video{number}")


def _called(entry: Path) -> str:
    try:
        return (entry / "name").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return entry.name


def _first() -> str:
    """The name of the first camera of Windows.

    Raises:
        ConfigError: none, or this PyAV cannot tell.
    """
    try:
        names = [one.description or one.name for one in av.device.enumerate_input_devices("dshow")]
    except (AttributeError, *BROKEN):
        names = []
    if not names:
        raise ConfigError("camera", "none that names itself", "camera:NAME")
    return str(names[0])


def _pictures(device: Device, stop: threading.Event) -> Iterator[U8]:
    """The pictures of a camera until it is gone, or until one is asked to stop."""
    timeout = (OPENING, READING)
    with av.open(device.address, format=device.format, options=dict(device.options), timeout=timeout) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1  # the other cores are the show's
        while not stop.is_set():
            try:
                for frame in container.decode(stream):
                    yield grey(frame)
                    if stop.is_set():
                        return
            except BlockingIOError:
                stop.wait(SOON)
            else:
                return


def _why(failure: Exception | None) -> str:
    """Why there are no pictures, in a few words."""
    if failure is None:
        return "no pictures"
    return str(getattr(failure, "strerror", None) or failure)
