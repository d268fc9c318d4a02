"""What a frame of an act of pictures takes: step, decoding, bodies drawn, and what the screens take of it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np

from engine import bundled
from engine.bench.results import Pictured
from engine.bench.step import HOT
from engine.bench.times import Times
from engine.bench.turns import alone, regularly
from engine.image_act import ImageAct
from engine.images.raster import Raster
from engine.inference.vet import load
from engine.motion.core20 import CORE20
from engine.open_images import open_images
from engine.open_screens import Screens, open_screens
from engine.runtime.bodiless import NOBODY
from engine.runtime.painting import Painting
from engine.runtime.realtime import apart, undisturbed
from engine.schema.frame import F32, U8, Frame, Pose
from engine.schema.model import Size
from engine.schema.show import Screen

FPS = 30.0

PACES = (HOT, f"{FPS:g}")

SETTLING = 10
"""Frames at the beginning that do not count."""

READER = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as stream:
    while stream.read(65536):
        pass
"""
"""A program that reads a stream and throws it away."""


def models(named: Sequence[str] = ()) -> list[Path]:
    """Those of the named files that make pictures; else the bundled models that do."""
    paths = [Path(name) for name in named if Path(name).is_file()] or sorted(bundled.MODELS.glob("*.onnx"))
    return [path for path in paths if load(path).spec.image is not None]


def measure(paths: Sequence[Path], seconds: float) -> Iterator[Pictured]:
    """Rows for each model: left to itself, and given the bodies of the show where it takes pictures."""
    for path in paths:
        for bodies in (False, True):
            with ExitStack() as opened:
                act = open_images(load(path), device="cpu", seed=1, fps=FPS)
                opened.callback(act.close)
                if bodies and not act.takes:
                    continue
                screens = _screens(act.size, opened)
                for pace in PACES:
                    taken = _taken(act, screens, pace, seconds, bodies=bodies)
                    times = Times.of(taken[SETTLING:] or taken)
                    yield Pictured(
                        model=path.stem,
                        size=f"{act.size.width} x {act.size.height}",
                        given="bodies" if bodies else "nothing",
                        pace=pace,
                        median_us=times.p50,
                        p99_us=times.p99,
                        frames=len(taken),
                    )


def _taken(act: ImageAct, screens: Screens, pace: str, seconds: float, *, bodies: bool) -> list[int]:
    """Nanoseconds of each frame, with its picture handed to the screens."""
    figure = _Figure(act.size)
    painting = Painting(act, screens, given=figure.draw) if bodies else Painting(act, screens)
    moments = cycle([Frame(at, 33 * at, pose, (), ()) for at, pose in enumerate(_poses() if bodies else [NOBODY])])

    def turn() -> None:
        painting.frame(next(moments), hold=False)
        painting.show()

    with undisturbed():
        return alone(turn, seconds) if pace == HOT else apart(partial(regularly, turn, seconds + SETTLING / FPS, FPS))


class _Figure:
    """A dancer as a silhouette."""

    def __init__(self, size: Size) -> None:
        self._raster = Raster(CORE20, size)
        self._pixels: U8 = np.zeros((size.height, size.width), np.uint8)

    def draw(self, frame: Frame, _number: int) -> U8:
        """The bodies of a frame."""
        self._raster.draw(frame.pose.positions, self._pixels)
        return self._pixels


def _poses() -> list[Pose]:
    """A dancer of the bundled dance, from a stored moment."""
    clip: F32 = load(bundled.MODELS / "dance.onnx").arrays["primes"][0].astype(np.float32)
    return [Pose(positions[None], np.zeros((1, 7), np.float32)) for positions in clip]


def _screens(size: Size, opened: ExitStack) -> Screens:
    """A stream with somebody who reads it, and shared memory."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    asked = (Screen(kind="mjpeg", port=port), Screen(kind="shm", host=f"bench-{os.getpid()}"))
    made = open_screens(asked, size, fps=FPS, name="bench", say=_quiet, opened=opened)
    address = f"http://127.0.0.1:{port}/stream.mjpg"
    reader = opened.enter_context(
        subprocess.Popen([sys.executable, "-c", READER, address], stderr=subprocess.DEVNULL)  # noqa: S603 (ours)
    )
    opened.callback(reader.kill)
    return made


def _quiet(_line: str) -> None:
    """Nobody wants to hear it."""
