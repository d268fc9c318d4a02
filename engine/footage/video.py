"""Films in a file, by PyAV, the only module beside `camera` that imports it."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.stream import Disposition

from engine.footage.footage import Footage, Shot, check_pixels
from engine.schema.errors import DataError
from engine.schema.frame import U8

BROKEN = (av.FFmpegError, OSError, ValueError, MemoryError)
"""What PyAV raises over files that are damaged or foreign."""

LONGEST = 60.0
"""Seconds that a picture stands at most: a file with a broken time must not stop the show."""


def read(path: Path) -> Footage:
    """A film; its first picture is read to see whether there is one.

    Raises:
        DataError: no film, no pictures in it, or pictures that are too large.
    """

    def shots() -> Iterator[Shot]:
        with _opened(path) as (container, stream):
            yield from _shots(container, stream)

    with _opened(path) as (container, stream):
        rate = stream.average_rate or stream.guessed_rate
        count = stream.frames or None
        first = next(_shots(container, stream), None)
    if first is None:
        raise DataError(str(path), "a film without pictures", "at least one")
    rows, columns = first.pixels.shape
    return Footage(str(path), (rows, columns), float(rate) if rate else None, count, shots)


def grey(frame: Any) -> U8:  # noqa: ANN401 (PyAV's)
    """Brightness (H, W) of a frame of PyAV, in full range and upright."""
    pixels = frame.to_ndarray(format="gray")
    turns = round(getattr(frame, "rotation", 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns), np.uint8)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """A file and the stream of its pictures; a cover of a song is none."""
    try:
        # A path is no address, and a list of other files may name none that lies elsewhere.
        with av.open(f"file:{path}", options={"protocol_whitelist": "file"}) as container:
            moving = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
            if not moving:
                raise DataError(str(path), "no pictures in it", "a film")
            stream = moving[0]
            check_pixels(str(path), stream.height, stream.width)
            stream.thread_count = 1  # the other cores are the show's
            yield container, stream
    except BROKEN as error:
        found = (
            "an empty file"
            if path.is_file() and path.stat().st_size == 0
            else getattr(error, "strerror", None) or str(error)
        )
        raise DataError(str(path), found, "a film") from error


def _shots(container: Any, stream: Any) -> Iterator[Shot]:  # noqa: ANN401
    """Each picture with the time until the next one; the last one lasts as the rate says."""
    usual = float(1 / stream.average_rate) if stream.average_rate else 0.04
    before: tuple[float, U8] | None = None
    for frame in container.decode(stream):
        pixels = grey(frame)
        time = cast("float | None", frame.time)
        if before is not None:
            lasts = usual if time is None or not math.isfinite(time) else time - before[0]
            yield Shot(before[1], min(max(lasts, 0.0), LONGEST))
            time = before[0] + usual if time is None else time
        before = (time or 0.0, pixels)
    if before is not None:
        yield Shot(before[1], usual)
